"""Two days of one month that is said once: `1 and 15 April 2026`, `April 1 to 15`."""

from __future__ import annotations

from app.language.span_words import MONTHS, UNITS, Span
from app.language.spans import SpanReader
from app.model.types import Grain


def day_before(at: int, reader: SpanReader, joints: set[str]) -> Span | None:
    """A bare day at a place whose month a later one says behind a word between them."""
    skip = 1 if reader.word(at) == "the" else 0
    day = reader.whole(at + skip)
    if day is None or not 1 <= day <= 31 or reader.word(at + skip + 1) not in joints:
        return None
    later_at = at + skip + 2
    later = reader.read(later_at)
    named = later is not None and any(reader.word(place) in MONTHS for place in range(later_at, later_at + later.tokens))
    if later is None or not named or later.start != later.end or day > later.start.day:
        return None
    start = later.start.replace(day=day)
    return Span(start, start, Grain.DAY, skip + 1, later.dated)


def day_after(at: int, first: Span, reader: SpanReader) -> Span | None:
    """A bare day at a place, in the month of the day before it."""
    day = reader.whole(at)
    if first.start != first.end or day is None or not first.start.day < day <= 31 or reader.word(at + 1) in UNITS:
        return None
    used, year = 1, first.start.year
    lead = 1 if reader.word(at + 1) in {",", "of"} else 0
    if reader.is_year(at + 1 + lead):
        year = reader.whole(at + 1 + lead) or year
        used += lead + 1
    try:
        start = first.start.replace(year=year, day=day)
    except ValueError:
        return None
    return Span(start, start, Grain.DAY, used, used > 1 or first.dated)
