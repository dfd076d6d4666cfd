"""Periods of a question: spans of time with what joins and bounds them (`since`, `until`, `between … and …`).

Conventions: weeks start as the Moment says and are numbered by ISO 8601; `last N days` are the N complete days before today, `last N months`
complete calendar months; `this year` runs to today; a month, quarter or day without a year is its most recent occurrence; a fiscal year is
named after the calendar year in which it ends; `since` runs to today.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.language.days import day_after, day_before
from app.language.earlier import read_earlier
from app.language.parts import read_part
from app.language.span_words import Span
from app.language.spans import SpanReader
from app.language.text import Token
from app.model.metrics import Window
from app.model.moment import Moment
from app.model.query import TimeRange
from app.model.types import Grain

_ALWAYS = (
    ("so", "far"),
    ("to", "date"),
    ("all", "time"),
    ("ever",),
    ("until", "now"),
    ("since", "the", "beginning"),
    ("since", "inception"),
    ("up", "to", "now"),
    ("up", "until", "now"),
    ("until", "now"),
    ("till", "now"),
    ("since", "the", "start"),
    ("since", "we", "opened"),
    ("since", "we", "started"),
    ("since", "we", "began"),
    ("since", "we", "launched"),
    ("since", "opening"),
    ("since", "launch"),
    ("since", "the", "launch"),
    ("since", "day", "one"),
    ("from", "day", "one"),
    ("from", "the", "beginning"),
    ("from", "the", "start"),
)
_NOW = (("right", "now"), ("as", "of", "today"), ("as", "of", "now"), ("at", "the", "moment"), ("now",), ("currently",))
_TO = {"to", "until", "till", "through", "thru", "-", "–", "—"}
_LEADS = {"in", "during", "for", "over", "within", "on", "of", "across", "throughout"}
_BOUNDS = {
    "than",
    "over",
    "above",
    "under",
    "below",
    "least",
    "most",
    "exactly",
    "=",
    ">",
    "<",
    ">=",
    "<=",
    "top",
    "bottom",
    "first",
    "limit",
    "equals",
}


@dataclass(frozen=True, slots=True)
class Period:
    """Tokens `first` to `last` (exclusive) say `range`; both ends open means all of time. `grain` is the unit that was spoken of.

    Of `from May to June` and the like, `ends` are the two that were named. A period that is `earlier` is known by another one only: so far `back` before it,
    or without that the one before it, of its own length. One that is spoken of `at_end` says when, and not over which time.
    """

    first: int
    last: int
    range: TimeRange
    grain: Grain | None = None
    ends: tuple[Period, Period] | None = None
    earlier: bool = False
    back: Window | None = None
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A range with open or closed ends, its unit, the place after it, and the spans between which it lies with their places."""

    start: dt.date | None
    end: dt.date | None
    grain: Grain
    last: int
    ends: tuple[tuple[int, Span], ...] = ()


def find_periods(tokens: tuple[Token, ...], question: str, moment: Moment) -> tuple[Period, ...]:
    """Every period of the question, from left to right, without overlap."""
    reader = SpanReader(tokens, moment)
    found, at = [], 0
    while at < len(tokens):
        period = _read(tokens, at, reader, moment, question)
        if period:
            found.append(period)
            at = period.last
        else:
            at += 1
    return tuple(found)


def _said(tokens: tuple[Token, ...], question: str, first: int, last: int) -> str:
    return question[tokens[first].start : tokens[last - 1].end]


def _read(tokens: tuple[Token, ...], at: int, reader: SpanReader, moment: Moment, question: str) -> Period | None:
    lead = 1 if reader.word(at) in _LEADS else 0
    before = read_earlier(at + lead, reader)
    if before is not None:
        last = at + lead + before.tokens
        return Period(at, last, TimeRange(phrase=_said(tokens, question, at + lead, last)), earlier=True, back=before.back)
    if lead and reader.word(at) == "over" and reader.read(at + 1) is not None and reader.word(at + 1).isdigit():
        return None  # `over 2025` is a bound
    bounded = _bounded(at + lead, reader, moment)
    if bounded is None:
        return _open(tokens, at, reader, moment, question)
    start, end, last = bounded.start, bounded.end, bounded.last
    year_over_year = reader.word(at - 1) == "over" and reader.is_year(at - 2)
    if not lead and reader.word(at - 1) in _BOUNDS and reader.word(at).isdigit() and not year_over_year:
        return None
    if start and end and start > end:
        return None
    ends = tuple(
        Period(first, first + span.tokens, TimeRange(span.start, span.end, _said(tokens, question, first, first + span.tokens)), span.grain)
        for first, span in bounded.ends
    )
    whole = TimeRange(start, end, _said(tokens, question, at + lead, last))
    at_end = start is None and reader.word(at + lead) == "at"
    return Period(at, last, whole, bounded.grain, (ends[0], ends[1]) if ends else None, at_end=at_end)


def _open(tokens: tuple[Token, ...], at: int, reader: SpanReader, moment: Moment, question: str) -> Period | None:
    """`so far`, `ever`: all of time; `right now`: until today."""
    for phrases, end in ((_ALWAYS, None), (_NOW, moment.today)):
        for phrase in phrases:
            if all(reader.word(at + n) == word for n, word in enumerate(phrase)):
                last = at + len(phrase)
                if phrase == ("now",) and last < len(tokens) and at == 0:
                    continue  # `now by channel` begins a sentence
                inner = last + (reader.word(last) in {"in", "of", "for"})
                span = reader.read(inner) if phrase in {("so", "far"), ("to", "date")} else None
                if span is not None and span.start <= moment.today:  # `so far in 2026`
                    last = inner + span.tokens
                    return Period(
                        at, last, TimeRange(span.start, min(span.end, moment.today), _said(tokens, question, at, last)), span.grain
                    )
                return Period(at, last, TimeRange(None, end, _said(tokens, question, at, last)))
    return None


def _bounded(at: int, reader: SpanReader, moment: Moment) -> _Bounds | None:
    """A span with its bounding words."""
    word, next_word = reader.word(at), reader.word(at + 1)
    if word in {"since", "starting"} or (word == "as" and next_word == "from"):
        lead = 2 if word == "as" or (word == "starting" and next_word in {"from", "in", "on"}) else 1
        span = _edge(at + lead, reader)
        return _Bounds(span.start, max(moment.today, span.start), span.grain, at + lead + span.tokens) if span else None
    if word == "from":
        return _from(at, reader, moment)
    if word == "between":
        return _pair(at + 1, reader, {"and", "-"})
    if (
        word in {"until", "till", "through", "thru"}
        or (word == "up" and next_word in {"to", "until", "till"})
        or (word == "as" and next_word == "of")
        or (word in {"at", "by"} and "end" in (next_word, reader.word(at + 2) if next_word == "the" else ""))
    ):
        lead = 2 if word in {"up", "as"} else 1
        lead += 2 if (reader.word(at + lead), reader.word(at + lead + 1)) == ("and", "including") else 0
        span = _edge(at + lead, reader)
        return _Bounds(None, span.end, span.grain, at + lead + span.tokens) if span else None
    if word in {"before", "after"} or (word == "prior" and next_word == "to"):
        lead = 2 if word == "prior" else 1
        span = _edge(at + lead, reader)
        if not span:
            return None
        last = at + lead + span.tokens
        edge = dt.date.max if word == "after" else dt.date.min
        if edge in (span.start, span.end):  # no date lies beyond it
            return None
        if word == "after":
            return _Bounds(span.end + dt.timedelta(days=1), None, span.grain, last)
        return _Bounds(None, span.start - dt.timedelta(days=1), span.grain, last)
    part = read_part(at, reader)
    if part is not None:
        return _Bounds(part.start, part.end, part.grain, at + part.tokens)
    pair = _pair(at, reader, _TO - {"until", "till"})
    if pair:
        return pair
    span = reader.read(at)
    span = _lent_year(at, span, reader) if span else None
    return _Bounds(span.start, span.end, span.grain, at + span.tokens) if span else None


def _lent_year(at: int, span: Span, reader: SpanReader) -> Span:
    """`June and July 2025`: the year that only the second says is that of the first, or the one before."""
    after = at + span.tokens
    if span.dated or reader.word(after) not in {"and", "or", "&", ",", "vs", "versus"}:
        return span
    second = reader.read(after + 1)
    if second is None or not second.dated or second.grain is not span.grain:
        return span
    found = reader.read(at, second.start.year)
    if found is not None and found.start == second.start:
        return span  # `May vs May last year`
    if found is not None and found.start > second.start:
        found = reader.read(at, second.start.year - 1)
    return found if found is not None and found.tokens == span.tokens else span


def _from(at: int, reader: SpanReader, moment: Moment) -> _Bounds | None:
    """`from March to June`, `from March on`, `from March` (the month itself)."""
    pair = _pair(at + 1, reader, _TO)
    if pair:
        return pair
    span = reader.read(at + 1)
    if span is None:
        return None
    last = at + 1 + span.tokens
    if reader.word(last) in {"on", "onward", "onwards", "forward"}:
        return _Bounds(span.start, max(moment.today, span.start), span.grain, last + 1)
    up = 1 if reader.word(last) == "up" else 0
    if reader.word(last + up) in _TO and reader.word(last + up + 1) in {"now", "date", "today"}:
        last += up
        return _Bounds(span.start, max(moment.today, span.start), span.grain, last + 2)
    return _Bounds(span.start, span.end, span.grain, last)


def _pair(at: int, reader: SpanReader, joints: set[str]) -> _Bounds | None:
    """Two spans and a word between them; a year that only one end says holds for both, and a month that only one end of days says."""
    first = reader.read(at)
    if first is None:
        first = day_before(at, reader, joints)
        if first is None:
            return None
    if reader.word(at + first.tokens) not in joints:
        return None
    second_at = at + first.tokens + 1
    second = reader.read(second_at) or day_after(second_at, first, reader)
    if second is None:
        return None
    last = second_at + second.tokens
    if first.dated and not second.dated:
        second = reader.read(second_at, first.start.year) or second
        if second.start < first.start:
            second = reader.read(second_at, first.start.year + 1) or second
    elif not first.dated:
        first = reader.read(at, second.end.year) or first
        if first.start > second.end:
            first = reader.read(at, second.end.year - 1) or first
    ends = ((at, first), (second_at, second))
    return _Bounds(first.start, second.end, first.grain, last, ends) if first.start <= second.end else None


def _edge(at: int, reader: SpanReader) -> Span | None:
    """A span, or the day on which one starts or ends (`the start of the year`)."""
    skip = 1 if reader.word(at) == "the" else 0
    side = reader.word(at + skip)
    if side in {"start", "beginning", "end"}:
        joint = 1 if reader.word(at + skip + 1) == "of" else 0
        inner_at = at + skip + 1 + joint
        inner = reader.read(inner_at) or (_unit_now(inner_at, reader) if joint else None)
        if inner:
            day = inner.end if side == "end" else inner.start
            return Span(day, day, Grain.DAY, skip + 1 + joint + inner.tokens, inner.dated)
    return reader.read(at)


def _unit_now(at: int, reader: SpanReader) -> Span | None:
    """`the year` in `the start of the year` is the running one."""
    skip = 1 if reader.word(at) == "the" else 0
    inner = reader.running(at + skip)
    return Span(inner.start, inner.end, inner.grain, inner.tokens + skip) if inner else None
