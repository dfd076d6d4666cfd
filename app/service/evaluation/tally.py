"""What the same questions come to by each way of reading them, side by side: by the grounded interpreter, and by each language model beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from app.model.answer import Outcome, Verdict
from app.service.evaluation.judged import Judged

GROUNDED = "grounded"
"""What the baseline is called."""


@dataclass(frozen=True, slots=True)
class Tally:
    """One way of reading. Each question is one of these: `right` (whatever was wanted of it), `wrong` (an answer that is not), `asked` back or `refused` where that
    was not wanted, or `failed`.

    `drafts` are the questions that the model was asked about, `unavailable` those for which it could not be, `verdicts` how its drafts compare; `calls`, tokens and
    `cost` (US dollars) are those of all of them. `median_ms` and `slowest_ms` are of whole questions.
    """

    name: str
    questions: int
    right: int
    wrong: int
    asked: int
    refused: int
    failed: int
    drafts: int
    unavailable: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float
    median_ms: float
    slowest_ms: float
    verdicts: dict[str, int] = field(default_factory=dict)


def tally(name: str, found: Sequence[Judged]) -> Tally:
    """Count."""
    missed = [one for one in found if not one.right]
    drafts = [one.answered.drafted for one in found if one.answered.drafted is not None]
    times = [one.answered.milliseconds for one in found]
    verdicts = {str(verdict): sum(one.verdict is verdict for one in drafts) for verdict in Verdict}
    return Tally(
        name,
        len(found),
        len(found) - len(missed),
        sum(one.is_given for one in missed),
        _ended(missed, Outcome.CLARIFY),
        _ended(missed, Outcome.REFUSE),
        sum(one.answered.failed for one in missed),
        len(drafts),
        verdicts[Verdict.UNAVAILABLE],
        sum(one.calls for one in drafts),
        sum(one.tokens_in for one in drafts),
        sum(one.tokens_out for one in drafts),
        round(sum(one.cost for one in drafts), 6),
        round(median(times), 3) if times else 0.0,
        round(max(times, default=0.0), 3),
        {name: count for name, count in verdicts.items() if count},
    )


def _ended(missed: Sequence[Judged], outcome: Outcome) -> int:
    return sum(one.answered.outcome is outcome and not one.answered.failed for one in missed)
