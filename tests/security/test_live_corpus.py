"""The shared corpus against live gateways, as the policy's analyst over HTTP, on both engines and both twins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.security.corpus import lines
from tests.security.live import ENGINES, Twins


@pytest.mark.parametrize("engine", ENGINES)
def test_no_attack_is_executed_or_tells_anything(live: Twins, attacks: Path, engine: str) -> None:
    found = []
    for one in lines(attacks / "attacks.jsonl"):
        if one["dialect"] != engine:
            continue
        a, b = live.a.sql(one["sql"], engine), live.b.sql(one["sql"], engine)
        if wrong := live.leak(one["sql"], a, b) or (one["expect"] == "block" and live.not_blocked(one["sql"], a)):
            found.append((one["id"], one["sql"][:200], wrong))
    assert found == []


@pytest.mark.parametrize("engine", ENGINES)
def test_every_benign_query_is_answered(live: Twins, attacks: Path, engine: str) -> None:
    refused = []
    for one in lines(attacks / "benign.jsonl"):
        replies = [twin.sql(one["sql"], engine) for twin in (live.a, live.b) if one["dialect"] == engine]
        refused += [(one["id"], reply.status, reply.seen[:300]) for reply in replies if reply.status != 200 or not reply.body["results"]]
        refused += [(one["id"], wrong) for wrong in [live.leak(one["sql"], *replies)] if wrong] if replies else []
    assert refused == []


def test_no_hostile_question_tells_anything(live: Twins, attacks: Path) -> None:
    found = []
    for one in lines(attacks / "nl_attacks.jsonl"):
        for question in one.get("turns") or [one["question"]]:
            replies = [twin.ask(question, one["role"]) for twin in (live.a, live.b)]
            wrong = next(filter(None, (reply.outage for reply in replies)), "") if one["role"] == "admin" else live.leak(question, *replies)
            found += [(one["id"], question, wrong)] if wrong else []
    assert found == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_judge_sees_what_an_admin_sees(live: Twins, engine: str) -> None:
    for sql in ("SELECT ssn FROM users", "SELECT count(*) FROM orders", "SELECT id FROM orders ORDER BY amount"):
        assert live.leak(sql, live.a.sql(sql, engine, "admin"), live.b.sql(sql, engine, "admin"))
        assert live.not_blocked(sql, live.a.sql(sql, engine))
