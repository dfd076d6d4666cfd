"""Running totals: what adds up is added up by the timeline's unit first, and only those totals are joined to the days that they count for.

A day of a year-to-date sum has up to 366 totals behind it in place of all rows of the year. It holds for aggregations of which parts can be combined (sums,
counts, extremes, distinct values); for the others the rows themselves are joined.
"""

from __future__ import annotations

from app.model.expr import Truncate
from app.model.plan import Aggregate, Aggregated, JoinKind, Named
from app.model.query import GroupBy
from app.model.semantics import Measure
from app.model.types import Aggregation
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, agg_time, any_time, only_time, timed
from app.plan.rows import RowsBuilder, Valued
from app.plan.spines import base_grain
from app.plan.timeline import Span
from app.sql.expressions.infer import aggregated, infer
from app.sql.expressions.walk import conjunction, conjuncts
from app.sql.joins import JoinGraph

_COMBINED = {
    Aggregation.SUM: Aggregation.SUM,
    Aggregation.COUNT: Aggregation.SUM,
    Aggregation.SUM_BOOLEAN: Aggregation.SUM,
    Aggregation.MIN: Aggregation.MIN,
    Aggregation.MAX: Aggregation.MAX,
}


def can_run(leaf: Leaf, wanted: dict[str, Measure], graph: JoinGraph) -> bool:
    """Whether the totals of the units are enough: parts can be combined, and no condition speaks of time and of something else at once."""
    if leaf.span is None or leaf.non_additive is not None:
        return False
    aggs = {measure.agg for measure in wanted.values()}
    if not (aggs <= _COMBINED.keys() or (aggs == {Aggregation.COUNT_DISTINCT} and len(wanted) == 1)):
        return False
    return all(only_time(condition, leaf, graph) or not any_time(condition, leaf, graph) for condition in conjuncts(leaf.where))


def running(
    draft: Draft, asked: Asked, growing: Growing, unit: str, valued: Valued
) -> tuple[Along, tuple[Named, ...], tuple[Aggregated, ...]]:
    """Make the step of totals, and join it to a timeline of `unit`: gives the timeline's rows, the keys over them, and the totals combined."""
    leaf, wanted = growing.leaf, growing.wanted
    at = draft.column("happened_at")
    totals = _totals(draft, asked, growing, at, unit, valued)
    along = Along(draft, leaf, unit)
    for offset in leaf.offsets:
        along.timeline.move(offset)
    alias = along.scans.step(totals, "totals")
    along.scans.join(alias, along.timeline.spans(along.scans.column(alias, at), leaf.span or Span(), cut=True), JoinKind.INNER)
    of_time = {key.column for key in timed(asked.keys, leaf, draft.graph)}

    def key(item: GroupBy) -> Named:
        if item.column in of_time:
            return along.key(item)
        return Named(item.column, along.scans.column(alias, item.column), draft.type_of(totals, item.column))

    values = []
    for measure in wanted.values():
        agg, kind = _COMBINED.get(measure.agg, measure.agg), draft.type_of(totals, measure.name)
        values.append(Aggregated(measure.name, agg, along.scans.column(alias, measure.name), kind, aggregated(agg, kind)))
    return along, tuple(key(item) for item in asked.keys), tuple(values)


def _totals(draft: Draft, asked: Asked, growing: Growing, at: str, unit: str, valued: Valued) -> str:
    """The step of totals by unit, in column `at`, and by the group-by items that are not of time; distinct values are items themselves."""
    graph, leaf = draft.graph, growing.leaf
    rows = RowsBuilder(draft, graph.semantic_models[leaf.model], agg_time(leaf, graph), valued=valued)
    of_time = timed(asked.keys, leaf, graph)
    time = Truncate(rows.own_time(), base_grain(graph, unit))
    keys = [Named(at, time, infer(time, rows.type_of)), *(rows.key(item) for item in asked.keys if item not in of_time)]
    values = []
    for measure in growing.wanted.values():
        expr = rows.measure(measure.expr)
        of = infer(expr, rows.type_of)
        if measure.agg is Aggregation.COUNT_DISTINCT:
            keys.append(Named(measure.name, expr, of))
        else:
            values.append(Aggregated(measure.name, measure.agg, expr, of, aggregated(measure.agg, of)))
    kept = conjunction(*(c for c in conjuncts(leaf.where) if not only_time(c, leaf, graph)))
    where = None if kept is None else rows.filter(kept)
    return draft.add(Aggregate(draft.name(f"{growing.stem}_per_{unit}"), rows.finish(where), tuple(keys), tuple(values)))
