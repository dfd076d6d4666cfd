"""Running totals over all time: the totals of the timeline's units are summed up once, in order, and each sum holds until the next one.

A day is joined to the one sum that holds on it, in place of all days before. Where the last day stands for a longer period, only the last days are
looked at: what there was on any day is there on all days that follow.
"""

from __future__ import annotations

from app.model.expr import Binary, Expr, IsNull, Or
from app.model.plan import Aggregate, Aggregated, JoinKind, Named, Select, Windowed
from app.model.query import GroupBy
from app.model.semantics import Measure
from app.model.types import Aggregation
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, timed
from app.plan.rows import Valued
from app.plan.running import COMBINED, totals_by
from app.plan.scans import Scans
from app.plan.summaries import pick
from app.plan.timeline import Span
from app.sql.expressions.infer import infer


def holds(leaf: Leaf, wanted: dict[str, Measure]) -> bool:
    """Whether totals of units can be summed up in order: over all time, by aggregations of which parts can be combined."""
    return leaf.span == Span() and {measure.agg for measure in wanted.values()} <= COMBINED.keys()


def sum_up(draft: Draft, asked: Asked, growing: Growing, name: str, unit: str, clock: str, mark: str, valued: Valued) -> None:
    """Make the step `name`, with the group-by items and `clock`, where one is named, as keys."""
    leaf = growing.leaf
    along = Along(draft, leaf, unit)
    for offset in leaf.offsets:
        along.timeline.move(offset)
    own = {key.column for key in timed(asked.keys, leaf, draft.graph)}
    alias, until, at = _so_far(draft, along.scans, asked, growing, unit, valued)
    _join(along.scans, alias, at, until, along.timeline.moment)
    keys = tuple(along.key(item) if item.column in own else _held(along.scans, alias, item) for item in asked.keys)
    if clock:
        now = along.timeline.clock
        keys += (Named(clock, now, infer(now, along.scans.type_of)),)
    given, where = _given(along.scans, alias, growing), along.within(asked)
    pick(draft, name, along.scans.finish(where), keys, given, mark)


def sum_up_to_ends(draft: Draft, asked: Asked, growing: Growing, unit: str, mark: str, valued: Valued) -> None:
    """As `sum_up` under the growing step's own name, of each period asked for on its last day."""
    leaf, scans = growing.leaf, Scans(draft)
    own = timed(asked.keys, leaf, draft.graph)
    ends, clock = _ends(draft, asked, leaf, own, unit)
    end = scans.step(ends, "periods")
    alias, until, at = _so_far(draft, scans, asked, growing, unit, valued)
    _join(scans, alias, at, until, scans.column(end, clock))
    keys = tuple(_held(scans, end if item in own else alias, item) for item in asked.keys)
    given = _given(scans, alias, growing)
    pick(draft, growing.name, scans.finish(None), keys, given, mark)


def _ends(draft: Draft, asked: Asked, leaf: Leaf, own: tuple[GroupBy, ...], unit: str) -> tuple[str, str]:
    """A step with the periods asked for and the last day of each; the column of the day."""

    def make() -> tuple[str, str]:
        along = Along(draft, leaf, unit)
        now, clock = along.timeline.clock, draft.column(f"last_{unit}")
        kind = infer(now, along.scans.type_of)
        keys = tuple(along.key(item) for item in own)
        rows = along.scans.finish(along.within(asked))
        return draft.add(Aggregate(draft.name("period_ends"), rows, keys, (Aggregated(clock, Aggregation.MAX, now, kind, kind),))), clock

    return draft.once(("ends", own, leaf.where, asked.time, leaf.agg_time, unit), make)


def _so_far(draft: Draft, into: Scans, asked: Asked, growing: Growing, unit: str, valued: Valued) -> tuple[str, str, str]:
    """Make the step of sums, opened in `into`: its alias, and its columns of the time until which each holds, NULL for ever, and from which."""
    totals, at = totals_by(draft, asked, growing, unit, valued)
    scans = Scans(draft)
    alias, until = scans.step(totals, f"per_{unit}"), draft.column("until")
    own = {key.column for key in timed(asked.keys, growing.leaf, draft.graph)}
    keys = tuple(_held(scans, alias, item) for item in asked.keys if item.column not in own)
    by, time = tuple(key.expr for key in keys), scans.column(alias, at)
    order, kind = ((time, False),), draft.type_of(totals, at)
    windows = [Windowed(until, "lead", by, time, order, kind)]
    for measure in growing.wanted.values():
        agg = COMBINED[measure.agg]
        windows.append(Windowed(measure.name, agg.value, by, scans.column(alias, measure.name), order, draft.type_of(totals, measure.name)))
    made = Select(draft.name(f"{growing.stem}_so_far"), scans.finish(None), (Named(at, time, kind), *keys), windows=tuple(windows))
    return into.step(draft.add(made), "so_far"), until, at


def _join(scans: Scans, alias: str, at: str, until: str, moment: Expr) -> None:
    """Each moment with the sums that hold at it."""
    ended = scans.column(alias, until)
    lasts = Or((Binary(">", ended, moment), IsNull(ended)))
    scans.join(alias, (Binary("<=", scans.column(alias, at), moment), lasts), JoinKind.INNER)


def _held(scans: Scans, alias: str, item: GroupBy) -> Named:
    """A group-by item that an earlier step has."""
    expr = scans.column(alias, item.column)
    return Named(item.column, expr, scans.type_of(expr))


def _given(scans: Scans, alias: str, growing: Growing) -> tuple[Named, ...]:
    """The values of an earlier step."""
    columns = (scans.column(alias, measure.name) for measure in growing.wanted.values())
    return tuple(Named(column.name, column, scans.type_of(column)) for column in columns)
