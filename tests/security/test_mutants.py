"""At least twenty other ways to write each attack, and each benign query: the verdict stays. A run takes some of each; DATAMIND_MUTANTS=all takes all."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.security.corpus import lines
from tests.security.live import ENGINES, Twins
from tests.security.mutants import HARMLESS, MUTATORS, mutants
from tests.security.own_attacks import OWN
from tests.security.walks import Walks

MOST = 0 if os.environ.get("DATAMIND_MUTANTS") == "all" else 2
MOST_SECONDS = 6.0
OTHERS = {
    ("pg-178", "dollar texts"): "the text that holds a statement is a text again",
    ("pg-178", "escape texts"): "likewise",
    ("ch-304", "exists"): "a star in EXISTS reads no column",
    ("ch-304", "case exists"): "likewise",
}
"""Mutants that are harmless where the attack is not, and why."""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mutant_of_an_attack_is_what_the_attack_is(live: Twins, attacks: Path, engine: str) -> None:
    walks = Walks(live, engine)
    found, counts = [], Counter()
    own = [{"id": f"own-{n}", "dialect": dialect, "sql": sql, "expect": expect} for n, (dialect, expect, sql) in enumerate(OWN)]
    for one in [*lines(attacks / "attacks.jsonl"), *own]:
        if one["dialect"] != engine:
            continue
        for name, mutant in mutants(one["sql"], one["id"], MUTATORS[engine], MOST):
            started = time.monotonic()
            wrong = walks.wrong(mutant, block=one["expect"] == "block", seed=one["sql"])
            wrong = wrong or ("late" if time.monotonic() - started > 2 * MOST_SECONDS else "")
            counts[name] += 1
            found += [(one["id"], name, mutant[:400], wrong)] if wrong and (one["id"], name) not in OTHERS else []
    print(engine, sum(counts.values()), "mutants,", walks.executed, "of them executed")
    assert found == [], "\n".join(map(str, found))


@pytest.mark.parametrize("engine", ENGINES)
def test_our_own_attacks_do_no_more(live: Twins, engine: str) -> None:
    walks = Walks(live, engine)
    told = [(sql, walks.wrong(sql, block=expect == "block", seed=sql)) for dialect, expect, sql in OWN if dialect == engine]
    assert [one for one in told if one[1]] == []


@pytest.mark.parametrize("engine", ENGINES)
def test_every_attack_has_twenty_mutants(attacks: Path, engine: str) -> None:
    few = {
        one["id"]: n
        for one in lines(attacks / "attacks.jsonl")
        if one["dialect"] == engine
        if (n := len([*mutants(one["sql"], one["id"], MUTATORS[engine])])) < 20
    }
    assert few == {}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_mutant_of_a_benign_query_is_answered(live: Twins, attacks: Path, engine: str) -> None:
    walks = Walks(live, engine)
    refused = [
        (one["id"], name, mutant, said)
        for one in lines(attacks / "benign.jsonl")
        if one["dialect"] == engine and "/* nested */" not in one["sql"]
        for name, mutant in mutants(one["sql"], one["id"], HARMLESS, MOST)
        if (said := walks.refused(mutant))
    ]
    assert refused == []
