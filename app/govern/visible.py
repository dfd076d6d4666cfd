"""The part of an Ontology that a principal may know of: what listings, the lexicon, suggestions and hints are made from."""

from __future__ import annotations

import msgspec

from app.govern.access import Access
from app.model.expr import Expr, Field
from app.model.metrics import Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import columns, fields


def visible_ontology(ontology: Ontology, access: Access) -> Ontology:
    """The Ontology without models, columns, dimensions, measures, metrics and saved queries that stand on what the principal may not read.

    A metric goes when any measure, metric or filter below it does. Masked columns stay: they are seen, masked. Policies are left out.
    Accepted values of a masked column, or of a model whose rows are filtered, are data and left out as well.
    """
    models = tuple(_model(model, access) for model in ontology.models if access.of(model.name).readable)
    semantic_models = tuple(
        _semantic_model(one, access)
        for one in ontology.semantic_models
        if ontology.model(one.model) is None or access.of(one.model).readable
    )
    metrics = _metrics(ontology, semantic_models)
    names = {metric.name for metric in metrics}
    gone = _names(ontology.semantic_models) - _names(semantic_models)
    unique_ids = {model.unique_id for model in models}
    return msgspec.structs.replace(
        ontology,
        models=models,
        semantic_models=semantic_models,
        metrics=metrics,
        saved_queries=tuple(
            q
            for q in ontology.saved_queries
            if names.issuperset(q.metrics) and not any(_mentions(item, gone) for item in (*q.group_by, *q.where))
        ),
        time_spines=tuple(spine for spine in ontology.time_spines if access.of(spine.model).readable),
        exposures=tuple(
            e
            for e in ontology.exposures
            if all(d in unique_ids or (d.startswith("metric.") and d.rsplit(".", 1)[-1] in names) for d in e.depends_on)
        ),
    )


def _model(model: Model, access: Access) -> Model:
    rule = access.of(model.name)
    kept = tuple(
        msgspec.structs.replace(column, accepted_values=()) if column.name in rule.masks or rule.predicate is not None else column
        for column in model.columns
        if column.name not in rule.denied
    )
    key = model.primary_key if rule.denied.isdisjoint(model.primary_key) else ()
    return msgspec.structs.replace(model, columns=kept, primary_key=key, row_policies=(), column_policies=(), meta="{}")


def _semantic_model(one: SemanticModel, access: Access) -> SemanticModel:
    rule = access.of(one.model)

    def seen(expr: Expr) -> bool:
        return rule.denied.isdisjoint(column.name for column in columns(expr))

    def values(expr: Expr, given: tuple[str, ...]) -> tuple[str, ...]:
        return () if rule.predicate is not None or any(column.name in rule.masks for column in columns(expr)) else given

    return msgspec.structs.replace(
        one,
        entities=tuple(entity for entity in one.entities if seen(entity.expr)),
        dimensions=tuple(msgspec.structs.replace(d, values=values(d.expr, d.values)) for d in one.dimensions if seen(d.expr)),
        measures=tuple(measure for measure in one.measures if seen(measure.expr)),
    )


def _metrics(ontology: Ontology, semantic_models: tuple[SemanticModel, ...]) -> tuple[Metric, ...]:
    measures = {(one.name, measure.name) for one in semantic_models for measure in one.measures}
    gone = _names(ontology.semantic_models) - _names(semantic_models)
    by_name = {metric.name: metric for metric in ontology.metrics}
    known: dict[str, bool] = {}

    def clean(*filters: Expr | None) -> bool:
        return not any(
            _field_gone(field, gone) or (field.kind == "metric" and not visible(field.name)) for f in filters for field in fields(f)
        )

    def measure(given: MeasureInput) -> bool:
        return (given.semantic_model, given.measure) in measures and clean(given.filter)

    def inner(given: MetricInput) -> bool:
        return visible(given.metric) and clean(given.filter)

    def visible(name: str) -> bool:
        if name not in known:
            known[name] = False  # a metric that stands on itself is not visible
            metric = by_name.get(name)
            known[name] = metric is not None and clean(metric.filter) and stands(metric)
        return known[name]

    def stands(metric: Metric) -> bool:
        match metric.params:
            case Simple(input=given) | Cumulative(input=given):
                return measure(given)
            case Ratio(numerator=top, denominator=bottom):
                return inner(top) and inner(bottom)
            case Derived(inputs=inputs):
                return all(inner(one) for one in inputs)
            case _:
                return measure(metric.params.base) and measure(metric.params.conversion) and metric.params.entity not in gone

    return tuple(metric for metric in ontology.metrics if visible(metric.name))


def _names(semantic_models: tuple[SemanticModel, ...]) -> set[str]:
    """Every name by which a query may mean a dimension or entity: `entity__dimension`, and an entity's own."""
    names: set[str] = set()
    for one in semantic_models:
        names.update(one.dunder(dimension.name) for dimension in one.dimensions)
        names.update(entity.name for entity in one.entities)
    return names


def _field_gone(field: Field, gone: set[str]) -> bool:
    name = "__".join((*field.path, field.name))
    return any(name == lost or name.endswith("__" + lost) for lost in gone)


def _mentions(item: str, gone: set[str]) -> bool:
    """Whether a saved query's item, as written, names something that is gone; a name within a name counts too, which errs on the side of hiding."""
    return any(lost in item for lost in gone)
