"""The four catalogues of a layer as records: metrics, dimensions, entities, glossary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from app.compile.emit.records import DimensionRecord, EntityKey, EntityRecord, MetricRecord, MetricType, TermRecord
from app.compile.formula import formula
from app.model.metrics import Metric
from app.model.ontology import Ontology
from app.model.semantics import Dimension, SemanticModel
from app.sql.expressions.text import expression_text

_Kind = Literal["metric", "dimension", "model"]
_Term = tuple[str, _Kind, str, str]


def metric_records(ontology: Ontology) -> list[MetricRecord]:
    """One record a metric, by name."""
    return [_metric(metric, ontology) for metric in ontology.metrics]


def dimension_records(ontology: Ontology) -> list[DimensionRecord]:
    """One record a dimension, by its dunder name and semantic model."""
    records = [_dimension(dimension, owner) for owner in ontology.semantic_models for dimension in owner.dimensions]
    return sorted(records, key=lambda record: (record.name, record.semantic_model))


def entity_records(ontology: Ontology) -> list[EntityRecord]:
    """One record an entity, with every semantic model that has it: the joins there are."""
    names = {entity.name for owner in ontology.semantic_models for entity in owner.entities}
    records: list[EntityRecord] = []
    for name in sorted(names):
        found = [(owner, entity) for owner in ontology.semantic_models for entity in owner.entities if entity.name == name]
        described = next((entity for _, entity in found if entity.description or entity.label), found[0][1])
        keys = tuple(
            EntityKey(name=owner.name, type=entity.type, key=expression_text(entity.expr), model=owner.model) for owner, entity in found
        )
        records.append(EntityRecord(name=name, label=described.label, description=described.description, semantic_models=keys))
    return records


def glossary_records(ontology: Ontology) -> list[TermRecord]:
    """The words people use, each with what it stands for: labels and synonyms of metrics, dimensions and models."""
    terms: set[_Term] = set()
    for metric in ontology.listed_metrics:
        terms.update(_terms("metric", metric.name, metric.label, metric.synonyms, metric.description))
    for owner in ontology.semantic_models:
        for dimension in owner.dimensions:
            terms.update(_terms("dimension", owner.dunder(dimension.name), dimension.label, dimension.synonyms, dimension.description))
    for model in ontology.models:
        terms.update(_terms("model", model.name, model.label, model.synonyms, model.description))
    return [TermRecord(term=term, kind=kind, name=name, meaning=meaning) for term, kind, name, meaning in sorted(terms)]


def _metric(metric: Metric, ontology: Ontology) -> MetricRecord:
    return MetricRecord(
        name=metric.name,
        label=metric.label,
        type=cast(MetricType, metric.type),
        description=metric.description,
        formula=formula(metric, ontology),
        grain=metric.grain,
        unit=metric.unit,
        format=metric.format,
        synonyms=metric.synonyms,
        group=metric.group,
        owner=metric.owner,
        tags=metric.tags,
        file=metric.file,
        hidden=metric.hidden,
    )


def _dimension(dimension: Dimension, owner: SemanticModel) -> DimensionRecord:
    return DimensionRecord(
        name=owner.dunder(dimension.name),
        semantic_model=owner.name,
        label=dimension.label,
        type=dimension.type,
        grain=dimension.grain,
        description=dimension.description,
        expr=expression_text(dimension.expr),
        unit=dimension.unit,
        format=dimension.format,
        synonyms=dimension.synonyms,
        pii=dimension.pii,
        values=dimension.values,
    )


def _terms(kind: _Kind, name: str, label: str, synonyms: Iterable[str], meaning: str) -> set[_Term]:
    words = {word for word in (label, *synonyms) if word}
    return {(word, kind, name, meaning) for word in words}
