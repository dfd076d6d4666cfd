"""Which metrics stand on nothing that a principal may not read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.model.expr import Expr, Field
from app.model.metrics import Conversion, Cumulative, MeasureInput, Metric, MetricInput, measure_inputs, metric_inputs
from app.model.ontology import Ontology
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns, fields
from app.sql.joins.graph import METRIC_TIME


def visible_metrics(ontology: Ontology, semantic_models: Sequence[SemanticModel]) -> tuple[Metric, ...]:
    """The metrics of which every part is among the semantic models that are left. One that stands on itself is not visible."""
    judge = _Judge(ontology, semantic_models)
    return tuple(metric for metric in ontology.metrics if judge.visible(metric.name))


def query_names(semantic_models: Iterable[SemanticModel]) -> set[str]:
    """Every name by which a query may mean a dimension or entity: `entity__dimension`, and an entity's own."""
    names: set[str] = set()
    for one in semantic_models:
        names.update(one.dunder(dimension.name) for dimension in one.dimensions)
        names.update(entity.name for entity in one.entities)
    return names


def element_names(one: SemanticModel) -> set[str]:
    """The names of a semantic model's entities and dimensions within it."""
    return {entity.name for entity in one.entities} | {dimension.name for dimension in one.dimensions}


class _Judge:
    """Remembers what it has found of each metric."""

    def __init__(self, ontology: Ontology, semantic_models: Sequence[SemanticModel]) -> None:
        self._by_name = {metric.name: metric for metric in ontology.metrics}
        self._measures = {(one.name, measure.name) for one in semantic_models for measure in one.measures}
        self._timeless = _timeless(ontology.semantic_models, semantic_models)
        self._gone = query_names(ontology.semantic_models) - query_names(semantic_models)
        self._held = {one.name: element_names(one) for one in ontology.semantic_models}
        self._left = {one.name: element_names(one) for one in semantic_models}
        self._known: dict[str, bool] = {}
        self._timed: dict[str, bool] = {}

    def visible(self, name: str) -> bool:
        """Whether nothing about the metric of that name is hidden."""
        if name not in self._known:
            self._known[name] = False  # until it is found otherwise: a metric that stands on itself is not visible
            metric = self._by_name.get(name)
            good = metric is not None and self._clean(metric.filter) and self._stands(metric)
            self._known[name] = good and (metric is None or not _by_time(metric.filter) or self._all_timed(name))
        return self._known[name]

    def _stands(self, metric: Metric) -> bool:
        params, sides = metric.params, measure_inputs(metric.params)
        good = all(self._measure(side) for side in sides) and all(self._inner(given) for given in metric_inputs(params))
        if isinstance(params, Cumulative | Conversion):
            good = good and all(self._has_time(side) for side in sides)
        if isinstance(params, Conversion):
            linked = (
                self._constant(params.base, mine) and self._constant(params.conversion, other) for mine, other in params.constant_properties
            )
            good = good and params.entity not in self._gone and all(linked)
        return good

    def _measure(self, given: MeasureInput) -> bool:
        there = (given.semantic_model, given.measure) in self._measures and self._clean(given.filter)
        return there and (not _by_time(given.filter) or self._has_time(given))

    def _inner(self, given: MetricInput) -> bool:
        timed = given.offset_window is not None or given.offset_to_grain or _by_time(given.filter)
        return self.visible(given.metric) and self._clean(given.filter) and (not timed or self._all_timed(given.metric))

    def _has_time(self, given: MeasureInput) -> bool:
        return (given.semantic_model, given.measure) not in self._timeless

    def _all_timed(self, name: str) -> bool:
        """Whether the times of all measures below a visible metric may be read: its offsets are told by them."""
        if name not in self._timed:
            params = self._by_name[name].params
            own = all(self._has_time(given) for given in measure_inputs(params)[:1])
            self._timed[name] = own and all(self._all_timed(given.metric) for given in metric_inputs(params))
        return self._timed[name]

    def _clean(self, *filters: Expr | None) -> bool:
        return not any(
            self._field_gone(field) or (field.kind == "metric" and not (self.visible(field.name) and self._stay(field.group_by)))
            for f in filters
            for field in fields(f)
        ) and self._stay("__".join(part for part in (c.table, c.name) if part) for f in filters if f is not None for c in columns(f))

    def _constant(self, given: MeasureInput, name: str) -> bool:
        """Whether a constant property may be read: an element of the semantic model by its own name, else whatever the name leads to."""
        if name in self._held.get(given.semantic_model, ()):
            return name in self._left.get(given.semantic_model, ())
        return not self._field_gone(Field(name))

    def _field_gone(self, field: Field) -> bool:
        name = "__".join((*field.path, field.name))
        return any(name == lost or name.endswith("__" + lost) for lost in self._gone)

    def _stay(self, items: Iterable[str]) -> bool:
        """Whether none of the items, as written, is gone, with or without a grain after it."""
        return not any(f"__{lost}__" in f"__{item}__" for item in items for lost in self._gone)


def _by_time(condition: Expr | None) -> bool:
    """Whether a filter speaks of `metric_time`, which is the time of whatever it filters."""
    return condition is not None and any(field.name == METRIC_TIME for field in fields(condition))


def _timeless(before: Iterable[SemanticModel], after: Iterable[SemanticModel]) -> set[tuple[str, str]]:
    """The measures that had a time dimension and have lost it."""
    now = {(one.name, m.name): one.time_of(m) for one in after for m in one.measures}
    return {(one.name, m.name) for one in before for m in one.measures if one.time_of(m) and not now.get((one.name, m.name), "")}
