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
from app.plan.aggregating import aggregated_measure, condition, rows_of
from app.plan.clock_grain import unit_of
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, agg_time, time_fields, timed
from app.plan.marks import aggregated_mark
from app.plan.rows import RowsBuilder, Valued
from app.plan.scans import Scans
from app.plan.spread import on_spine
from app.plan.times import STANDARD_GRAINS
from app.sql.expressions.infer import infer
from app.sql.joins import JoinGraph


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
    """Make the steps; the last one bears the growing step's name and has the group-by items as keys.

    Raises UserError DM3024 (a window by a custom granularity), DM3007 (events without a time).
    """
    name = growing.name
    spread = made.conversion.on_spine and bool(timed(asked.keys, made.base, draft.graph))
    if spread:
        name = draft.name("conversions_found", f"{growing.stem}_found")
    chain = _Chain(draft, asked, made, growing.stem, valued)
    based, keys = chain.base_events()
    credited = chain.credited(based, chain.conversions(), keys)
    scans = Scans(draft)
    alias = scans.step(credited, "credited")
    keys = tuple(scans.named(alias, key.name) for key in keys)
    first = Binary("=", scans.column(alias, chain.credit), Literal(1, DataType.INTEGER))
    value = scans.column(alias, made.measure.name)
    values = (aggregated_measure(made.measure, value, scans.type_of(value)), *aggregated_mark("" if spread else mark))
    draft.add(Aggregate(name, scans.finish(first), keys, values))
    if spread:
        on_spine(draft, asked, made.base, name, growing.name, mark)


class _Chain:
    """The steps before the last, and the names of their columns: by what events belong together, when they happened, the conversion's id and credit."""

    def __init__(self, draft: Draft, asked: Asked, made: Conversions, stem: str, valued: Valued) -> None:
        self.draft, self.asked, self.made, self.stem, self.valued = draft, asked, made, stem, valued
        self.grain = _precision(made, draft.graph)
        self.links = tuple(map(draft.column, ("entity", *(f"property_{n}" for n in range(1, len(made.properties) + 1)))))
        self.at, self.event, self.credit = map(draft.column, ("happened_at", "conversion_id", "credit"))

    def base_events(self) -> tuple[str, tuple[Named, ...]]:
        """The events that may convert, with the group-by items; the filter and range of the query hold for them."""
        leaf, graph = self.made.base, self.draft.graph
        unit = unit_of(leaf, timed(self.asked.keys, leaf, graph), time_fields(leaf, graph), graph)
        rows = rows_of(self.draft, leaf, unit, self.valued)
        keys = tuple(rows.key(item) for item in self.asked.keys)
        where = condition(rows, self.asked, leaf)
        columns = self._linked(rows, [base for base, _ in self.made.properties])
        return self.draft.add(Select(self._name("base_events"), rows.finish(where), keys, columns)), keys

    def conversions(self) -> str:
        """The conversions, numbered so that each is credited once; only their own filter holds for them."""
        leaf, measure = self.made.conversion, self.made.measure
        rows = rows_of(self.draft, leaf, "", self.valued)
        columns = self._linked(rows, [conversion for _, conversion in self.made.properties])
        value = rows.measure(measure.expr)
        where = rows.filter(leaf.where) if leaf.where is not None else None
        columns += (Named(measure.name, value, infer(value, rows.type_of)),)
        number = Windowed(self.event, "row_number", type=DataType.INTEGER)
        return self.draft.add(Select(self._name("conversion_events"), rows.finish(where), columns=columns, windows=(number,)))

    def credited(self, based: str, happened: str, keys: tuple[Named, ...]) -> str:
        """Each conversion with every base event to which it may belong, ranked: the latest first, of several at one time the one with the least keys."""
        scans, measure = Scans(self.draft), self.made.measure
        event, base = scans.step(happened, "events"), scans.step(based, "base")
        then, at = scans.column(base, self.at), scans.column(event, self.at)
        on: list[Expr] = [Binary("=", scans.column(base, link), scans.column(event, link)) for link in self.links]
        on.append(Binary("<=", then, at))
        if self.made.window is not None:
            on.append(Binary(">", then, Shift(at, -self.made.window.count, _standard(self.made.window))))
        scans.join(base, tuple(on), JoinKind.INNER, self.made.entity)
        mine = tuple(Named(key.name, scans.column(base, key.name), key.type) for key in keys)
        value = scans.column(event, measure.name)
        order = ((then, True), *((key.expr, False) for key in mine))
        credit = Windowed(self.credit, "row_number", (scans.column(event, self.event),), order=order, type=DataType.INTEGER)
        given = (Named(measure.name, value, scans.type_of(value)),)
        return self.draft.add(Select(self._name("credited"), scans.finish(None), mine, given, (credit,)))

    def _linked(self, rows: RowsBuilder, properties: list[str]) -> tuple[Named, ...]:
        """By what base events and conversions belong together, and when they happened."""
        exprs = [rows.reference(Field(self.made.entity, "entity")), *(_property(rows, name) for name in properties)]
        named = [*zip(self.links, exprs, strict=True), (self.at, Truncate(rows.own_time(), self.grain))]
        return tuple(Named(name, expr, infer(expr, rows.type_of)) for name, expr in named)

    def _name(self, wanted: str) -> str:
        """The name of a step, with the metric before it where another has the short one."""
        return self.draft.name(wanted, f"{self.stem}_{wanted}")


def _standard(window: Window) -> Grain:
    """The window's grain. Raises UserError DM3024 for a custom granularity: no calendar says what lies a period before an event."""
    if window.grain not in STANDARD_GRAINS:
        raise UserError(Problem("DM3024", f"a conversion window can't be counted in `{window.grain}`", hint="count it in days"))
    return Grain(window.grain)


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
