"""Which grain a time dimension has where a query gives none: the metric's default, else the coarsest that any of the queried metrics needs."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.model.expr import Expr
from app.model.query import GroupBy, SemanticQuery
from app.model.types import Grain
from app.plan.hints import GROUPED, meant
from app.plan.problems import at
from app.plan.rows import as_field
from app.plan.times import finest_grain
from app.sql.clock import default_grain
from app.sql.expressions.walk import columns, fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME


def settled(items: Sequence[GroupBy], metrics: Sequence[str], joins: JoinGraph) -> dict[str, GroupBy]:
    """The column name as asked → the item with its whole name and its grain. Raises UserError as `JoinGraph.inputs` and `JoinGraph.resolve`, with
    the place of the metric or item in the query."""
    for number, metric in enumerate(metrics):
        with at(f"metrics[{number}]"):
            joins.inputs(metric)
    done: dict[str, GroupBy] = {}
    for number, item in enumerate(items):
        with at(f"group_by[{number}]"), meant(item.column, joins, GROUPED):
            done.setdefault(item.column, settled_item(item, metrics, joins))
    return done


def settled_item(item: GroupBy, metrics: Sequence[str], joins: JoinGraph) -> GroupBy:
    """One item. A name that says less than the whole way gets the whole, where it is the same for all metrics. Raises UserError as
    `JoinGraph.resolve_for_all`."""
    if item.name == METRIC_TIME and not item.path:
        grain = item.grain or ("" if item.date_part else _metric_time_grain(metrics, joins).value)
        return GroupBy(item.name, grain, item.date_part)
    starts = _starts(item, metrics, joins)
    found = joins.resolve_for_all(starts, item.name, item.path)
    names = {reached.name for reached in found if reached.hops or "__" not in item.name}
    whole = len(names) == 1 and not item.path and all(reached.name in names for reached in found)
    grains = [grain for grain in map(finest_grain, found) if grain is not None]
    coarsest = max(grains, key=lambda grain: grain.order).value if grains else ""
    name = next(iter(names)) if whole and joins.says_the_same(starts, next(iter(names)), found) else item.name
    return GroupBy(name, item.grain or ("" if item.date_part else coarsest), item.date_part, item.path)


def agreed(where: Expr | None, metrics: Sequence[str], joins: JoinGraph) -> None:
    """Hold each name of the query's filter to mean one thing for all of its metrics. Raises UserError DM3041; what some metric lacks its step says."""
    starts = sorted({given.semantic_model for metric in metrics for given in joins.grouped_inputs(metric)})
    used = (*fields(where), *(as_field(column, joins) for column in columns(where))) if len(starts) > 1 else ()
    with at("where"):
        for field in used:
            if field.kind == "metric" or (field.name == METRIC_TIME and not field.path):
                continue
            if all(joins.find(start, field.name, field.path) is not None for start in starts):
                joins.resolve_for_all(starts, field.name, field.path)


def with_time_grain(query: SemanticQuery, joins: JoinGraph) -> SemanticQuery:
    """The query with the grain that `metric_time` in its group-by has where none is written: what is restated is then what is asked. Raises what `settled` does."""
    bare = GroupBy(METRIC_TIME)
    if bare not in query.group_by:
        return query
    grained = settled((bare,), query.asked_metrics, joins)[bare.column]
    return msgspec.structs.replace(query, group_by=tuple(dict.fromkeys(grained if item == bare else item for item in query.group_by)))


def _metric_time_grain(metrics: Sequence[str], joins: JoinGraph) -> Grain:
    """What `metric_time` is cut to where nothing says: the coarsest default of the metrics, without metrics a day."""
    if not metrics:
        return (
            Grain.DAY if any(spine.grain.order <= Grain.DAY.order for spine in joins.spines) or not joins.spines else joins.spines[0].grain
        )
    return max((metric_grain(metric, joins) for metric in metrics), key=lambda grain: grain.order)


def metric_grain(name: str, joins: JoinGraph) -> Grain:
    """A metric's default grain."""
    return default_grain(joins.metric(name), (joins.agg_time(given.semantic_model, given.measure) for given in joins.inputs(name)))


def _starts(item: GroupBy, metrics: Sequence[str], joins: JoinGraph) -> list[str]:
    """The semantic models from which the item is looked at: the metrics', or without metrics the one that is nearest to it."""
    if metrics:
        return sorted({given.semantic_model for metric in metrics for given in joins.grouped_inputs(metric)})
    found = ((name, joins.find(name, item.name, item.path)) for name in sorted(joins.semantic_models))
    ranked = sorted((len(reached.hops), name) for name, reached in found if reached is not None)
    return [ranked[0][1]] if ranked else sorted(joins.semantic_models)[:1]
