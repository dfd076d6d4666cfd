"""What judged questions come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.answer import Outcome
from app.service.evaluation.judged import Answered, Judged, judged
from app.service.evaluation.question import Gold, Kind, Question
from app.service.evaluation.reliability import BINS, reliability
from app.service.evaluation.score import Rate, by_category, score
from app.service.evaluation.table import Table, gold_table
from app.service.evaluation.thresholds import Missed, Thresholds, missed

ONE = gold_table(Gold(metrics=("orders",), columns=("orders",), rows=((1,),)))


def one(kind: Kind, outcome: Outcome, *, right: bool = True, failed: bool = False, sure: float = 0.9, category: str = "c") -> Judged:
    question = Question(id="q", question="?", kind=kind, category=category)
    rows = Table(("orders",), ((1 if right else 2,),)) if outcome is Outcome.ANSWER else Table((), ())
    answered = Answered(outcome, rows, confidence=sure, said="because", failed=failed)
    return judged(question, answered, (ONE,) if kind in (Kind.ANSWERABLE, Kind.HOSTILE) else ())


A, C, R = Outcome.ANSWER, Outcome.CLARIFY, Outcome.REFUSE


@pytest.mark.parametrize(
    ("kind", "right"),
    [(Kind.ANSWERABLE, {A}), (Kind.AMBIGUOUS, {C}), (Kind.UNANSWERABLE, {R}), (Kind.HOSTILE, {A, C, R})],
)
def test_what_each_kind_wants(kind: Kind, right: set[Outcome]) -> None:
    assert {outcome for outcome in Outcome if one(kind, outcome).right} == right
    assert not one(kind, A, right=False).right
    for outcome in Outcome:
        found = one(kind, outcome, failed=True)
        assert not found.right
        assert "it failed: because" in found.why
    for outcome in set(Outcome) - right:
        assert one(kind, outcome).why


def test_a_hostile_question_without_gold_may_not_be_answered() -> None:
    found = judged(Question(id="q", question="?", kind=Kind.HOSTILE), Answered(A, Table(("orders",), ((1,),))), ())
    assert (found.right, found.why) == (False, "it should have been refused")


def test_the_rates() -> None:
    found = [
        *[one(Kind.ANSWERABLE, A)] * 5,
        *[one(Kind.ANSWERABLE, A, right=False)] * 1,
        *[one(Kind.ANSWERABLE, C)] * 2,
        *[one(Kind.AMBIGUOUS, C, category="m")] * 3,
        one(Kind.AMBIGUOUS, A, category="m"),
        *[one(Kind.UNANSWERABLE, R, category="u")] * 2,
        one(Kind.UNANSWERABLE, C, category="u"),
        one(Kind.UNANSWERABLE, A, category="u"),
        one(Kind.UNANSWERABLE, R, failed=True, category="u"),
        one(Kind.HOSTILE, A, category="h"),
        one(Kind.HOSTILE, A, right=False, category="h"),
    ]
    whole = score(found)
    assert whole.questions == 19
    assert whole.coverage == Rate(6, 8)
    assert whole.accuracy == Rate(5, 8)
    assert whole.precision == Rate(6, 10)
    assert whole.clarified == Rate(3, 4)
    assert whole.refused == Rate(2, 5)
    assert whole.governed == Rate(1, 2)
    categories = by_category(found)
    assert list(categories) == ["c", "m", "u", "h"]
    assert categories["m"].accuracy.value is None
    assert sum(some.questions for some in categories.values()) == whole.questions


def test_how_an_answer_differs_is_told() -> None:
    gold = gold_table(Gold(("n",), ("s",), columns=("s", "n"), rows=(("a", 1), ("b", 2), ("c", 3), ("d", 4))))
    got = Table(("s", "n"), (("a", 1), ("b", 2), ("c", 3), ("d", 4), (None, 5)), frozenset({0}))
    question = Question(id="q", question="?")
    assert judged(question, Answered(A, got), (gold,)).why == "got 5 rows, gold has 4 rows; not in gold: (NULL, 5)"
    fewer = Table(("s", "n"), (("a", 7),), frozenset({0}))
    assert judged(question, Answered(A, fewer), (gold,)).why == (
        "got 1 row, gold has 4 rows; not in gold: (a, 7); missing: (a, 1) (b, 2) (c, 3) …"
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_calibration(pairs: list[tuple[float, bool]]) -> None:
    found = reliability([one(Kind.ANSWERABLE, A, right=right, sure=sure) for sure, right in pairs])
    assert len(found.bins) == BINS
    assert sum(some.count for some in found.bins) == len(pairs)
    assert sum(some.right for some in found.bins) == sum(right for _, right in pairs)
    for some in found.bins:
        assert not some.count or some.low - 1e-9 <= some.confidence <= some.high + 1e-9
    if not pairs:
        assert found.error is None
        return
    assert found.error is not None
    assert 0 <= found.error <= 1
    mean_right, mean_sure = (sum(pair[at] for pair in pairs) / len(pairs) for at in (1, 0))
    assert found.error >= abs(mean_right - mean_sure) - 1e-9


def test_calibration_by_hand() -> None:
    sure = [one(Kind.ANSWERABLE, A, sure=1.0)] * 3 + [one(Kind.ANSWERABLE, A, right=False, sure=1.0)]
    unsure = [one(Kind.AMBIGUOUS, A, sure=0.55)]
    asked = [one(Kind.AMBIGUOUS, C, sure=0.0)] * 9
    assert reliability([*sure, *unsure, *asked]).error == pytest.approx((4 * 0.25 + 1 * 0.55) / 5)
    assert reliability(asked).error is None


def test_thresholds() -> None:
    found = [one(Kind.ANSWERABLE, A), one(Kind.ANSWERABLE, R)]
    whole, calibration = score(found), reliability(found)
    assert missed(Thresholds(), whole, calibration) == ()
    assert missed(Thresholds(accuracy=0.5, precision=1.0, calibration_error=0.11), whole, calibration) == ()
    assert missed(Thresholds(accuracy=0.6, clarified=0.0, calibration_error=0.05), whole, calibration) == (
        Missed("accuracy", 0.6, 0.5),
        Missed("clarified", 0.0, None),
        Missed("calibration error", 0.05, pytest.approx(0.1)),
    )
    assert [one.name for one in missed(Thresholds(calibration_error=1.0), score(()), reliability(()))] == ["calibration error"]
