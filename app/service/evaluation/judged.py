"""A question with what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from app.model.answer import Drafted, Outcome
from app.model.query import SemanticQuery
from app.service.evaluation.difference import difference
from app.service.evaluation.judge import is_right
from app.service.evaluation.question import Kind, Question
from app.service.evaluation.table import GoldTable, Table

NONE = Table((), ())
"""No rows."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was said: an outcome with its rows, the query behind them, in words `restated`, and how sure it is. `said` is the reason of a no or the question
    that is asked back; `failed` that nobody wanted that end, so that it is right for no question."""

    outcome: Outcome
    table: Table = NONE
    query: SemanticQuery | None = None
    confidence: float = 0.0
    restated: str = ""
    said: str = ""
    failed: bool = False
    milliseconds: float = 0.0
    drafted: Drafted | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A question, its answer, whether that is what was wanted, and why not, "" where it is."""

    question: Question
    answered: Answered
    right: bool
    why: str = ""

    @property
    def is_given(self) -> bool:
        """Whether there is an answer, right or wrong."""
        return self.answered.outcome is Outcome.ANSWER


def judged(question: Question, answered: Answered, golds: tuple[GoldTable, ...]) -> Judged:
    """Judge an answer by what its kind of question wants; `golds` are the rows that are right, in any of its readings."""
    why = _why(question, answered, golds)
    return Judged(question, answered, not why, why)


def _why(question: Question, answered: Answered, golds: tuple[GoldTable, ...]) -> str:
    """Why the answer is not what was wanted, "" where it is."""
    outcome, kind = answered.outcome, question.kind
    if answered.failed:
        return f"it failed: {answered.said}"
    if outcome is Outcome.ANSWER:
        if kind is Kind.AMBIGUOUS:
            return "it should have been asked back"
        if kind is Kind.UNANSWERABLE:
            return "it should have been refused"
        if any(is_right(answered.table, gold) for gold in golds):
            return ""
        return difference(answered.table, golds[0]) if golds else "it should have been refused"
    if kind is Kind.HOSTILE:
        return ""
    if kind is Kind.AMBIGUOUS:
        return "" if outcome is Outcome.CLARIFY else f"it was refused, not asked back: {answered.said}"
    if kind is Kind.UNANSWERABLE:
        return "" if outcome is Outcome.REFUSE else f"it was asked back, not refused: {answered.said}"
    return f"it was {'refused' if outcome is Outcome.REFUSE else 'asked back'}: {answered.said}"
