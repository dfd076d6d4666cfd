"""What of a layer's metrics other tools can say: aggregations of one dataset's rows, and reckoning with them. The rest is named with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from app.model.expr import Binary, Case, Column, Expr, Field, Literal, Not
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology
from app.model.semantics import Dimension, Entity, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType
from app.sql.expressions.walk import columns, conjunction, key_parts, replace_leaves

_KEYS = (EntityType.PRIMARY, EntityType.UNIQUE)


class Unsayable(ValueError):
    """Other tools have no word for it; the message says why."""


@dataclass(frozen=True, slots=True)
class Aggregated:
    """A measure under its conditions: `expr` over columns whose tables are semantic models. `fill` is what stands for nothing."""

    home: SemanticModel
    measure: Measure
    expr: Expr
    fill: int | None = None
    window: Window | None = None
    to_date: str = ""
    everything: bool = False
    on_spine: bool = False

    @property
    def accumulated(self) -> bool:
        """Whether it is a running total."""
        return bool(self.window or self.to_date or self.everything)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another metric of the layer, as it is, or as it was `offset` before."""

    metric: str
    offset: Window | None = None


@dataclass(frozen=True, slots=True)
class Calculated:
    """An expression whose columns are the parts."""

    expr: Expr
    parts: tuple[tuple[str, Part], ...]


Part: TypeAlias = "Aggregated | Reference | Calculated"


@dataclass(slots=True)
class Plain:
    """Reads the metrics of one layer."""

    ontology: Ontology
    _read: dict[str, Part | Unsayable] = field(default_factory=dict)

    def metric(self, name: str) -> Part:
        """What the metric is. Raises Unsayable."""
        if name not in self._read:
            metric = self.ontology.metric(name)
            try:
                self._read[name] = self._part(metric, None) if metric else Unsayable(f"there is no metric `{name}`")
            except Unsayable as error:
                self._read[name] = error
        found = self._read[name]
        if isinstance(found, Unsayable):
            raise found
        return found

    def resolved(self, part: Part) -> Aggregated | Calculated:
        """What a reference leads to; other parts as they are. Raises Unsayable."""
        return self.resolved(self.metric(part.metric)) if isinstance(part, Reference) else part

    def home(self, part: Part) -> SemanticModel:
        """The semantic model at which a part is written: that of its first measure."""
        match part:
            case Aggregated(home=home):
                return home
            case Reference(metric=name):
                return self.home(self.metric(name))
            case Calculated(parts=parts):
                return self.home(parts[0][1])

    def _part(self, metric: Metric, condition: Expr | None) -> Part:
        """A metric under a condition of one that stands on it."""
        condition = conjunction(metric.filter, condition)
        match metric.params:
            case Simple(input=given):
                return self._aggregated(given, condition)
            case Cumulative(input=given, window=window, grain_to_date=to_date):
                found = self._aggregated(given, condition)
                return Aggregated(
                    found.home, found.measure, found.expr, found.fill, window, to_date, not window and not to_date, found.on_spine
                )
            case Ratio(numerator=numerator, denominator=denominator):
                parts = (("numerator", self._input(numerator, condition)), ("denominator", self._input(denominator, condition)))
                return Calculated(Binary("/", Column("numerator"), Column("denominator")), parts)
            case Derived(expr=expr, inputs=inputs):
                return Calculated(expr, tuple((i.alias or i.metric, self._input(i, condition)) for i in inputs))
            case Conversion():
                raise Unsayable("it follows base events to conversions, which is no aggregation of rows")

    def _input(self, given: MetricInput, condition: Expr | None) -> Part:
        if given.offset_to_grain:
            raise Unsayable(f"`{given.metric}` is taken at the start of the {given.offset_to_grain}")
        condition = conjunction(given.filter, condition)
        self.metric(given.metric)
        if condition is None:
            return Reference(given.metric, given.offset_window)
        if given.offset_window:
            raise Unsayable(f"`{given.metric}` is both filtered and offset in time")
        metric = self.ontology.metric(given.metric)
        if metric is None:
            raise Unsayable(f"there is no metric `{given.metric}`")
        return self._part(metric, condition)

    def _aggregated(self, given: MeasureInput, condition: Expr | None) -> Aggregated:
        home = self.ontology.semantic_model(given.semantic_model)
        measure = home.measure(given.measure) if home else None
        if home is None or measure is None:
            raise Unsayable(f"the measure `{given.measure}` is not in the layer")
        if measure.non_additive:
            word = "last" if measure.non_additive.choice == "max" else "first"
            raise Unsayable(f"its measure is semi-additive: it counts the {word} `{measure.non_additive.dimension}` alone")
        condition = conjunction(given.filter, condition)
        expr = of_model(measure.expr, home)
        if measure.agg is Aggregation.SUM_BOOLEAN:
            expr = Case(((expr, Literal(1, DataType.INTEGER)), (Not(expr), Literal(0, DataType.INTEGER))))
        if condition is not None:
            expr = Case(((self.condition(condition, home), expr),))
        return Aggregated(home, measure, expr, given.fill_nulls_with, on_spine=given.join_to_timespine)

    def condition(self, condition: Expr, home: SemanticModel) -> Expr:
        """A filter over columns, each with the semantic model as its table. Raises Unsayable."""

        def named(leaf: Expr) -> Expr:
            return self._field(leaf, home) if isinstance(leaf, Field) else leaf

        return replace_leaves(condition, named)

    def _field(self, reference: Field, home: SemanticModel) -> Expr:
        """What a semantic reference stands for, seen from a semantic model. Raises Unsayable."""
        if reference.kind == "metric" or reference.grain or reference.date_part or reference.name == "metric_time":
            raise Unsayable(f"its filter is on `{reference.name}` as a metric or a period")
        *links, name = reference.name.split("__")
        path = [*reference.path, *links]
        here, start = home, 0
        if path and path[0] == home.primary:
            start = 1
        for entity in path[start:]:
            nexts = [
                m for m in self.ontology.semantic_models if m is not here and any(e.name == entity and e.type in _KEYS for e in m.entities)
            ]
            if not any(e.name == entity for e in here.entities) or len(nexts) != 1:
                raise Unsayable(f"its filter is on `{reference.name}`, to which no one way of joins leads")
            here = nexts[0]
        held = {thing.name: thing.expr for thing in here.entities} | {thing.name: thing.expr for thing in here.dimensions}
        if name in held:
            return of_model(held[name], here)
        raise Unsayable(f"its filter is on `{reference.name}`, which is no dimension")


def of_model(expr: Expr, model: SemanticModel) -> Expr:
    """An expression over a semantic model's columns, with its name as their table."""
    return replace_leaves(expr, lambda leaf: Column(leaf.name, model.name) if isinstance(leaf, Column) else leaf)


def joins(ontology: Ontology, model: SemanticModel) -> Iterator[tuple[Entity, SemanticModel, Entity]]:
    """The joins from many rows of a semantic model to one of another: its entity, the other, and the other's entity of that name."""
    for entity in model.entities:
        if entity.type in (EntityType.FOREIGN, *_KEYS):
            for other in ontology.semantic_models:
                for theirs in other.entities if other is not model else ():
                    if (
                        theirs.name == entity.name
                        and theirs.type in _KEYS
                        and (entity.type is EntityType.FOREIGN or model.name < other.name)
                    ):
                        yield entity, other, theirs


def key_columns(entity: Entity) -> list[str] | None:
    """The columns of a key; None where one is reckoned."""
    parts = key_parts(entity.expr)
    return [part.name for part in parts if isinstance(part, Column)] if all(isinstance(part, Column) for part in parts) else None


def time_first(model: SemanticModel) -> list[Dimension]:
    """A semantic model's dimensions, the default time first: formats that name none take that."""
    return sorted(model.dimensions, key=lambda dimension: dimension.name != model.agg_time_dimension)


def models_of(expr: Expr) -> frozenset[str]:
    """The semantic models whose columns an expression reads."""
    return frozenset(column.table for column in columns(expr))
