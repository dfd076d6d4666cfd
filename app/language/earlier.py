"""What a period is compared with, in words that need another one: `the same month a year ago`, `the previous period`, `the month before`."""

from __future__ import annotations

from dataclasses import dataclass

from app.language.span_words import UNITS
from app.language.spans import SpanReader
from app.model.metrics import Window

_BEFORE = {"before", "earlier", "prior", "ago", "previous", "back"}
_LAST = {"last", "previous", "prior", "past", "preceding"}
_SPANS = {"period", "stretch", "part", "time", "timeframe", "span", "point", "interval", "date", "range"}
_AGAINST = {"vs", "versus", "than", "to", "with", "against", "from"}
_JOINTS = {"of", "in", "from", "a", "the", "for", "during", "one", ","}


@dataclass(frozen=True, slots=True)
class Earlier:
    """So far before another period; without `back` the one before it, of its own length. `tokens` is how many said it."""

    tokens: int
    back: Window | None


def read_earlier(at: int, reader: SpanReader) -> Earlier | None:
    """The longest such phrase that begins at token `at`, or None."""
    skip = 1 if reader.word(at) in {"the", "its"} else 0
    found = (
        _same(at + skip, reader)
        or _unit_before(at + skip, reader, named=bool(skip) or reader.word(at - 1) in _AGAINST)
        or _counted(at + skip, reader)
        or _last_alone(at + skip, reader)
    )
    return Earlier(found.tokens + skip, found.back) if found is not None else None


def _same(at: int, reader: SpanReader) -> Earlier | None:
    """`same month a year ago`, `same period last year`, `same period of the previous month`, `same period`."""
    if reader.word(at) != "same" or not (reader.word(at + 1) in UNITS or reader.word(at + 1) in _SPANS):
        return None
    for place in range(at + 2, at + 5):
        back = _while_ago(place, reader) or _years_before(place, reader)
        if back is not None:
            return Earlier(place - at + back.tokens, back.back)
        if reader.word(place) not in _JOINTS:
            break
    return Earlier(2, None) if reader.word(at + 1) in _SPANS else None


def _years_before(at: int, reader: SpanReader) -> Earlier | None:
    """`The same period of 2025`: the years that have gone by since."""
    gone = reader.years_since(at)
    return Earlier(1, Window(gone, "year")) if gone else None


def _while_ago(at: int, reader: SpanReader) -> Earlier | None:
    """`last year`, `a year ago`, `2 years earlier`, `year before`."""
    if reader.word(at) in _LAST and reader.word(at + 1) in UNITS:
        return Earlier(2, Window(1, UNITS[reader.word(at + 1)].value))
    return _counted(at, reader, said={"ago"} | _BEFORE) or _unit_before(at, reader, named=True)


def _last_alone(at: int, reader: SpanReader) -> Earlier | None:
    """`This year against last`, `last week and the previous one`: the unit was said before."""
    first, second = reader.word(at), reader.word(at + 1)
    if first in _LAST and second in {"one", "ones"}:
        return Earlier(2, None)
    if (first, second) == ("one", "before"):
        return Earlier(2, None)
    if (
        first != "last"
        or reader.word(at - 1) not in _AGAINST
        or second in UNITS
        or reader.whole(at + 1) is not None
        or reader.read(at) is not None
    ):
        return None
    unit = next((UNITS[reader.word(n + 1)] for n in range(at - 1) if reader.word(n) == "this" and reader.word(n + 1) in UNITS), None)
    return Earlier(1, Window(1, unit.value)) if unit is not None else None


def _counted(at: int, reader: SpanReader, said: set[str] | None = None) -> Earlier | None:
    """`a year earlier`, `two months before`; `a year ago` is a period of its own where nothing says `same`."""
    count = 1 if reader.word(at) in {"a", "an", "one"} else reader.whole(at)
    unit = UNITS.get(reader.stem(at + 1))
    if count and unit and reader.word(at + 2) in (said or _BEFORE - {"ago"}):
        return Earlier(3, Window(count, unit.value))
    return None


def _unit_before(at: int, reader: SpanReader, *, named: bool) -> Earlier | None:
    """`the month before`, `the year earlier`, `the previous period`, `the period before`."""
    first, second = reader.word(at), reader.word(at + 1)
    if (first in _LAST and second in _SPANS) or (first in _SPANS and second in _BEFORE):
        return Earlier(2, None)
    if named and first in UNITS and second in _BEFORE - {"ago", "back"} and reader.word(at + 2) not in {"yesterday", "last"}:
        return Earlier(2, Window(1, UNITS[first].value))
    return None
