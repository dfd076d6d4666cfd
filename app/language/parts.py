"""The first or last days, weeks, months or quarters of a longer period: `the first two weeks of June`, `last quarter of 2025`.

Weeks of a longer period are counted from its first day, or back from its last: its first week are its first seven days.
"""

from __future__ import annotations

import datetime as dt

from app.language.span_words import UNITS, Span
from app.language.spans import SpanReader
from app.model.periods import first_day, moved
from app.model.types import Grain

_FIRST = {"first", "opening", "initial"}
_LAST = {"last", "final", "closing"}


def read_part(at: int, reader: SpanReader) -> Span | None:
    """The part of a period that is named at token `at`, or None. Never raises."""
    skip = 1 if reader.word(at) == "the" else 0
    side = reader.word(at + skip)
    if side not in _FIRST | _LAST:
        return None
    number = reader.whole(at + skip + 1)
    used = skip + 1 + (number is not None)
    unit = UNITS.get(reader.stem(at + used))
    if unit is None or (number or 1) < 1 or reader.word(at + used + 1) not in {"of", "in"}:
        return None
    inner = reader.read(at + used + 2)
    if inner is None or unit.order >= inner.grain.order:
        return None
    try:
        found = _part(inner, unit, number or 1, side in _FIRST)
    except (OverflowError, ValueError):
        return None
    return Span(*found, unit, used + 2 + inner.tokens, inner.dated) if found is not None else None


def _part(whole: Span, unit: Grain, count: int, first: bool) -> tuple[dt.date, dt.date] | None:
    """Its first and last day, None where the whole has no such part."""
    if unit in (Grain.DAY, Grain.WEEK):
        days = dt.timedelta(days=count * (7 if unit is Grain.WEEK else 1) - 1)
        start, end = (whole.start, whole.start + days) if first else (whole.end - days, whole.end)
    elif first_day(whole.start, unit) != whole.start:
        return None
    elif first:
        start, end = whole.start, moved(whole.start, unit, count) - dt.timedelta(days=1)
    else:
        start, end = moved(first_day(whole.end, unit), unit, 1 - count), whole.end
    return (start, end) if whole.start <= start <= end <= whole.end else None
