"""Conversion metrics: each conversion is credited to the latest base event of the same entity, within the window that ends with it.

The steps: base events, conversions, each conversion with the base events that it may be credited to, and the credited ones aggregated by the
group-by items of the base event (dbt's conversion metrics; MetricFlow computes the same with a row id for each conversion).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.expr import Binary, Expr, Field, Literal, Shift, Truncate
from app.model.metrics import Window
from app.model.plan import Aggregate, JoinKind, Named, Select, Windowed
from app.model.semantics import Dimension, Measure
from app.model.types import DataType, Grain
from app.plan.aggregating import aggregated_measure, condition, marked, rows_of
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, agg_time, time_fields, timed
from app.plan.rows import RowsBuilder, Valued
from app.plan.scans import Scans
from app.plan.spread import on_spine
from app.plan.units import unit_of
from app.sql.expressions.infer import infer
from app.sql.joins import JoinGraph

_ENTITY, _AT, _PROPERTY, _EVENT, _CREDIT = "entity", "happened_at", "property", "conversion_id", "credit"


@dataclass(frozen=True, slots=True)
class Conversions:
    """What a conversion metric counts: `base` events, the `conversion` leaf with its measure, and by what both belong together."""

    base: Leaf
    conversion: Leaf
    measure: Measure
    entity: str
    window: Window | None = None
    properties: tuple[tuple[str, str], ...] = ()


def converted(draft: Draft, asked: Asked, made: Conversions, growing: Growing, mark: str, valued: Valued) -> None:
    """Make the steps; the last one bears the growing step's name and has the group-by items as keys."""
    name = growing.name
    spread = made.conversion.on_spine and bool(timed(asked.keys, made.base, draft.graph))
    if spread:
        name = draft.name("conversions_found", f"{growing.stem}_found")
    grain = _precision(made, draft.graph)
    based, keys = _base_events(draft, asked, made, grain, growing.stem, valued)
    happened = _conversions(draft, made, grain, growing.stem, valued)
    credited = _credited(draft, made, based, happened, keys, growing.stem)
    scans = Scans(draft)
    alias = scans.step(credited, "credited")
    keys = tuple(Named(key.name, scans.column(alias, key.name), key.type) for key in keys)
    first = Binary("=", scans.column(alias, _CREDIT), one())
    value = scans.column(alias, made.measure.name)
    values = (aggregated_measure(made.measure, value, scans.type_of(value)), *marked("" if spread else mark))
    draft.add(Aggregate(name, scans.finish(first), keys, values))
    if spread:
        on_spine(draft, asked, made.base, name, growing.name, mark)


def one() -> Expr:
    """The number 1."""
    return Literal(1, DataType.INTEGER)


def _base_events(draft: Draft, asked: Asked, made: Conversions, grain: Grain, stem: str, valued: Valued) -> tuple[str, tuple[Named, ...]]:
    """The events that may convert, with the group-by items; the filter and range of the query hold for them."""
    leaf = made.base
    unit = unit_of(leaf, timed(asked.keys, leaf, draft.graph), time_fields(leaf, draft.graph), draft.graph)
    rows = rows_of(draft, leaf, unit, valued)
    keys = tuple(rows.key(item) for item in asked.keys)
    where = condition(rows, asked, leaf)
    columns = _linked(rows, made.entity, tuple(base for base, _ in made.properties), grain)
    return draft.add(Select(draft.name("base_events", f"{stem}_base_events"), rows.finish(where), keys, columns)), keys


def _conversions(draft: Draft, made: Conversions, grain: Grain, stem: str, valued: Valued) -> str:
    """The conversions, numbered so that each is credited once; only their own filter holds for them."""
    leaf = made.conversion
    rows = rows_of(draft, leaf, "", valued)
    columns = _linked(rows, made.entity, tuple(conversion for _, conversion in made.properties), grain)
    value = rows.measure(made.measure.expr)
    where = rows.filter(leaf.where) if leaf.where is not None else None
    columns += (Named(made.measure.name, value, infer(value, rows.type_of)),)
    number = Windowed(_EVENT, "row_number", type=DataType.INTEGER)
    return draft.add(
        Select(draft.name("conversion_events", f"{stem}_conversion_events"), rows.finish(where), columns=columns, windows=(number,))
    )


def _credited(draft: Draft, made: Conversions, based: str, happened: str, keys: tuple[Named, ...], stem: str) -> str:
    """Each conversion with every base event to which it may belong, ranked: the latest first, of several at one time the one with the least keys."""
    scans = Scans(draft)
    event, base = scans.step(happened, "events"), scans.step(based, "base")
    then, at = scans.column(base, _AT), scans.column(event, _AT)
    linked = [_ENTITY, *(f"{_PROPERTY}_{n}" for n in range(1, len(made.properties) + 1))]
    on: list[Expr] = [Binary("=", scans.column(base, link), scans.column(event, link)) for link in linked]
    on.append(Binary("<=", then, at))
    if made.window is not None:
        on.append(Binary(">", then, Shift(at, -made.window.count, Grain(made.window.grain))))
    scans.join(base, tuple(on), JoinKind.INNER, made.entity)
    mine = tuple(Named(key.name, scans.column(base, key.name), key.type) for key in keys)
    value = scans.column(event, made.measure.name)
    order = ((then, True), *((key.expr, False) for key in mine))
    credit = Windowed(_CREDIT, "row_number", (scans.column(event, _EVENT),), order=order, type=DataType.INTEGER)
    given = (Named(made.measure.name, value, scans.type_of(value)),)
    return draft.add(Select(draft.name("credited", f"{stem}_credited"), scans.finish(None), mine, given, (credit,)))


def _linked(rows: RowsBuilder, entity: str, properties: tuple[str, ...], grain: Grain) -> tuple[Named, ...]:
    """By what base events and conversions belong together, and when they happened."""
    exprs = [(_ENTITY, rows.reference(Field(entity, "entity")))]
    exprs += [(f"{_PROPERTY}_{n}", _property(rows, name)) for n, name in enumerate(properties, start=1)]
    exprs.append((_AT, Truncate(rows.own_time(), grain)))
    return tuple(Named(name, expr, infer(expr, rows.type_of)) for name, expr in exprs)


def _property(rows: RowsBuilder, name: str) -> Expr:
    """A constant property: a dimension or entity of the semantic model itself, by its own name. Raises UserError DM3002 where there is none."""
    held = rows.graph.elements[rows.base.name].get(name)
    if held is None:
        return rows.reference(Field(name))
    if isinstance(held, Dimension):
        return rows.measure(held.expr)
    return rows.reference(Field(name, "entity"))


def _precision(made: Conversions, graph: JoinGraph) -> Grain:
    """The finest grain by which both times are known: what happened first can't be told more exactly. Raises UserError DM3007."""
    grains = []
    for leaf in (made.base, made.conversion):
        time = agg_time(leaf, graph)
        if time is None:
            raise UserError(
                Problem("DM3007", f"`{leaf.model}` has no time: conversions come after base events", hint="give it an `agg_time_dimension`")
            )
        grains.append(time.grain or Grain.DAY)
    return max(grains, key=lambda g: g.order)
