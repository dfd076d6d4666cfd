"""The shared corpus: no attack is executed, nothing hidden is told, and every benign query is answered, on both engines and both twins."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.ports import Engine
from tests.security.conftest import door
from tests.security.corpus import lines

ENGINES = ("postgres", "clickhouse")


@pytest.mark.parametrize("engine", ENGINES)
def test_an_attack_that_must_be_blocked_is_blocked_before_any_engine_sees_it(attacks: Path, engine: str) -> None:
    analyst = door(attacks, engine)
    told = [
        (one["id"], what)
        for one in lines(attacks / "attacks.jsonl")
        if one["dialect"] == engine and one["expect"] == "block" and (what := _blocked(analyst, one["sql"]))
    ]
    assert told == []


def _blocked(analyst, sql: str) -> str:
    started = time.monotonic()
    try:
        governed = analyst.govern(sql)
    except Exception as error:
        if type(error).__name__ != "UserError":
            return f"{type(error).__name__}: {error}"
        problem = error.problem
        if re.search("did you mean", problem.hint):
            return f"suggests: {problem.hint}"
        return "" if time.monotonic() - started < 2 else "slow"
    return governed.text


@pytest.mark.parametrize("engine", ENGINES)
def test_benign_queries_return_rows_and_attacks_tell_nothing_on_either_twin(
    attacks: Path, engine: str, twins: dict[str, Callable[[str], None]], servers: dict[str, Engine]
) -> None:
    analyst = door(attacks, engine, server=servers[engine])
    canary = re.compile("|".join(json.loads((attacks / "policy.json").read_text())["canary_regex"].values()))
    hostile = [one for one in lines(attacks / "attacks.jsonl") if one["dialect"] == engine]
    seen: dict[str, dict[str, tuple[str, str]]] = {}
    refused = []
    for twin in "ab":
        twins[engine](twin)
        seen[twin] = {one["id"]: analyst.outcome(one["sql"]) for one in hostile}
        for one in lines(attacks / "benign.jsonl"):
            if one["dialect"] == engine:
                kind, what = analyst.outcome(one["sql"])
                if kind != "answer" or what == "[]":
                    refused.append((one["id"], kind, what))
    leaks = [
        (one["id"], seen["a"][one["id"]], seen["b"][one["id"]])
        for one in hostile
        if seen["a"][one["id"]] != seen["b"][one["id"]]
        or any(
            kind == "answer" and canary.search(_without(what, one["sql"])) for kind, what in (seen["a"][one["id"]], seen["b"][one["id"]])
        )
        or (one["expect"] == "block" and seen["a"][one["id"]][0] != "blocked")
    ]
    print(engine, Counter((one["expect"], seen["a"][one["id"]][0]) for one in hostile))
    print([(one["id"], one["sql"][:80], seen["a"][one["id"]][1]) for one in hostile if seen["a"][one["id"]][0] == "failed"])
    for leak in leaks:
        print("LEAK", leak[0], leak[1][1][:150], "///", leak[2][1][:150], leak[1][0])
    assert refused == []
    assert leaks == []


def _without(answer: str, sql: str) -> str:
    """The answer without what the caller sent: a literal of the query's own is no leak."""
    for literal in re.findall(r"'([^']+)'", sql):
        answer = answer.replace(literal, "")
    return answer
