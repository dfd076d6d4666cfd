"""Two hundred and more approved questions: each has its approved answer, in other words too, and no other question's answer changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence

import msgspec
import pytest

from app.language.corrections import Approved, ApprovedPairs
from app.model.answer import Outcome
from app.model.query import SemanticQuery
from app.pipeline.interpret import interpret
from app.pipeline.turn import Turn
from tests.support.demo import TODAY, Demo
from tests.support.golden_questions import Line, read

_METRICS = ("revenue", "orders", "refund rate", "average order value", "sessions", "new customers")
_BY = ("", " by country", " by month", " by channel")
_WHEN = ("", " in April 2026", " last quarter")
_AROUND = (("{}", ""), ("please show me {}", ""), ("{} please", "?"))


def asked(demo: Demo, line: Line, question: str, pairs: ApprovedPairs) -> Turn:
    """The question as an admin asks it, read with these approved pairs."""
    deps, caller = demo.deps, demo.caller()
    moment = msgspec.structs.replace(deps.calendar.moment(deps.clock), today=dt.date.fromisoformat(line["today"]))
    stage = dataclasses.replace(deps.stage, corrections=lambda: pairs, akin=None)
    return interpret(Turn("qry_1", caller.principal, moment, deps.serving.view(caller.principal), question=question), stage)


def meaning(turn: Turn) -> tuple[Outcome | None, SemanticQuery | None]:
    """What must not change, the words for a period aside."""
    query = turn.query
    if query is not None and query.time is not None:
        query = msgspec.structs.replace(query, time=msgspec.structs.replace(query.time, phrase=""))
    return turn.reading.outcome if turn.reading else None, query


@pytest.fixture(scope="module")
def lines() -> Sequence[Line]:
    made = [f"{metric}{by}{when}" for metric in _METRICS for by in _BY for when in _WHEN]
    more = [{"id": f"made-{at}", "question": text, "today": TODAY, "kind": "answerable"} for at, text in enumerate(made)]
    return [*(line for line in read("demo") if not line["context"]), *more]


@pytest.fixture(scope="module")
def before(demo: Demo, lines: Sequence[Line]) -> Mapping[str, Turn]:
    return {line["id"]: asked(demo, line, line["question"], ApprovedPairs()) for line in lines}


@pytest.fixture(scope="module")
def pairs(lines: Sequence[Line], before: Mapping[str, Turn]) -> ApprovedPairs:
    """Every golden question that is answered, approved with its query: the gate would let all of them pass."""
    found = [
        Approved(f"apr_{line['id']}", line["question"], turn.query, dt.date.fromisoformat(line["today"]))
        for line in lines
        if (turn := before[line["id"]]).query is not None and line["kind"] == "answerable"
    ]
    assert len(found) >= 200
    return ApprovedPairs(found)


def test_no_golden_question_is_answered_otherwise(
    demo: Demo, lines: Sequence[Line], before: Mapping[str, Turn], pairs: ApprovedPairs
) -> None:
    """Also not those that were not approved: refused ones stay refused, asked back ones are asked back."""
    changed = [line["question"] for line in lines if meaning(asked(demo, line, line["question"], pairs)) != meaning(before[line["id"]])]
    assert changed == []


def test_each_is_answered_by_its_pair_in_other_words_too(
    demo: Demo, lines: Sequence[Line], before: Mapping[str, Turn], pairs: ApprovedPairs
) -> None:
    known = {pair.question for pair in pairs.pairs}
    missed = []
    for line in lines:
        if line["question"] not in known:
            continue
        for around, end in _AROUND:
            said = around.format(line["question"].rstrip("?.! ")) + end
            turn = asked(demo, line, said, pairs)
            if meaning(turn) != meaning(before[line["id"]]) or "DM6070" not in [one.code for one in turn.problems]:
                missed.append((said, turn.reading.outcome if turn.reading else None))
    assert missed == []


def test_a_correction_of_each_changes_that_question_alone(
    demo: Demo, lines: Sequence[Line], before: Mapping[str, Turn], pairs: ApprovedPairs
) -> None:
    """One in four is corrected to another metric: the others, siblings in words and in meaning among them, come to what they came to before."""
    corrected = {}
    for pair in pairs.pairs[::4]:
        other = "sessions" if pair.query is None or "sessions" not in pair.query.metrics else "orders"
        corrected[pair.question] = Approved(pair.id, pair.question, SemanticQuery(metrics=(other,)), pair.today)
    changed_pairs = ApprovedPairs(tuple(corrected.values()))
    wrong = []
    for line in lines:
        turn = asked(demo, line, line["question"], changed_pairs)
        own = corrected.get(line["question"])
        if own is not None and turn.query != own.query:
            wrong.append(("not corrected", line["question"]))
        if own is None and meaning(turn) != meaning(before[line["id"]]):
            wrong.append(("changed", line["question"]))
    same = {re.sub(r"\W+", " ", line["question"].casefold()).strip() for line in lines}
    assert wrong == [], (len(wrong), len(corrected), len(same))
