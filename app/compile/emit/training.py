"""Vanna's three kinds of training items from a layer: ddl, documentation, question–SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from app.compile.emit.guarded import hidden_columns, is_closed, shows_values
from app.compile.formula import formula
from app.model.metrics import Metric
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement
from app.model.records import Example, TrainingItem, TrainingKind
from app.model.semantics import Dimension, SemanticModel
from app.sql.expressions.walk import columns

CORRECTION = "correction."
"""What the subjects of corrections begin with; their ids follow."""


def training_items(layer: Layer, examples: Sequence[Example]) -> tuple[TrainingItem, ...]:
    """All items, by kind, subject and id, each content once.

    Closed models, denied columns and hidden metrics are left out, and so are values of columns that somebody sees masked.
    """
    ontology = layer.ontology
    items = [
        *filter(None, (_of_model(model, layer) for model in ontology.models)),
        *(_of_metric(metric, ontology) for metric in ontology.listed_metrics),
        *filter(None, (_of_dimension(one, owner, layer) for owner in ontology.semantic_models for one in owner.dimensions)),
        *(example_item(example) for example in examples),
    ]
    return tuple(sorted({item.id: item for item in items}.values(), key=lambda item: (item.kind, item.subject, item.question, item.id)))


def items_without_values(layer: Layer) -> tuple[TrainingItem, ...]:
    """The items of models with row policies once more, as they are written for people whose rows are filtered: what values there are is data to them."""
    models = [model for model in layer.ontology.models if model.row_policies]
    names = {model.name for model in models}
    dimensions = [
        (one, owner) for owner in layer.ontology.semantic_models if owner.model in names for one in owner.dimensions if one.values
    ]
    found = (
        *(_of_model(replace(model, columns=tuple(replace(c, accepted_values=()) for c in model.columns)), layer) for model in models),
        *(_of_dimension(replace(one, values=()), owner, layer) for one, owner in dimensions),
    )
    return tuple(item for item in found if item is not None)


def example_item(example: Example) -> TrainingItem:
    """The item of a saved query."""
    return _item(TrainingKind.QUESTION_SQL, example.sql, f"saved_query.{example.saved_query}", example.question)


def correction_item(correction_id: str, question: str, sql: str) -> TrainingItem:
    """The item of a correction that an admin approved."""
    return _item(TrainingKind.QUESTION_SQL, sql, f"{CORRECTION}{correction_id}", question)


def item_as_seen(kind: TrainingKind, subject: str, layer: Layer, seen: Ontology) -> TrainingItem | None:
    """The DDL or documentation of a subject as it is written where only `seen`, a part of the layer's Ontology, may be known of; None where that
    has no such subject. It speaks of nothing else, so an item that is the same word for word may be shown."""
    if kind is TrainingKind.DDL:
        model = seen.model(subject)
        return _of_model(model, layer) if model else None
    noun, _, name = subject.partition(".")
    if noun == "metric":
        metric = seen.metric(name)
        return _of_metric(metric, seen) if metric and metric in seen.listed_metrics else None
    owner_name, _, name = name.partition(".")
    owner = seen.semantic_model(owner_name) if noun == "dimension" else None
    found = next((one for one in owner.dimensions if one.name == name), None) if owner else None
    return _of_dimension(found, owner, layer) if owner and found else None


def _item(kind: TrainingKind, content: str, subject: str, question: str = "") -> TrainingItem:
    identity = "\x00".join((kind, subject, question, content))
    return TrainingItem(hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(), kind, content, question, subject)


def _of_model(model: Model, layer: Layer) -> TrainingItem | None:
    """What is hidden is told by the layer's own model: one as somebody sees it has no policies."""
    whole = layer.ontology.model(model.name) or model
    if is_closed(whole) or not model.columns:
        return None
    return _item(TrainingKind.DDL, _ddl(model, whole, layer.placements[0] if layer.placements else None), model.name)


def _ddl(model: Model, whole: Model, placement: Placement | None) -> str:
    relation = placement.relation(model.name) if placement else None
    name = f"{relation.schema}.{relation.name}" if relation else model.name
    hidden = hidden_columns(whole)
    listed = [_column(column, shows_values(whole, (column.name,))) for column in model.columns if column.name not in hidden]
    if model.primary_key and not hidden & set(model.primary_key):
        listed.append((f"primary key ({', '.join(model.primary_key)})", ""))
    last = len(listed) - 1
    lines = [f"  {text}{',' if i < last else ''}{f'  -- {comment}' if comment else ''}" for i, (text, comment) in enumerate(listed)]
    head = [f"-- {_line(model.description)}"] if model.description else []
    return "\n".join([*head, f"create table {name} (", *lines, ")"])


def _column(column: ModelColumn, values: bool) -> tuple[str, str]:
    kind = column.native_type or str(column.type)
    comment = _line(column.description)
    if column.accepted_values and values:
        comment = f"{comment} One of: {', '.join(column.accepted_values)}".strip()
    return f"{column.name} {kind}{' not null' if column.not_null else ''}", _line(comment)


def _of_metric(metric: Metric, ontology: Ontology) -> TrainingItem:
    return _item(TrainingKind.DOCUMENTATION, _metric(metric, ontology), f"metric.{metric.name}")


def _metric(metric: Metric, ontology: Ontology) -> str:
    title = f"Metric {metric.name}" + (f" ({metric.label})" if metric.label else "")
    parts = [title, _line(metric.description), f"Type: {metric.type}. Formula: {formula(metric, ontology)}"]
    if metric.unit:
        parts.append(f"Unit: {metric.unit}")
    if metric.synonyms:
        parts.append(f"Also called: {', '.join(metric.synonyms)}")
    return "\n".join(part for part in parts if part)


def _of_dimension(dimension: Dimension, owner: SemanticModel, layer: Layer) -> TrainingItem | None:
    model = layer.ontology.model(owner.model)
    read = {column.name for column in columns(dimension.expr)}
    if model is not None and (is_closed(model) or read & hidden_columns(model)):
        return None
    content = _dimension(dimension, owner, shows_values(model, read))
    return _item(TrainingKind.DOCUMENTATION, content, f"dimension.{owner.name}.{dimension.name}")


def _dimension(dimension: Dimension, owner: SemanticModel, values: bool) -> str:
    name = owner.dunder(dimension.name)
    grain = f" by {dimension.grain}" if dimension.grain else ""
    parts = [
        f"Dimension {name}" + (f" ({dimension.label})" if dimension.label else "") + f", {dimension.type}{grain}",
        _line(dimension.description),
    ]
    if dimension.values and values:
        parts.append(f"One of: {', '.join(dimension.values)}")
    if dimension.synonyms:
        parts.append(f"Also called: {', '.join(dimension.synonyms)}")
    return "\n".join(part for part in parts if part)


def _line(text: str) -> str:
    return " ".join(text.split())
