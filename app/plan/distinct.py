"""A query without metrics: the distinct values of its group-by items."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import Column, Expr
from app.model.ontology import TimeSpine
from app.model.plan import Aggregate
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, SemanticModel
from app.model.types import Grain
from app.plan.problems import not_served
from app.plan.rows import STANDARD_GRAINS, RowsBuilder
from app.plan.steps import time_filter
from app.sql.expressions.walk import conjunction, fields
from app.sql.joins import JoinGraph, Reached
from app.sql.joins.graph import METRIC_TIME
from app.sql.joins.reached import ONE_ROW


def distinct(query: SemanticQuery, keys: tuple[GroupBy, ...], where: Expr | None, joins: JoinGraph, taken: frozenset[str]) -> Aggregate:
    """One aggregate without values, over the semantic model from which the fewest joins reach every item, or over a time spine.

    The joins are full: a value counts although nothing refers to it, as in MetricFlow.

    Raises UserError DM3002, DM3004 or DM3005 where no semantic model reaches all, DM3020 for `metric_time` beside dimensions.
    """
    for field in fields(where):
        if field.kind == "metric":
            raise not_served("filters by a metric", f"`Metric('{field.name}')`")
    asked = [(key.name, key.path) for key in keys] + [(field.name, field.path) for field in fields(where)]
    timed = any(name == METRIC_TIME for name, _ in asked) or (query.time is not None and bool(query.time.start or query.time.end))
    others = [(name, path) for name, path in asked if name != METRIC_TIME]
    if timed and others:
        raise not_served("distinct values of `metric_time` beside dimensions", "ask for a metric too, or for a time dimension of its own")
    if timed:
        model, time = _spine(keys, joins)
        rows = RowsBuilder(joins, model, time, taken)
    else:
        model = _base(others, joins)
        rows = RowsBuilder(joins, model, None, taken, full=True)
    named = tuple(rows.key(key) for key in keys)
    condition = rows.filter(where) if where is not None else None
    return Aggregate(model.name, rows.finish(conjunction(condition, time_filter(rows, query.time))), named)


def _base(asked: list[tuple[str, tuple[str, ...]]], joins: JoinGraph) -> SemanticModel:
    """The semantic model that reaches every item by the fewest joins; where several do, one whose own key is asked for, then by name."""
    ranked: list[tuple[int, int, str]] = []
    failure: UserError | None = None
    failed_at = -1
    for name in sorted(joins.semantic_models):
        reached: list[Reached] = []
        try:
            for item in asked:
                reached.append(joins.resolve(name, *item))  # noqa: PERF401 (how far it came tells which Problem is the most useful)
        except UserError as error:
            if len(reached) > failed_at:
                failure, failed_at = error, len(reached)
            continue
        hops = {hop for found in reached for hop in found.hops}
        ranked.append((len(hops), -sum(_is_own_key(found) for found in reached), name))
    if not ranked:
        raise failure or UserError(Problem("DM3002", "the layer has no semantic models"))
    return joins.semantic_models[min(ranked)[2]]


def _is_own_key(found: Reached) -> bool:
    """Whether it is an entity of which each row has its own."""
    return found.kind == "entity" and getattr(found.element, "type", None) in ONE_ROW


def _spine(keys: tuple[GroupBy, ...], joins: JoinGraph) -> tuple[SemanticModel, Dimension]:
    """The coarsest time spine that is fine enough, as a semantic model with one time dimension."""
    grains = [Grain(key.grain) for key in keys if key.grain in STANDARD_GRAINS]
    finest = min(grains, key=lambda grain: grain.order, default=Grain.DAY)
    fit: list[TimeSpine] = [spine for spine in joins.spines if spine.grain.order <= finest.order]
    if not fit:
        raise UserError(Problem("DM3010", f"there is no time spine by {finest} or finer", hint="dbt: models with `time_spine:`"))
    spine = fit[-1]
    time = Dimension(spine.column, DimensionType.TIME, Column(spine.column), spine.grain)
    return SemanticModel(spine.model, spine.model, dimensions=(time,)), time
