"""A leaf as steps: its rows, along a timeline where offsets or a span ask for one, aggregated by the group-by items."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.model.expr import Binary, Expr, Or, Truncate
from app.model.plan import Aggregate, Aggregated, JoinKind, Named
from app.model.query import GroupBy
from app.model.semantics import Measure
from app.model.types import DataType, Grain
from app.plan.along import Along, ranged
from app.plan.clock_grain import moved_unit, unit_of
from app.plan.draft import Draft
from app.plan.ends import are_enough, period_ends
from app.plan.leaves import Asked, Growing, Leaf, Making, agg_time, only_time, time_fields, timed
from app.plan.marks import aggregated_mark
from app.plan.ranges import time_filter
from app.plan.rows import RowsBuilder, Valued
from app.plan.running import can_run, run
from app.plan.snapshots import snapshots
from app.plan.so_far import sum_up
from app.plan.spread import on_spine
from app.plan.summaries import pick, summarized
from app.plan.timeline import Ends, Span
from app.plan.times import STANDARD_GRAINS
from app.sql.expressions.infer import aggregated, infer
from app.sql.expressions.walk import conjunction, conjuncts
from app.sql.joins.graph import METRIC_TIME


def aggregate(draft: Draft, asked: Asked, growing: Growing, mark: str, valued: Valued) -> None:
    """Make the steps of a leaf; the last one bears its name and has the group-by items as keys."""
    leaf = growing.leaf
    keys = timed(asked.keys, leaf, draft.graph)
    whole = moved_unit(leaf, keys, time_fields(leaf, draft.graph), draft.graph)
    if whole:
        _move(draft, asked, growing, whole, mark, valued)
        return
    spread = leaf.on_spine and bool(keys)
    unit = unit_of(leaf, keys, time_fields(leaf, draft.graph), draft.graph)
    series = leaf.span is not None and bool(unit) and unit not in {key.grain for key in keys if not key.date_part}
    ends = period_ends(draft, asked, leaf, unit) if series and are_enough(draft, asked, leaf) else None
    series = series and ends is None
    made = draft.name(f"{growing.stem}_by_{unit}") if series else draft.name(f"{growing.stem}_found") if spread else growing.name
    clock = draft.column("clock") if series else ""
    making = Making(made, unit, clock, "" if spread or series else mark, ends)
    if unit and asked.keys and can_run(leaf, growing.wanted, draft.graph):  # without keys: of nothing a count is 0, and no sum of parts
        (sum_up if leaf.span == Span() else run)(draft, asked, growing, making, valued)
    else:
        _aggregate(draft, asked, growing, making, valued)
    if spread:
        filled = draft.name(f"{growing.stem}_filled") if series else growing.name
        on_spine(draft, asked, leaf, made, filled, "" if series else mark, unit, clock)
        made = filled
    if series:
        summarized(draft, made, growing, clock, leaf.period_agg if keys else "last", mark)


def _move(draft: Draft, asked: Asked, growing: Growing, unit: str, mark: str, valued: Valued) -> None:
    """A running total as it was whole periods before: what it came to in each period, and the periods from which the offsets lead there."""
    leaf = growing.leaf
    own = timed(asked.keys, leaf, draft.graph)
    period = GroupBy(METRIC_TIME, unit)
    kept = conjunction(*(c for c in conjuncts(leaf.where) if not only_time(c, leaf, draft.graph)))
    before = Growing(replace(leaf, offsets=(), where=kept), draft.name(f"{growing.stem}_by_{unit}"), growing.stem, growing.wanted)
    aggregate(draft, Asked((period, *(item for item in asked.keys if item not in own))), before, "", valued)
    along = Along(draft, leaf, unit)
    for offset in leaf.offsets:
        along.timeline.move(offset)
    alias = along.scans.step(before.name, "before")
    along.scans.join(alias, (Binary("=", along.timeline.moment, along.scans.column(alias, period.column)),), JoinKind.INNER)
    keys = tuple(along.key(item) if item in own else along.scans.named(alias, item.column) for item in asked.keys)
    given = tuple(along.scans.named(alias, name) for name in growing.wanted)
    where = along.within(asked)
    if unit in {item.grain for item in own}:
        pick(draft, growing.name, along.scans.finish(where), keys, given, mark)
        return
    clock, now = draft.column("clock"), along.timeline.clock
    keys += (Named(clock, now, infer(now, along.scans.type_of)),)
    series = draft.name(f"{growing.stem}_moved")
    pick(draft, series, along.scans.finish(where), keys, given, "")
    summarized(draft, series, growing, clock, leaf.period_agg, mark)


def rows_of(draft: Draft, leaf: Leaf, unit: str, valued: Valued, ends: Ends | None = None) -> RowsBuilder:
    """The leaf's rows, joined to their timeline where there is a unit."""
    rows = RowsBuilder(draft, draft.graph.semantic_models[leaf.model], agg_time(leaf, draft.graph), unit=unit, ends=ends, valued=valued)
    if rows.timeline is not None:
        for offset in leaf.offsets:
            rows.timeline.move(offset)
        own = rows.own_time()
        rows.attach(rows.timeline.reaches(own) if leaf.span is None else rows.timeline.spans(own, leaf.span))
    return rows


def condition(rows: RowsBuilder, asked: Asked, leaf: Leaf) -> Expr | None:
    """The filter of the leaf, the query's range, and of metrics at the start of a grain the days that stand for longer periods."""
    where = rows.filter(leaf.where) if leaf.where is not None else None
    if asked.time is None or not asked.time.bounded:
        within = None
    elif rows.timeline is not None:
        within = ranged(rows.timeline, rows.type_of, asked.time, leaf)
    else:
        at = rows.time()
        # Accumulated over all time, and not by time: what it has come to by the end of the range.
        time = msgspec.structs.replace(asked.time, start=None, start_clock=None) if leaf.span is not None else asked.time
        within = time_filter(at, infer(at, rows.type_of), time)
    return conjunction(where, within, _starts(rows, asked, leaf))


def aggregated_measure(measure: Measure, expr: Expr, of: DataType) -> Aggregated:
    """A measure over an expression of a type."""
    kind = aggregated(measure.agg, of, discrete=measure.discrete)
    return Aggregated(measure.name, measure.agg, expr, of, kind, measure.percentile, measure.discrete, measure.approximate)


def _aggregate(draft: Draft, asked: Asked, growing: Growing, making: Making, valued: Valued) -> None:
    """The rows aggregated by the group-by items and the clock."""
    leaf, wanted = growing.leaf, growing.wanted
    rows = rows_of(draft, leaf, making.unit, valued, making.ends)
    keys = tuple(rows.key(item) for item in asked.keys)
    if making.clock:
        keys += (Named(making.clock, rows.time(), infer(rows.time(), rows.type_of)),)
    where = condition(rows, asked, leaf)
    inputs = []
    for measure in wanted.values():
        expr = rows.measure(measure.expr)
        inputs.append(Named(measure.name, expr, infer(expr, rows.type_of)))
    if leaf.non_additive is not None:
        by = tuple(rows.key(item).expr for item in timed(asked.keys, leaf, draft.graph))
        held, keys, inputs = snapshots(draft, rows, leaf.non_additive, by, keys, inputs, where, growing.stem)
    else:
        held = rows.finish(where)
    values = (aggregated_measure(measure, given.expr, given.type) for measure, given in zip(wanted.values(), inputs, strict=True))
    draft.add(Aggregate(making.name, held, keys, (*values, *aggregated_mark(making.mark))))


def _starts(rows: RowsBuilder, asked: Asked, leaf: Leaf) -> Expr | None:
    """What a metric was at the start of a grain is one value for each day: for a longer period that of its first day stands.

    Without it the month's first day would be counted once for each day of a week or month (MetricFlow's rule too).
    """
    if rows.timeline is None or leaf.span is not None or not any(offset.to_grain for offset in leaf.offsets):
        return None
    clock = rows.timeline.clock
    asked_grains = [Grain(key.grain) for key in timed(asked.keys, leaf, rows.graph) if key.grain in STANDARD_GRAINS and not key.date_part]
    longer = [grain for grain in asked_grains if grain.order > rows.timeline.grain.order]
    if not longer or len(longer) < len(asked_grains):
        return None
    starts = tuple(Binary("=", clock, Truncate(clock, grain)) for grain in longer)
    return starts[0] if len(starts) == 1 else Or(starts)
