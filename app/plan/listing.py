"""A query without metrics: the values of its group-by items, each combination once, or their extremes."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import Column, Field
from app.model.ontology import TimeSpine
from app.model.plan import Aggregate, Aggregated, JoinKind, Select, Step
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.model.types import Aggregation, Grain
from app.plan.draft import Draft
from app.plan.hints import FILTERED, meant
from app.plan.metric_filters import MetricFilters
from app.plan.ranges import time_filter
from app.plan.rows import RowsBuilder, as_field
from app.plan.spines import spine_for
from app.sql.clock import base_grain
from app.sql.expressions.infer import infer
from app.sql.expressions.problems import PartError
from app.sql.expressions.walk import columns, conjunction, fields
from app.sql.joins import JoinGraph, Reached
from app.sql.joins.graph import METRIC_TIME


def listing(draft: Draft, query: SemanticQuery, keys: tuple[GroupBy, ...]) -> Step:
    """One step over the semantic model from which the fewest joins reach every item, or over a time spine where `metric_time` alone is asked for.

    The joins are full: a value counts although nothing refers to it. `metric_time` beside other items stands beside each of them, for without a
    metric nothing relates a row to a time. Both as in MetricFlow. Raises UserError DM3002, DM3004 or DM3005 where no semantic model reaches all.
    """
    graph = draft.graph
    used = (*fields(query.where), *(as_field(column, graph) for column in columns(query.where)))
    asked = [(key.name, key.path) for key in keys] + [(field.name, field.path) for field in used if field.kind != "metric"]
    asked += [(item.name, item.path) for field in used for item in map(graph.group_by, field.group_by)]
    timed = any(name == METRIC_TIME for name, _ in asked) or bool(query.time and query.time.bounded)
    others = [(name, path) for name, path in dict.fromkeys(asked) if name != METRIC_TIME]
    spine = _spine((*keys, *used), graph) if timed else None
    rows = _rows(draft, spine, others)
    named = tuple(rows.key(key) for key in keys)
    where = rows.filter(query.where) if query.where is not None else None
    if query.time is not None and query.time.bounded:
        where = conjunction(where, time_filter(rows.time(), infer(rows.time(), rows.type_of), query.time))
    name = draft.name(rows.base.name, f"{rows.base.name}_values")
    if query.min_max_only:
        extremes = (
            Aggregated(f"{key.name}__{agg}", agg, key.expr, key.type, key.type)
            for key in named
            for agg in (Aggregation.MIN, Aggregation.MAX)
        )
        return Aggregate(name, rows.finish(where), (), tuple(extremes))
    return Aggregate(name, rows.finish(where), named) if query.apply_group_by else Select(name, rows.finish(where), named)


def _rows(draft: Draft, spine: TimeSpine | None, others: list[tuple[str, tuple[str, ...]]]) -> RowsBuilder:
    """The rows of the time spine, of a semantic model, or of both side by side."""
    valued = MetricFilters(draft).value
    if spine is None:
        return RowsBuilder(draft, _base(others, draft.graph), None, full=True, valued=valued)
    time = Dimension(spine.column, DimensionType.TIME, Column(spine.column), spine.grain)
    if not others:
        return RowsBuilder(draft, SemanticModel(spine.model, spine.model, dimensions=(time,)), time, valued=valued)
    rows = RowsBuilder(draft, _base(others, draft.graph), time, full=True, valued=valued)
    alias = rows.scans.model(spine.model, spine.model.rpartition(".")[2])
    rows.scans.join(alias, (), JoinKind.CROSS)
    rows.beside = rows.scans.column(alias, spine.column)
    return rows


def _base(asked: list[tuple[str, tuple[str, ...]]], joins: JoinGraph) -> SemanticModel:
    """The semantic model that reaches every item by the fewest joins.

    Where several do: one whose own key is asked for, a primary one before a unique one; then the one that holds the least besides; then by name.
    """
    ranked: list[tuple[int, int, int, str]] = []
    best, most = "", -1
    for name in sorted(joins.semantic_models):
        reached = [joins.find(name, *item) for item in asked]
        found = [each for each in reached if each is not None]
        if len(found) == len(asked):
            hops = {hop for each in found for hop in each.hops}
            ranked.append((len(hops), -sum(map(_own_key, found)), len(joins.elements[name]), name))
        elif len(found) > most:
            best, most = name, len(found)
    if ranked:
        return joins.semantic_models[min(ranked)[3]]
    if not best:
        raise UserError(Problem("DM3002", "the layer has no semantic models"))
    name, path = next(item for item in asked if joins.find(best, *item) is None)
    try:
        with meant("__".join((*path, name)), joins, FILTERED):
            return joins.resolve(best, name, path).owner  # raises, and so says what the nearest one lacks
    except UserError as error:
        raise PartError([((Field(name, "", path),), 0)], *error.problems) from None


def _own_key(found: Reached) -> int:
    """How much it is an entity of which each row has its own."""
    if not isinstance(found.element, Entity):
        return 0
    return {EntityType.PRIMARY: 2, EntityType.UNIQUE: 1}.get(found.element.type, 0)


def _spine(items: tuple[GroupBy | Field, ...], graph: JoinGraph) -> TimeSpine:
    """The coarsest time spine that is fine enough for `metric_time`, by day where nothing says. Raises UserError DM3010."""
    grains = [base_grain(item.grain, graph.custom_grains) for item in items if item.name == METRIC_TIME and item.grain]
    return spine_for(graph, min(grains, key=lambda grain: grain.order, default=Grain.DAY))
