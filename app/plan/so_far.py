"""Running totals over all time: the totals of the timeline's units are summed up once, in order, and each sum holds until the next one.

A day is joined to the one sum that holds on it, in place of all days before. Distinct values count on the first day that has them.
"""

from __future__ import annotations

from app.model.expr import Binary, IsNull, Or
from app.model.plan import Aggregate, Aggregated, JoinKind, Named, Select, Windowed
from app.model.query import GroupBy
from app.model.types import Aggregation, DataType
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Making, timed
from app.plan.rows import Valued
from app.plan.running import COMBINED, totals_by
from app.plan.scans import Scans
from app.plan.summaries import pick
from app.sql.expressions.infer import infer


def sum_up(draft: Draft, asked: Asked, growing: Growing, making: Making, valued: Valued) -> None:
    """Make the step, with the group-by items and the clock as keys. The leaf's span is all time."""
    leaf = growing.leaf
    own = timed(asked.keys, leaf, draft.graph)
    others = tuple(item for item in asked.keys if item not in own)
    totals, at = totals_by(draft, asked, growing, making.unit, valued)
    if any(measure.agg is Aggregation.COUNT_DISTINCT for measure in growing.wanted.values()):
        totals = _first_seen(draft, growing, totals, at, others, making.unit)
    sums, until = _sums(draft, growing, totals, at, others, making.unit)
    along = Along(draft, leaf, making.unit, making.ends)
    scans, timeline = along.scans, along.timeline
    for offset in leaf.offsets:
        timeline.move(offset)
    alias = scans.step(sums, "so_far")
    ended = scans.column(alias, until)
    lasts = Or((Binary(">", ended, timeline.moment), IsNull(ended)))
    scans.join(alias, (Binary("<=", scans.column(alias, at), timeline.moment), lasts), JoinKind.INNER)
    keys = tuple(along.key(item) if item in own else scans.named(alias, item.column) for item in asked.keys)
    if making.clock:
        keys += (Named(making.clock, timeline.clock, infer(timeline.clock, scans.type_of)),)
    given, where = tuple(scans.named(alias, name) for name in growing.wanted), along.within(asked)
    pick(draft, making.name, scans.finish(where), keys, given, making.mark)


def _first_seen(draft: Draft, growing: Growing, totals: str, at: str, others: tuple[GroupBy, ...], unit: str) -> str:
    """Of distinct values by unit those that each unit has for the first time, counted: steps with the keys of `totals`, but for the value."""
    (name,) = growing.wanted
    scans = Scans(draft)
    alias = scans.step(totals, f"per_{unit}")
    time = scans.column(alias, at)
    kind = scans.type_of(time)
    keys = tuple(scans.named(alias, column) for column in (*(item.column for item in others), name))
    first = (Aggregated(at, Aggregation.MIN, time, kind, kind),)
    seen = draft.add(Aggregate(draft.name(f"{growing.stem}_first_seen"), scans.finish(None), keys, first))
    scans = Scans(draft)
    alias = scans.step(seen, "first_seen")
    value = scans.column(alias, name)
    keys = tuple(scans.named(alias, column) for column in (at, *(item.column for item in others)))
    count = Aggregated(name, Aggregation.COUNT, value, scans.type_of(value), DataType.INTEGER)
    return draft.add(Aggregate(draft.name(f"{growing.stem}_new_per_{unit}"), scans.finish(None), keys, (count,)))


def _sums(draft: Draft, growing: Growing, totals: str, at: str, others: tuple[GroupBy, ...], unit: str) -> tuple[str, str]:
    """The step of sums, made once of the same totals, and its column of the time until which each holds, NULL for ever."""
    return draft.once(("sums", totals), lambda: _summed(draft, growing, totals, at, others, unit))


def _summed(draft: Draft, growing: Growing, totals: str, at: str, others: tuple[GroupBy, ...], unit: str) -> tuple[str, str]:
    """Make the step."""
    scans, until = Scans(draft), draft.column("until")
    alias = scans.step(totals, f"per_{unit}")
    keys = tuple(scans.named(alias, item.column) for item in others)
    by, time = tuple(key.expr for key in keys), scans.named(alias, at)
    order = ((time.expr, False),)
    windows = [Windowed(until, "lead", by, time.expr, order, time.type)]
    for name, measure in growing.wanted.items():
        value = scans.named(alias, name)
        windows.append(Windowed(name, COMBINED[measure.agg].value, by, value.expr, order, value.type))
    made = Select(draft.name(f"{growing.stem}_so_far"), scans.finish(None), (time, *keys), windows=tuple(windows))
    return draft.add(made), until
