"""Which grain a time dimension has where a query gives none: the metric's default, else the coarsest that any of the queried metrics needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.errors import UserError
from app.model.metrics import Derived, Ratio
from app.model.query import GroupBy
from app.model.types import Grain
from app.plan.problems import at
from app.plan.rows import finest_grain
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME


def settled(items: Sequence[GroupBy], metrics: Sequence[str], joins: JoinGraph) -> tuple[GroupBy, ...]:
    """The group-by items with their grains set, each once. Raises UserError as `JoinGraph.resolve`, with the item's place."""
    done: dict[str, GroupBy] = {}
    for number, item in enumerate(items):
        with at(f"group_by[{number}]"):
            grain = item.grain or ("" if item.date_part else _default(item, metrics, joins))
        kept = GroupBy(item.name, grain, item.date_part, item.path)
        done.setdefault(kept.column, kept)
    return tuple(done.values())


def _default(item: GroupBy, metrics: Sequence[str], joins: JoinGraph) -> str:
    """The grain of an item that says none, "" for what is no time."""
    if item.name == METRIC_TIME and not item.path:
        grains = [metric_grain(metric, joins) for metric in metrics]
        if not metrics and joins.spines:
            return joins.spines[0].grain.value
        return max(grains, key=lambda grain: grain.order, default=Grain.DAY).value
    found = [finest_grain(joins.resolve(given, item.name, item.path)) for given in _starts(item, metrics, joins)]
    coarsest = max((grain for grain in found if grain is not None), key=lambda grain: grain.order, default=None)
    return coarsest.value if coarsest else ""


def metric_grain(name: str, joins: JoinGraph) -> Grain:
    """A metric's default grain: its own `time_granularity`, else the coarsest of its inputs' times."""
    metric = joins.metric(name)
    if metric.grain is not None:
        return metric.grain
    match metric.params:
        case Ratio(numerator=numerator, denominator=denominator):
            below: Iterable[Grain] = (metric_grain(numerator.metric, joins), metric_grain(denominator.metric, joins))
        case Derived(inputs=inputs):
            below = [metric_grain(given.metric, joins) for given in inputs]
        case _:
            times = (joins.agg_time(given.semantic_model, given.measure) for given in joins.inputs(name))
            below = [time.grain or Grain.DAY for time in times if time is not None]
    return max(below, key=lambda grain: grain.order, default=Grain.DAY)


def _starts(item: GroupBy, metrics: Sequence[str], joins: JoinGraph) -> list[str]:
    """The semantic models from which the item is looked at: the metrics', or without metrics one that reaches it."""
    if metrics:
        return sorted({given.semantic_model for metric in metrics for given in joins.inputs(metric)})
    for start in sorted(joins.semantic_models):
        try:
            joins.resolve(start, item.name, item.path)
        except UserError:
            continue
        return [start]
    return sorted(joins.semantic_models)[:1]
