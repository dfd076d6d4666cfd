"""Running totals: what adds up is added up by the timeline's unit first, and only those totals are joined to the days that they count for.

A day of a year-to-date sum has up to 366 totals behind it in place of all rows of the year. It holds for aggregations of which parts can be combined (sums,
counts, extremes, distinct values); for the others the rows themselves are joined.
"""

from __future__ import annotations

from app.model.expr import Binary, Expr, Truncate
from app.model.plan import Aggregate, Aggregated, JoinKind, Named
from app.model.query import GroupBy
from app.model.semantics import Measure
from app.model.types import Aggregation
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, Making, agg_time, is_separable, only_time, timed
from app.plan.marks import aggregated_mark
from app.plan.rows import RowsBuilder, Valued
from app.plan.scans import Scans
from app.plan.timeline import Span
from app.sql.clock import base_grain
from app.sql.expressions.infer import aggregated, infer
from app.sql.expressions.walk import conjunction, conjuncts, key_parts
from app.sql.joins import JoinGraph

COMBINED = {
    Aggregation.SUM: Aggregation.SUM,
    Aggregation.COUNT: Aggregation.SUM,
    Aggregation.SUM_BOOLEAN: Aggregation.SUM,
    Aggregation.COUNT_DISTINCT: Aggregation.SUM,
    Aggregation.MIN: Aggregation.MIN,
    Aggregation.MAX: Aggregation.MAX,
}
"""By which aggregation the values of parts give that of the whole; distinct values only where no two parts have the same."""


def can_run(leaf: Leaf, wanted: dict[str, Measure], graph: JoinGraph) -> bool:
    """Whether the totals of the units are enough: parts can be combined, and no condition speaks of time and of something else at once."""
    if leaf.span is None or leaf.non_additive is not None:
        return False
    aggs = {measure.agg for measure in wanted.values()}
    if Aggregation.COUNT_DISTINCT in aggs:
        composite = any(len(key_parts(measure.expr)) > 1 for measure in wanted.values())
        return len(wanted) == 1 and not composite and is_separable(leaf, graph)
    return aggs <= COMBINED.keys() and is_separable(leaf, graph)


def run(draft: Draft, asked: Asked, growing: Growing, making: Making, valued: Valued) -> None:
    """Make the step from totals by unit, with the group-by items and the clock as keys."""
    leaf, wanted, unit = growing.leaf, growing.wanted, making.unit
    totals, at = totals_by(draft, asked, growing, unit, valued)
    along = Along(draft, leaf, unit, making.ends)
    scans, timeline = along.scans, along.timeline
    for offset in leaf.offsets:
        timeline.move(offset)
    alias = _counting(draft, along, growing, totals, at, unit)
    own = {key.column for key in timed(asked.keys, leaf, draft.graph)}

    def key(item: GroupBy) -> Named:
        if item.column in own:
            return along.key(item)
        return scans.named(alias, item.column)

    keys = tuple(key(item) for item in asked.keys)
    if making.clock:
        keys += (Named(making.clock, timeline.clock, infer(timeline.clock, scans.type_of)),)
    values = []
    for measure in wanted.values():
        distinct = measure.agg is Aggregation.COUNT_DISTINCT
        agg, kind = measure.agg if distinct else COMBINED[measure.agg], draft.type_of(totals, measure.name)
        values.append(Aggregated(measure.name, agg, scans.column(alias, measure.name), kind, aggregated(agg, kind)))
    draft.add(Aggregate(making.name, scans.finish(along.within(asked)), keys, (*values, *aggregated_mark(making.mark))))


def _counting(draft: Draft, along: Along, growing: Growing, totals: str, at: str, unit: str) -> str:
    """Join the totals that lie in each moment's span; their alias. Where a unit has several, the units are looked for first, and their totals by equality."""
    span, scans = growing.leaf.span or Span(), along.scans
    made = draft.step(totals)
    if len(made.keys) == 1:
        alias = scans.step(totals, f"per_{unit}")
        scans.join(alias, along.timeline.spans(scans.column(alias, at), span, cut=True), JoinKind.INNER)
        return alias
    there = Scans(draft)
    time = there.column(there.step(totals, f"per_{unit}"), at)
    name = draft.name(f"{unit}s_with_rows", f"{growing.stem}_{unit}s_with_rows")
    distinct = Aggregate(name, there.finish(None), (Named(at, time, there.type_of(time)),))
    day = scans.step(draft.add(distinct), f"{unit}s")
    scans.join(day, along.timeline.spans(scans.column(day, at), span, cut=True), JoinKind.INNER)
    alias = scans.step(totals, f"per_{unit}")
    scans.join(alias, (Binary("=", scans.column(day, at), scans.column(alias, at)),), JoinKind.INNER)
    return alias


def totals_by(draft: Draft, asked: Asked, growing: Growing, unit: str, valued: Valued) -> tuple[str, str]:
    """The step of totals by unit and by the group-by items that are not of time, and the column of its time; distinct values are items themselves.

    Leaves that differ in what becomes of the totals share the step.
    """
    leaf = growing.leaf
    own = timed(asked.keys, leaf, draft.graph)
    others = tuple(item for item in asked.keys if item not in own)
    kept = conjunction(*(c for c in conjuncts(leaf.where) if not only_time(c, leaf, draft.graph)))

    def make() -> tuple[str, str]:
        return _totals(draft, growing, others, kept, unit, valued)

    return draft.once(("totals", leaf.model, leaf.agg_time, kept, others, unit, tuple(growing.wanted.values())), make)


def _totals(draft: Draft, growing: Growing, others: tuple[GroupBy, ...], kept: Expr | None, unit: str, valued: Valued) -> tuple[str, str]:
    """Make the step."""
    graph, leaf = draft.graph, growing.leaf
    at = draft.column("happened_at")
    rows = RowsBuilder(draft, graph.semantic_models[leaf.model], agg_time(leaf, graph), valued=valued)
    time = Truncate(rows.own_time(), base_grain(unit, graph.custom_grains))
    keys = [Named(at, time, infer(time, rows.type_of)), *(rows.key(item) for item in others)]
    values = []
    for measure in growing.wanted.values():
        expr = rows.measure(measure.expr)
        of = infer(expr, rows.type_of)
        if measure.agg is Aggregation.COUNT_DISTINCT:
            keys.append(Named(measure.name, expr, of))
        else:
            values.append(Aggregated(measure.name, measure.agg, expr, of, aggregated(measure.agg, of)))
    where = None if kept is None else rows.filter(kept)
    return draft.add(Aggregate(draft.name(f"{growing.stem}_per_{unit}"), rows.finish(where), tuple(keys), tuple(values))), at
