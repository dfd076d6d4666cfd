"""What stands against a reading: words that nothing explains, and questions that are understood and can't be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Problem
from app.language.build import Built
from app.language.draft import Draft
from app.language.senses import MetricFacts
from app.model.query import SemanticQuery

_ONLY = {"average", "median", "min", "max"}
_NAMES = "use the names that this project has; a value can be given as: where city is 'Berlin'"
_AGGREGATES = {
    "sum": {"sum"},
    "count": {"count"},
    "average": {"average"},
    "median": {"median"},
    "max": {"max"},
    "min": {"min"},
    "distinct": {"distinct"},
}


@dataclass(frozen=True, slots=True)
class Check:
    """`severity` orders readings: 0 answers, 1 needs a choice, 2 lacks something, then one more for each word that is left over. `vague`: it can be asked
    back what is compared."""

    severity: int
    problem: Problem | None = None
    vague: bool = False


def lists(draft: Draft, query: SemanticQuery) -> bool:
    """Whether a list of what can be grouped by is asked for; `list active` says of nothing what is to be listed."""
    return draft.listing and not draft.how_many and bool(query.group_by) and query.having is None


def leave_aggregates(draft: Draft, metrics: Sequence[MetricFacts]) -> None:
    """Aggregation words that say something beyond the metrics' own are left over: `average revenue` is not revenue."""
    for piece in draft.aggregates:
        wanted = _AGGREGATES[piece.detail]
        own = [m.aggregates for m in metrics]
        fits = (not own and piece.detail == "sum") or (
            bool(own) and all(wanted <= a or (piece.detail == "sum" and not a & _ONLY) for a in own)
        )
        if not fits and piece not in draft.unused:
            draft.unused.append(piece)
    draft.aggregates.clear()


def _is_of(name: str, dimensions: frozenset[str]) -> bool:
    """Whether the name, which may say the way to it, means one of the dimensions."""
    return any(name == one or name.endswith(f"__{one}") for one in dimensions)


def check(draft: Draft, built: Sequence[Built], personal: frozenset[str] = frozenset()) -> Check:
    """The Problem that stands against every query of the draft, if one does. `personal` are the dimensions that hold personal data."""
    left = len(draft.unused)
    if draft.unserved:
        what = " and ".join(dict.fromkeys(draft.unserved))
        return Check(10 + left, Problem("DM6008", f"{what} can't be asked in words yet", hint="ask for the plain numbers"))
    if left:
        words = ", ".join(f"“{piece.text}”" for piece in sorted(draft.unused, key=lambda p: p.first)[:5])
        return Check(
            10 + left,
            Problem(
                "DM6006",
                f"nothing here explains {words}",
                hint=_NAMES,
            ),
        )
    reached = [b for b in built if not b.unreached]
    query = reached[0].query if reached else None
    if query is not None:
        grouped = len(query.group_by) - reached[0].single
        if reached[0].parted:
            return Check(
                5,
                Problem(
                    "DM6008",
                    "a figure that each day has can't be put together by the day of the week",
                    hint="ask for it by day or by month",
                ),
            )
        if not query.asked_metrics and any(_is_of(item.name, personal) for item in query.group_by):
            return Check(
                5,
                Problem("DM6016", "personal data is not listed in answers", hint="ask how many there are, or by what they can be grouped"),
            )
        if reached[0].bare:
            return Check(
                5, Problem("DM6009", "a share is one of a whole: say by what it is split", hint="add `by …`, or the part that is meant")
            )
        if draft.compares and draft.compared is None and query.asked_metrics:
            return Check(5, Problem("DM6010", "it does not say which periods are compared", hint="choose one"), vague=True)
        if (draft.running or draft.moving) and not any(g.name == "metric_time" and g.grain for g in query.group_by):
            return Check(5, Problem("DM6009", "a running value needs a time to run along", hint="add `by month`"))
        if draft.how_many and (draft.having or draft.counted) and grouped:
            return Check(5, Problem("DM6008", "counting the groups that meet a condition can't be asked yet", hint="ask for their list"))
        if query.having is not None and not grouped:
            return Check(5, Problem("DM6009", "a condition on a metric needs something to group by", hint="add `by …`"))
        if draft.rank and query.asked_metrics and not grouped:
            return Check(5, Problem("DM6009", "a highest or lowest needs something to compare", hint="add `by …`, such as `by month`"))
    if draft.unknown_values or len(draft.periods) > 1:
        return Check(1)
    if query is None:
        return Check(4 if draft.empty else 3)
    if not query.asked_metrics and not lists(draft, query):
        return Check(2)
    return Check(0 if reached[0].sure else 1)
