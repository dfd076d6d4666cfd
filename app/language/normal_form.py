"""What a question says, whatever the order and the small words: the form by which a question is known to be one that was approved.

Made of the interpreter's own cut, so typing, spelling, inflection and grammar count as they do when a question is read. A period and a value are kept apart
from the words. Where the order of words may change the meaning it stays: a `not`, a bound or a rank goes with the word behind it, numbers and values keep their row.
What no reading tells apart is told apart by the order of all words but groups and periods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.language.guard import LONGEST, endless, guard
from app.language.lexicon import Lexicon
from app.language.parse_state import TIED
from app.language.periods import Period, find_periods
from app.language.pieces import Piece, cuts
from app.language.senses import Kind
from app.language.spelling import mend_times
from app.language.text import Token, tokens
from app.language.tongues.translate import translated
from app.language.words import Cue
from app.model.moment import Moment
from app.model.query import TimeRange
from app.model.types import Grain

_SILENT = frozenset({Cue.FILLER, Cue.WHERE, Cue.WITH, Cue.AND, Cue.COMMA, Cue.IS, Cue.LIST, Cue.WHICH})
"""What joins the words of a question and tells none from another."""
_GOES_WITH_THE_NEXT = frozenset({Cue.NOT, Cue.COMPARE, Cue.AGAINST, Cue.OR, Cue.RANK, Cue.BETWEEN})
_NAMES = (Kind.METRIC, Kind.DIMENSION, Kind.ENTITY)
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said: its `word`s, what the layer `names` so, and the values (dimension and value) that it may be; of a `period` its `unit`."""

    word: str
    names: frozenset[str] = frozenset()
    values: tuple[tuple[str, str], ...] = ()
    period: TimeRange | None = None
    unit: Grain | None = None
    in_row: bool = False
    with_next: bool = False
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Questions of equal forms say the same where an interpreter tells them apart by their order: `words` in no order, and in their `row` the numbers and
    values. `spoken` are the words in their order, without what is grouped by and the one period."""

    words: tuple[str, ...]
    row: tuple[str, ...]
    spoken: tuple[str, ...] = ()

    def says(self, other: Form, *, in_order: bool) -> bool:
        """Whether both say the same; `in_order` where nothing but these words tells their meaning."""
        return (self.words, self.row) == (other.words, other.row) and (not in_order or self.spoken == other.spoken)


@dataclass(frozen=True, slots=True)
class Slots:
    """What of a form may differ: `names` are those that may be said with any of their words, `period` whether any period of the same kind will do (with `length`
    only one of as many units), and `values` the dimensions of which any value will."""

    names: frozenset[str] = frozenset()
    period: bool = False
    length: bool = False
    values: frozenset[str] = frozenset()


def said(question: str, lexicon: Lexicon, moment: Moment) -> tuple[Said, ...]:
    """The things that a question says, in their order; () for one that can't be read."""
    written = tokens(question[: LONGEST + 1])
    if guard(question) or endless(written):
        return ()
    words = mend_times(translated(written, lexicon.words, lexicon.phrases), lexicon.words)
    cut = next(iter(cuts(question, words, find_periods(words, question, moment), lexicon)), ())
    return tuple(_said(piece, words) for piece in cut if piece.cue not in _SILENT)


def form(things: Sequence[Said], slots: Slots) -> Form:
    """The form of what was said, where the slots are left open."""
    words: set[str] = set()
    row: list[str] = []
    spoken: list[str] = []
    before = ""
    grouped = False
    several = sum(one.period is not None for one in things) > 1
    for one in things:
        key = _key(one, slots)
        if not (one.groups or grouped) and (several or one.period is None):
            spoken.append(key)
        grouped = one.groups
        if one.with_next:
            before += f"{key}>"
            continue
        if before:
            words.add(before + key)
            before = ""
        if one.in_row:
            row.append(key)
        words.add(key)
    if before:
        words.add(before)
    return Form(tuple(sorted(words)), tuple(row), tuple(spoken))


def filled(things: Sequence[Said], slots: Slots) -> tuple[TimeRange | None, tuple[tuple[str, str], ...]]:
    """What stands in the slots: the period, and the values with their dimensions, in their order."""
    period = next((one.period for one in things if one.period is not None), None) if slots.period else None
    return period, tuple(pair for one in things for pair in one.values if pair[0] in slots.values)


def unexplained(things: Sequence[Said], wanted: Collection[str]) -> Iterator[str]:
    """The words that mean nothing of the `wanted` names, neighbours as one."""
    rows: list[list[str]] = [[]]
    for one in things:
        plain = one.period is None and not one.in_row and not one.values and ":" not in one.word
        if plain and one.names.isdisjoint(wanted):
            rows[-1].append(one.word)
        elif rows[-1]:
            rows.append([])
    yield from (" ".join(row) for row in rows if row)


def _said(piece: Piece, words: Sequence[Token]) -> Said:
    text = " ".join(token.stem for token in words[piece.first : piece.last])
    if piece.period is not None:
        return Said(text, period=_range(piece.period), unit=piece.period.grain)
    if piece.cue is not None:
        kept = piece.detail or ("" if piece.cue in (Cue.GROUP, Cue.WITHIN) else text)
        cue = Cue.GROUP if piece.cue is Cue.WITHIN else piece.cue
        return Said(f"{cue.name.lower()}:{kept}", with_next=cue in _GOES_WITH_THE_NEXT, groups=cue is Cue.GROUP)
    if piece.number is not None:
        return Said(f"number:{piece.number.normalize():f}", in_row=True)
    best = max((sense.weight for sense in piece.senses), default=0.0)
    meant = [sense for sense in piece.senses if sense.weight >= best - TIED]
    values = tuple(sorted({(sense.name, sense.value) for sense in meant if sense.kind is Kind.VALUE}))
    names = frozenset(sense.name for sense in meant if sense.kind in _NAMES)
    return Said(f"{piece.detail}{text}", names, values, in_row=bool(values) or piece.quoted)


def _range(period: Period) -> TimeRange:
    """The days, and where they are not what is meant (`the year before`) the words in their place."""
    if period.earlier or period.at_end:
        return period.range
    return TimeRange(period.range.start, period.range.end)


def _units(one: Said) -> str:
    """How many of which units a period is of: of months, quarters and years those that it touches, so that one that runs still counts as a whole one."""
    span, unit = one.period, one.unit
    if span is None or span.start is None or span.end is None or unit is None:
        return ""
    if unit in _MONTHS:
        first, last = ((12 * day.year + day.month - 1) // _MONTHS[unit] for day in (span.start, span.end))
        return f"{unit}:{last - first + 1}"
    return f"{unit}:{(span.end - span.start).days // (7 if unit is Grain.WEEK else 1)}"


def _key(one: Said, slots: Slots) -> str:
    if one.period is not None:
        span = one.period
        if slots.period and not span.phrase:
            return f"period:{span.start is not None}:{span.end is not None}:{_units(one) if slots.length else ''}"
        return f"period:{span.start}:{span.end}:{span.phrase.casefold()}"
    open_values = sorted({name for name, _ in one.values if name in slots.values})
    if open_values:
        return f"value:{','.join(open_values)}"
    if one.values and not one.names:
        return f"value:{one.values}"
    named = sorted(one.names & slots.names)
    return f"name:{','.join(named)}" if named else one.word
