"""The part of an Ontology that a principal may know of: what listings, the lexicon, suggestions and hints are made from."""

from __future__ import annotations

import msgspec

from app.govern.access import Access
from app.model.expr import Expr, Field
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology, TimeSpine
from app.model.physical import Model
from app.model.semantics import Measure, SemanticModel
from app.sql.expressions.walk import columns, fields


def visible_ontology(ontology: Ontology, access: Access) -> Ontology:
    """The Ontology without models, columns, dimensions, measures, metrics and saved queries that stand on what the principal may not read.

    A metric goes when any measure, metric, filter, link or item below it does. Masked columns stay: they are seen, masked. Policies are left out.
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
        time_spines=tuple(_spine(spine, access) for spine in ontology.time_spines if _spine_seen(spine, access)),
        exposures=tuple(
            e
            for e in ontology.exposures
            if all(d in unique_ids or (d.startswith("metric.") and d.rsplit(".", 1)[-1] in names) for d in e.depends_on)
        ),
    )


def _spine_seen(spine: TimeSpine, access: Access) -> bool:
    rule = access.of(spine.model)
    return rule.readable and spine.column not in rule.denied


def _spine(spine: TimeSpine, access: Access) -> TimeSpine:
    """The spine with the custom granularities whose columns may be read."""
    denied = access.of(spine.model).denied
    return msgspec.structs.replace(spine, custom=tuple((name, column) for name, column in spine.custom if (column or name) not in denied))


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

    entities = tuple(entity for entity in one.entities if seen(entity.expr))
    dimensions = tuple(msgspec.structs.replace(d, values=values(d.expr, d.values)) for d in one.dimensions if seen(d.expr))
    lost = _elements(one) - {entity.name for entity in entities} - {dimension.name for dimension in dimensions}

    def told_apart(measure: Measure) -> bool:
        """Whether what a semi-additive measure tells its records apart by may be read."""
        rule = measure.non_additive
        return rule is None or lost.isdisjoint((rule.dimension, *rule.groups))

    measures = tuple(measure for measure in one.measures if seen(measure.expr) and told_apart(measure))
    return msgspec.structs.replace(one, entities=entities, dimensions=dimensions, measures=measures)


def _metrics(ontology: Ontology, semantic_models: tuple[SemanticModel, ...]) -> tuple[Metric, ...]:
    measures = {(one.name, measure.name) for one in semantic_models for measure in one.measures}
    gone = _names(ontology.semantic_models) - _names(semantic_models)
    by_name = {metric.name: metric for metric in ontology.metrics}
    known: dict[str, bool] = {}
    left = {one.name: _elements(one) for one in semantic_models}
    held = {one.name: _elements(one) for one in ontology.semantic_models}

    def clean(*filters: Expr | None) -> bool:
        return not any(
            _field_gone(field, gone) or (field.kind == "metric" and not (visible(field.name) and _items_stay(field, gone)))
            for f in filters
            for field in fields(f)
        )

    def constant(given: MeasureInput, name: str) -> bool:
        """Whether a constant property may be read: an element of the semantic model by its own name, else whatever the name leads to."""
        if name in held.get(given.semantic_model, ()):
            return name in left.get(given.semantic_model, ())
        return not _field_gone(Field(name), gone)

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
            case Conversion(base=base, conversion=conversion, entity=entity, constant_properties=properties):
                linked = all(constant(base, mine) and constant(conversion, other) for mine, other in properties)
                return measure(base) and measure(conversion) and entity not in gone and linked

    return tuple(metric for metric in ontology.metrics if visible(metric.name))


def _names(semantic_models: tuple[SemanticModel, ...]) -> set[str]:
    """Every name by which a query may mean a dimension or entity: `entity__dimension`, and an entity's own."""
    names: set[str] = set()
    for one in semantic_models:
        names.update(one.dunder(dimension.name) for dimension in one.dimensions)
        names.update(entity.name for entity in one.entities)
    return names


def _elements(one: SemanticModel) -> set[str]:
    """The names of a semantic model's entities and dimensions within it."""
    return {entity.name for entity in one.entities} | {dimension.name for dimension in one.dimensions}


def _field_gone(field: Field, gone: set[str]) -> bool:
    name = "__".join((*field.path, field.name))
    return any(name == lost or name.endswith("__" + lost) for lost in gone)


def _items_stay(field: Field, gone: set[str]) -> bool:
    """Whether none of the items by which a metric in a filter is grouped is gone, with or without a grain after it."""
    return not any(f"__{lost}__" in f"__{item}__" for item in field.group_by for lost in gone)


def _mentions(item: str, gone: set[str]) -> bool:
    """Whether a saved query's item, as written, names something that is gone; a name within a name counts too, which errs on the side of hiding."""
    return any(lost in item for lost in gone)
