"""Vanna's three kinds of training items from a layer: ddl, documentation, question–SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from app.compile.emit.guarded import hidden_columns, is_closed, masked_columns
from app.compile.formula import formula
from app.model.metrics import Metric
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement
from app.model.records import TrainingItem, TrainingKind
from app.model.semantics import Dimension, SemanticModel
from app.sql.expressions.walk import columns


def training_items(layer: Layer, examples: Sequence[tuple[str, str]]) -> tuple[TrainingItem, ...]:
    """All items, by kind, subject and id, each content once. `examples` are (question, SQL) pairs.

    Closed models, denied columns and hidden metrics are left out, and values of masked columns never appear: what retrieval shows is not filtered by caller.
    """
    ontology = layer.ontology
    placement = layer.placements[0] if layer.placements else None
    items = [
        *(
            _item(TrainingKind.DDL, _ddl(model, placement), model.name)
            for model in ontology.models
            if not is_closed(model) and model.columns
        ),
        *(_item(TrainingKind.DOCUMENTATION, _metric(metric, ontology), f"metric.{metric.name}") for metric in ontology.listed_metrics),
        *_dimensions(ontology),
        *(_item(TrainingKind.QUESTION_SQL, sql, "", question) for question, sql in examples),
    ]
    return tuple(sorted({item.id: item for item in items}.values(), key=lambda item: (item.kind, item.subject, item.question, item.id)))


def _item(kind: TrainingKind, content: str, subject: str, question: str = "") -> TrainingItem:
    identity = "\x00".join((kind, subject, question, content))
    return TrainingItem(hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(), kind, content, question, subject)


def _ddl(model: Model, placement: Placement | None) -> str:
    relation = placement.relation(model.name) if placement else None
    name = f"{relation.schema}.{relation.name}" if relation else model.name
    hidden, masked = hidden_columns(model), masked_columns(model)
    listed = [_column(column, column.name in masked) for column in model.columns if column.name not in hidden]
    if model.primary_key and not hidden & set(model.primary_key):
        listed.append((f"primary key ({', '.join(model.primary_key)})", ""))
    last = len(listed) - 1
    lines = [f"  {text}{',' if i < last else ''}{f'  -- {comment}' if comment else ''}" for i, (text, comment) in enumerate(listed)]
    head = [f"-- {_line(model.description)}"] if model.description else []
    return "\n".join([*head, f"create table {name} (", *lines, ")"])


def _column(column: ModelColumn, masked: bool) -> tuple[str, str]:
    kind = column.native_type or str(column.type)
    comment = _line(column.description)
    if column.accepted_values and not masked:
        comment = f"{comment} One of: {', '.join(column.accepted_values)}".strip()
    return f"{column.name} {kind}{' not null' if column.not_null else ''}", _line(comment)


def _metric(metric: Metric, ontology: Ontology) -> str:
    title = f"Metric {metric.name}" + (f" ({metric.label})" if metric.label else "")
    parts = [title, _line(metric.description), f"Type: {metric.type}. Formula: {formula(metric, ontology)}"]
    if metric.unit:
        parts.append(f"Unit: {metric.unit}")
    if metric.synonyms:
        parts.append(f"Also called: {', '.join(metric.synonyms)}")
    return "\n".join(part for part in parts if part)


def _dimensions(ontology: Ontology) -> Iterable[TrainingItem]:
    for owner in ontology.semantic_models:
        model = ontology.model(owner.model)
        if model is not None and is_closed(model):
            continue
        hidden = hidden_columns(model) if model else frozenset()
        for dimension in owner.dimensions:
            if not _reads(dimension, hidden):
                yield _item(TrainingKind.DOCUMENTATION, _dimension(dimension, owner), f"dimension.{owner.name}.{dimension.name}")


def _reads(dimension: Dimension, hidden: frozenset[str]) -> bool:
    return any(column.name in hidden for column in columns(dimension.expr))


def _dimension(dimension: Dimension, owner: SemanticModel) -> str:
    name = owner.dunder(dimension.name)
    grain = f" by {dimension.grain}" if dimension.grain else ""
    parts = [
        f"Dimension {name}" + (f" ({dimension.label})" if dimension.label else "") + f", {dimension.type}{grain}",
        _line(dimension.description),
    ]
    if dimension.values:
        parts.append(f"One of: {', '.join(dimension.values)}")
    if dimension.synonyms:
        parts.append(f"Also called: {', '.join(dimension.synonyms)}")
    return "\n".join(part for part in parts if part)


def _line(text: str) -> str:
    return " ".join(text.split())
