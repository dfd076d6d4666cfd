"""One side of a comparison: a layer's definitions in a form in which equal ones mean the same, whatever their names and spellings.

References in filters are settled to what they mean (`order__status` and `status` may be one dimension), names of the old side are the new ones where
a thing was only renamed, derived metrics name their inputs by what these are, and expressions are in normal form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.compile.diff.normalise import normalised
from app.compile.diff.ready import Ready
from app.errors import UserError
from app.model.expr import Column, Expr, Field
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput
from app.model.ontology import Ontology, SavedQuery
from app.model.semantics import Measure, SemanticModel
from app.sql.expressions.fields import parse_group_by, parse_order
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import conjunction, replace_leaves
from app.sql.joins import JoinGraph

Renames = dict[tuple[str, ...], str]
"""What the other side calls a thing: ("semantic_model", old), ("metric", old), and of dimensions and entities ("element", semantic model's old name, old)."""


@dataclass(slots=True)
class Side:
    """A layer's definitions with their names, and what the new side calls them."""

    ready: Ready
    renames: Renames = field(default_factory=dict)

    @property
    def ontology(self) -> Ontology:
        """The definitions."""
        return self.ready.layer.ontology

    @property
    def joins(self) -> JoinGraph:
        """The join graph, made when first needed."""
        return self.ready.joins

    def called(self, *key: str) -> str:
        """What the new side calls the thing: its last word where it was not renamed."""
        return self.renames.get(key, key[-1])

    def element(self, semantic_model: str, name: str) -> str:
        """What the new side calls a dimension or entity of a semantic model."""
        return self.renames.get(("element", semantic_model, name), name)

    # --- expressions

    def condition(self, expr: Expr | None, home: str = "") -> Expr | None:
        """A filter as seen from the semantic model `home`: its references settled, in normal form."""
        return None if expr is None else normalised(replace_leaves(expr, lambda leaf: self._settled(leaf, home)))

    def _settled(self, leaf: Expr, home: str) -> Expr:
        if not isinstance(leaf, Field):
            return leaf
        if leaf.kind == "metric":
            return Field(self.called("metric", leaf.name), "metric", group_by=leaf.group_by)
        reached = self.joins.find(home, leaf.name, leaf.path) if home in self.joins.semantic_models else None
        if reached is None:
            return leaf
        owner = reached.owner.name
        way = tuple(
            part
            for hop in reached.hops
            for part in (self.element(hop.semantic_model, hop.entity), self.called("semantic_model", hop.semantic_model))
        )
        name = self.element(owner, reached.element.name)
        return Field(f"{self.called('semantic_model', owner)}.{name}", leaf.kind, way, leaf.grain, leaf.date_part)

    def home(self, metric: Metric) -> str:
        """The semantic model from which a metric's filter is read, "" where it has none."""
        try:
            grouped = self.joins.grouped_inputs(metric.name)
        except UserError:
            return ""
        return grouped[0].semantic_model if grouped else ""

    # --- definitions

    def metric(self, metric: Metric) -> Any:
        """What a metric means: two that have the same give the same numbers."""
        return (metric.type, self.definition(metric), self.condition(metric.filter, self.home(metric)), metric.grain, metric.unit)

    def definition(self, metric: Metric) -> Any:
        """What a metric is computed from, its own filter and grain aside."""
        params = metric.params
        if isinstance(params, Derived):
            named = {given.alias or given.metric: self.metric_input(given) for given in params.inputs}
            meant = sorted({repr(given) for given in named.values()})
            standing = {name: f"\0{meant.index(repr(given))}" for name, given in named.items()}
            expr = replace_leaves(
                params.expr, lambda leaf: Column(standing.get(leaf.name, leaf.name)) if isinstance(leaf, Column) else leaf
            )
            return (normalised(expr), tuple(meant))
        return tuple(self._value(getattr(params, name)) for name in params.__struct_fields__)

    def _value(self, value: Any) -> Any:
        if isinstance(value, MeasureInput):
            return self.measure_input(value)
        if isinstance(value, MetricInput):
            return self.metric_input(value)
        return tuple(sorted(value)) if isinstance(value, tuple) else value

    def measure_input(self, given: MeasureInput) -> Any:
        """A measure as a metric uses it."""
        return (*self.measure(given), self.condition(given.filter, given.semantic_model), given.fill_nulls_with, given.join_to_timespine)

    def measure(self, given: MeasureInput) -> tuple[str, Any]:
        """The measure by what it is, and not by its name, which nobody asks by: dbt 1.12 gives metrics measures of their own."""
        owner = self.ontology.semantic_model(given.semantic_model)
        held = owner.measure(given.measure) if owner else None
        meant = self.measure_definition(owner, held) if owner and held else given.measure
        return self.called("semantic_model", given.semantic_model), meant

    def measure_definition(self, owner: SemanticModel, measure: Measure) -> Any:
        """What a measure of that semantic model computes: two that have the same give the same numbers."""
        snapshot = measure.non_additive
        return (
            (measure.agg, measure.percentile, measure.discrete, measure.approximate),
            normalised(measure.expr),
            self.element(owner.name, owner.time_of(measure)),
            snapshot
            and (self.element(owner.name, snapshot.dimension), snapshot.choice, tuple(sorted(self._elements(owner, snapshot.groups)))),
        )

    def _elements(self, owner: SemanticModel, names: Iterable[str]) -> Iterator[str]:
        return (self.element(owner.name, name) for name in names)

    def metric_input(self, given: MetricInput) -> Any:
        """A metric as another uses it, whatever alias it bears there."""
        found = self.ontology.metric(given.metric)
        home = self.home(found) if found else ""
        return (self.called("metric", given.metric), self.condition(given.filter, home), given.offset_window, given.offset_to_grain)

    def saved_filter(self, saved: SavedQuery) -> Any:
        """The filters of a saved query as one condition; as written where they can't be read."""
        home = self.saved_home(saved)
        try:
            return self.condition(conjunction(*map(parse_where, saved.where)), home)
        except UserError:
            return saved.where

    def saved_home(self, saved: SavedQuery) -> str:
        """The semantic model from which a saved query's names are read, "" where it has none."""
        known = (found for name in saved.metrics if (found := self.ontology.metric(name)))
        return next((home for metric in known if (home := self.home(metric))), "")

    def saved_columns(self, saved: SavedQuery, field_name: str) -> tuple[str, ...]:
        """The columns that the metrics or group-by items of a saved query make in its answer, by the names that its readers see: what was renamed bears
        another one."""
        return saved.metrics if field_name == "metrics" else tuple(self._item(text, field_name) for text in getattr(saved, field_name))

    def saved_names(self, saved: SavedQuery, field_name: str) -> tuple[str, ...]:
        """The metrics, group-by items or order of a saved query: the names that a query would write for them."""
        if field_name == "metrics":
            return tuple(self.called("metric", name) for name in saved.metrics)
        return tuple(self._item(text, field_name) for text in getattr(saved, field_name))

    def _item(self, text: str, field_name: str) -> str:
        try:
            if field_name == "order_by":
                order = parse_order(text, self.joins.custom_grains)
                return f"{self.called('metric', order.name)}{' desc' if order.descending else ''}"
            return parse_group_by(text, self.joins.custom_grains).column
        except UserError:
            return text


def differing(names: Iterable[str], old: Any, new: Any) -> list[str]:
    """Those of the fields in which two records differ."""
    return [name for name in names if getattr(old, name) != getattr(new, name)]
