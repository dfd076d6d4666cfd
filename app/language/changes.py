"""Changes in words: how a period compares with the one before, and what a change is made of."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.language.edits import unit_of
from app.language.formats import Written, cell, is_fraction, percent
from app.language.say import Labels
from app.model.answer import Comparison, Contribution
from app.model.metrics import Metric, Window
from app.model.query import TimeRange

_MOST_NAMED = 2
_POINTS = frozenset({"%", "percent", "pct"})


def earlier_words(span: TimeRange, back: Window) -> str:
    """`in the month before`, `in the 30 days before`, `a year before`, `in the same days of the month before`."""
    unit, several = back.grain, f"{back.count} {back.grain}s"
    whole = unit_of(span)
    if whole is not None and (whole[0].value, whole[1]) == (back.grain, back.count):
        return f"in the {unit if back.count == 1 else several} before"
    if whole is not None and whole[0].value != "day":
        return f"{f'a {unit}' if back.count == 1 else several} before"
    return f"in the same days of the {unit} before" if back.count == 1 else f"in the same days {several} before"


def compared_words(comparison: Comparison, metric: Metric, earlier: str) -> str:
    """`That is 12.3% more than in the month before (€1,742.90).`"""
    before, change = comparison.previous, comparison.change
    if not change:
        return f"That is as much as {earlier}."
    more = "more" if change > 0 else "less"
    apart = (
        moved(abs(change), metric, signed=False) if _in_points(metric) or comparison.percent is None else percent(abs(comparison.percent))
    )
    return f"That is {apart} {more} than {earlier} ({cell(before, metric)})."


def taken_for_granted(falls: bool | None, change: Decimal) -> str:
    """What is said where a question takes for granted what is not so."""
    if falls is None or not change or falls is (change < 0):
        return ""
    return "It did not fall: it rose. " if falls else "It did not rise: it fell. "


def reason_words(found: Sequence[Contribution], metric: Metric) -> str:
    """`By sales channel: web -€120.00 (80.0% of the change), store -€30.00 (20.0%).`, for each dimension in its order."""
    told = []
    for dimension in dict.fromkeys(one.dimension for one in found):
        mine = [one for one in found if one.dimension == dimension]
        named = [one for one in mine if not one.is_rest][:_MOST_NAMED]
        parts = [f"{one.value} {moved(one.change, metric)}{_share(one, first=at == 0)}" for at, one in enumerate(named)]
        told.append(f"By {mine[0].label}: {', '.join(parts)}.")
    if any(one.share is None for one in found):
        told.append("What overlaps does not add up, so these are the changes of each value and no parts of the whole.")
    return " ".join(told)


def moved(change: Decimal, metric: Written, *, signed: bool = True) -> str:
    """A change of the metric: `+€12.00`, `-0.4 points` of what is in percent."""
    sign = "" if not signed else "-" if change < 0 else "+"
    if _in_points(metric):
        size = abs(change) * (100 if is_fraction(metric) else 1)
        return f"{sign}{size.quantize(Decimal('0.1')) if size >= Decimal('0.1') else size.quantize(Decimal('0.001'))} points"
    return f"{sign}{cell(abs(change), metric)}"


def change_words(metric: Metric, labels: Labels, earlier: str) -> str:
    """Why nothing is explained: `Revenue is as it was in the month before`. `earlier` is what `earlier_words` gives."""
    return f"{labels.metric(metric.name)} is as it was {earlier}: there is no change to explain"


def _share(one: Contribution, *, first: bool) -> str:
    if one.share is None:
        return ""
    return f" ({percent(one.share)}{' of the change' if first else ''})"


def _in_points(metric: Written) -> bool:
    return is_fraction(metric) or metric.unit.strip().lower() in _POINTS
