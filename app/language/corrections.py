"""Questions that an admin answered: which of the approved pairs a question is one of, and what it asks then.

A question is one of a pair where both say the same (`normal_form`) and the grounded interpreter makes the same of both. So whoever asks in other small words, another
order or with other names of the same thing gets the approved answer, and nobody whose question differs does. Where the interpreter makes nothing of either, the
order counts too. A period or value that stands in the question and at one place of the approved query may be another one; anything else may not.
"""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.language.lexicon import Lexicon
from app.language.normal_form import Form, Said, Slots, filled, form, said
from app.language.reading import Reading
from app.model.answer import Outcome
from app.model.base import Node
from app.model.expr import Binary, Expr, Field, In, Literal
from app.model.moment import Moment
from app.model.query import SemanticQuery, TimeRange
from app.model.types import DataType, DatePart
from app.sql.expressions.walk import fields, replace_leaves, walk

_DATES = (DataType.DATE, DataType.TIMESTAMP)
_DATE = re.compile(r"\d{4}-\d{2}")
_LEXICONS = 16
"""For so many views the forms of the approved questions are kept."""

ReadAt = Callable[[str, Moment], Reading]
"""The grounded interpreter over the caller's view, for a question that goes on from none."""


class Approved(Node, frozen=True):
    """A pair that answers: the words, and the query or the SQL (for the engine `source`) that they ask. What a period of the words was on `today` is what the
    query's dates mean."""

    id: str
    question: str
    query: SemanticQuery | None
    today: dt.date
    sql: str = ""
    source: str = ""
    approved_by: str = ""
    approved_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """A pair that the question is one of, with the query as it is for this question."""

    approved: Approved
    query: SemanticQuery | None


@dataclass(frozen=True, slots=True)
class _Known:
    """An approved pair as a view's words tell it."""

    approved: Approved
    things: tuple[Said, ...]
    slots: Slots
    form: Form


class ApprovedPairs:
    """The pairs that answer now. Thread-safe; what they say is worked out once for each lexicon, whose words decide it."""

    def __init__(self, pairs: Sequence[Approved] = ()) -> None:
        self.pairs = tuple(pairs)
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, tuple[str, int, int]], tuple[Lexicon, tuple[_Known, ...]]] = OrderedDict()

    def of(self, lexicon: Lexicon, moment: Moment) -> tuple[_Known, ...]:
        """The pairs in the words of a lexicon."""
        key = (id(lexicon), (moment.timezone, moment.week_start, moment.fiscal_start))
        with self._lock:
            held = self._known.get(key)
        if held is None or held[0] is not lexicon:
            held = (lexicon, tuple(_known(pair, lexicon, at_that_day(moment, pair)) for pair in self.pairs))
        with self._lock:
            self._known[key] = held
            self._known.move_to_end(key)
            while len(self._known) > _LEXICONS:
                self._known.popitem(last=False)
        return held[1]


def matches(question: str, reading: Reading, pairs: ApprovedPairs, lexicon: Lexicon, moment: Moment, read: ReadAt) -> tuple[Matched, ...]:
    """The pairs of which the question is one, the newest first. `reading` is what the interpreter makes of the question alone. Never raises."""
    if not pairs.pairs:
        return ()
    things = said(question, lexicon, moment)
    found = []
    for one in pairs.of(lexicon, moment) if things else ():
        asked = form(things, one.slots)
        if not asked.says(one.form, in_order=False):
            continue
        theirs = read(one.approved.question, at_that_day(moment, one.approved))
        given, meant = filled(things, one.slots), filled(one.things, one.slots)
        outcome, queries = _sense(reading, given[1], one.slots)
        if (outcome, queries) == _sense(theirs, meant[1], one.slots) and asked.says(one.form, in_order=not queries):
            found.append(Matched(one.approved, _as_asked(one, things, moment)))
    return tuple(sorted(found, key=lambda match: match.approved.id, reverse=True))


def at_that_day(moment: Moment, pair: Approved) -> Moment:
    """The moment on the day on which the pair was approved."""
    return msgspec.structs.replace(moment, today=pair.today)


def _known(pair: Approved, lexicon: Lexicon, then: Moment) -> _Known:
    things = said(pair.question, lexicon, then)
    slots = slots_of(pair, things)
    return _Known(pair, things, slots, form(things, slots))


def slots_of(pair: Approved, things: Sequence[Said]) -> Slots:
    """What of a pair's question may be another one: only what the approved query has in the same place."""
    query = pair.query
    if query is None:
        return Slots()
    periods = [one.period for one in things if one.period is not None]
    period = len(periods) == 1 and not periods[0].phrase and periods[0].bounded and _is_of(query, periods[0], pair.today)
    return Slots(_names(query), period and not _dated(query), bool(query.calculations or query.to_date), _open_values(query, things))


def _is_of(query: SemanticQuery, period: TimeRange, today: dt.date) -> bool:
    """Whether the query's dates are those of the period, and the day up to which it counts follows from them."""
    span = query.time
    if span is None or span.start_clock or span.end_clock or (span.start, span.end) != (period.start, period.end):
        return False
    return query.as_of is None or query.as_of == min(span.end or today, today)


def _dated(query: SemanticQuery) -> bool:
    """Whether its filters name dates: those would stay where the period is another one."""
    for node in (node for expr in (query.where, query.having) if expr is not None for node in walk(expr)):
        if isinstance(node, Literal) and (node.type in _DATES or _DATE.match(str(node.value))):
            return True
        if isinstance(node, Field) and node.date_part not in (None, DatePart.DOW):
            return True
    return False


def _open_values(query: SemanticQuery, things: Sequence[Said]) -> frozenset[str]:
    """The dimensions of which the question names values, that the query's one condition on them compares with each of these and nothing else; no other
    condition has the value."""
    compared = list(_compared(query.where)) if query.where is not None else []
    nodes = list(walk(query.where)) if query.where is not None else []
    written = Counter(str(node.value) for node in nodes if isinstance(node, Literal))
    conditions = Counter(node.name for node in nodes if isinstance(node, Field))
    found = set()
    for one in things:
        for name, value in one.values:
            ours = [literal for field, literal in compared if field == name]
            named = sum(1 for other in things for pair in other.values if pair[0] == name)
            if conditions[name] == ours.count(value) == written[value] == 1 and len(ours) == named:
                found.add(name)
    said_twice = {name for name in found if any(sum(pair[0] == name for pair in one.values) > 1 for one in things)}
    return frozenset(found - said_twice)


def _compared(where: Expr) -> list[tuple[str, str]]:
    """Each equality of a dimension with a text."""
    found = []
    for node in walk(where):
        if isinstance(node, Binary) and node.op == "=" and isinstance(node.left, Field) and isinstance(node.right, Literal):
            found.append((node.left.name, str(node.right.value)))
        if isinstance(node, In) and isinstance(node.arg, Field):
            found += [(node.arg.name, str(option.value)) for option in node.options if isinstance(option, Literal)]
    return found


def _names(query: SemanticQuery) -> frozenset[str]:
    """The metrics and dimensions of the query, which may be said with any of their words: those are not what was corrected."""
    used = [field.name for expr in (query.where, query.having) for field in fields(expr)]
    return frozenset((*query.asked_metrics, *(item.name for item in query.group_by), *used))


def _as_asked(one: _Known, things: Sequence[Said], moment: Moment) -> SemanticQuery | None:
    """The approved query with the period and the values of the question that is asked now."""
    query = one.approved.query
    if query is None:
        return None
    (period, now), (_, then) = filled(things, one.slots), filled(one.things, one.slots)
    if period is not None and query.time is not None:
        as_of = None if query.as_of is None else min(period.end or moment.today, moment.today)
        query = msgspec.structs.replace(query, time=period, as_of=as_of)
    elif query.as_of == one.approved.today:
        query = msgspec.structs.replace(query, as_of=moment.today)
    changed = {old[1]: new[1] for old, new in zip(then, now, strict=False) if old != new and old[0] == new[0]}
    if changed and query.where is not None:
        query = msgspec.structs.replace(query, where=_with_values(query.where, changed))
    return query


def _with_values(where: Expr, changed: dict[str, str]) -> Expr:
    def new(leaf: Expr) -> Expr:
        if isinstance(leaf, Literal) and isinstance(leaf.value, str) and leaf.value in changed:
            return msgspec.structs.replace(leaf, value=changed[leaf.value])
        return leaf

    return replace_leaves(where, new)


def _sense(reading: Reading, values: Sequence[tuple[str, str]], slots: Slots) -> tuple[Outcome, frozenset[bytes]]:
    """What the interpreter makes of a question, without what stands in the slots."""
    queries = [reading.query] if reading.query is not None else [choice.query for choice in reading.choices]
    return reading.outcome, frozenset(_shape(query, values, slots) for query in queries)


def _shape(query: SemanticQuery, values: Sequence[tuple[str, str]], slots: Slots) -> bytes:
    query = msgspec.structs.replace(query, time=None, as_of=None) if slots.period else msgspec.structs.replace(bare(query), as_of=None)
    marks = {value: f"\x00{at}" for at, (_, value) in enumerate(values)}
    if marks and query.where is not None:
        query = msgspec.structs.replace(query, where=_with_values(query.where, marks))
    return query.canonical()


def bare(query: SemanticQuery) -> SemanticQuery:
    """The query without the words that were said for its days, by which two are compared."""
    return query if query.time is None else msgspec.structs.replace(query, time=msgspec.structs.replace(query.time, phrase=""))
