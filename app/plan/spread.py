"""dbt's `join_to_timespine`: every period of the time spine has a row, also one in which the metric has no value."""

from __future__ import annotations

from app.model.expr import Binary, Column, Expr, Field
from app.model.plan import Aggregate, Named, Select, values
from app.model.query import GroupBy
from app.model.types import Grain
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.fills import filled
from app.plan.leaves import Asked, Leaf, only_time, time_fields, timed
from app.plan.marks import plain_mark
from app.plan.ranges import time_filter
from app.plan.rows import as_field
from app.plan.scans import Scans
from app.plan.times import PART_GRAIN
from app.sql.clock import base_grain, shared_grain
from app.sql.expressions.coerce import coerced_condition
from app.sql.expressions.infer import infer
from app.sql.expressions.walk import columns, conjunction, conjuncts, fields, replace_leaves
from app.sql.joins import JoinGraph


def on_spine(draft: Draft, asked: Asked, leaf: Leaf, found: str, name: str, mark: str, unit: str = "", clock: str = "") -> None:
    """Make the step `name`: the periods asked for, each with the rows that the step `found` has for it. With a `clock` each `unit` of the leaf's own
    timeline, which the found step has under that name.

    Filters hold for the periods too, as far as they speak of time alone, and the query's range. What the query's own filter says of other
    group-by items holds for the rows that come out (MetricFlow applies it twice as well); filters of metrics and measures are not applied again.
    """
    periods = _periods(draft, asked, leaf, unit, clock)
    scans = Scans(draft)
    here, there = scans.step(periods, "periods"), scans.step(found, "found")
    own = {key.column for key in timed(asked.keys, leaf, draft.graph)} | ({clock} if clock else set())
    names = [key.column for key in asked.keys] + ([clock] if clock else [])
    exprs = {key: scans.column(here if key in own else there, key) for key in names}
    keys = tuple(Named(key, expr, scans.type_of(expr)) for key, expr in exprs.items())
    scans.join(there, tuple(Binary("=", key.expr, scans.column(there, key.name)) for key in keys if key.name in own), entity="metric_time")
    made = draft.step(found)
    given = tuple(Named(value, filled(scans.column(there, value), leaf.fill if clock else None), kind) for value, kind in values(made))
    where = _again(asked, leaf, dict(exprs), draft.graph)
    where = None if where is None else coerced_condition(where, scans.type_of)
    draft.add(Select(name, scans.finish(where), keys, (*given, *plain_mark(mark))))


def _periods(draft: Draft, asked: Asked, leaf: Leaf, unit: str, clock: str) -> str:
    """A step with the periods of the time spine that the query asks for, under the names of its group-by items."""
    graph = draft.graph
    items = timed(asked.keys, leaf, graph)
    where = conjunction(*(c for c in conjuncts(leaf.where) if only_time(c, leaf, graph)))

    def make() -> str:
        along = Along(draft, leaf, unit if clock else _grain(leaf, items, where, graph).value)
        keys = tuple(along.key(item) for item in items)
        now = along.timeline.clock
        kind = infer(now, along.scans.type_of)
        keys += (Named(clock, now, kind),) if clock else ()
        span = time_filter(now, kind, asked.time)
        return draft.add(Aggregate(draft.name("time_spine", "periods"), along.scans.finish(conjunction(along.filter(where), span)), keys))

    return draft.once(("spread", items, where, asked.time, unit, clock), make)


def _grain(leaf: Leaf, items: tuple[GroupBy, ...], where: Expr | None, graph: JoinGraph) -> Grain:
    """By which grain the spine is read: by day where it can be, since a range is one of days, by what is finer where that is asked for."""
    wanted: tuple[GroupBy | Field, ...] = (*items, *time_fields(Leaf(leaf.model, leaf.agg_time, where), graph))
    grains = [base_grain(item.grain, graph.custom_grains) for item in wanted if item.grain]
    grains += [PART_GRAIN[item.date_part] for item in wanted if item.date_part]
    has_days = any(spine.grain.order <= Grain.DAY.order for spine in graph.spines)
    return shared_grain((*grains, Grain.DAY) if has_days else grains)


def _again(asked: Asked, leaf: Leaf, keys: dict[str, Expr], graph: JoinGraph) -> Expr | None:
    """The conditions of the query's own filter that speak of its group-by items, over these."""
    items = {(key.name, key.path, key.grain, key.date_part): keys[key.column] for key in asked.keys}

    def item(node: Field | Column) -> Expr | None:
        f = as_field(node, graph) if isinstance(node, Column) else node
        return items.get((f.name, f.path, f.grain, f.date_part))

    def placed(node: Expr) -> Expr:
        return (item(node) or node) if isinstance(node, Field | Column) else node

    kept = []
    for c in conjuncts(asked.where):
        used: tuple[Field | Column, ...] = (*fields(c), *columns(c))
        if not only_time(c, leaf, graph) and all(item(node) is not None for node in used):
            kept.append(replace_leaves(c, placed))
    return conjunction(*kept)
