"""A layer as an OSI document (core specification 0.1.1, of which 0.2.0.dev0 reads the same things)."""

from __future__ import annotations

import json
from typing import Any

from app.compile.emit.yaml_text import dump
from app.compile.interchange.exporting import Exporting
from app.compile.interchange.extension import VENDOR, sealed
from app.compile.interchange.osi.fields import DatasetFields
from app.compile.interchange.plain import Unsayable, joins, key_columns, time_first
from app.compile.interchange.plain_sql import whole_sql
from app.compile.interchange.sql_text import Unspeakable
from app.model.expr import Column, Field
from app.model.metrics import Metric
from app.model.semantics import Dimension, DimensionType, EntityType, SemanticModel

VERSION = "0.1.1"
DIALECT = "ANSI_SQL"
_SQL = "postgres"
"""The reader of ANSI_SQL: the dialect of ours that is nearest to the standard."""

Data = dict[str, Any]


def write_osi(export: Exporting) -> dict[str, str]:
    """The one file of the export, by its name."""
    ontology = export.ontology
    fields = {model.name: DatasetFields(model) for model in ontology.semantic_models}
    metrics, unsaid = [], []
    for metric in ontology.listed_metrics:
        made = _metric(export, metric, fields)
        definition = export.metric_definition(metric)
        if made is not None:
            metrics.append(_extended(made, definition))
        elif definition is not None:
            unsaid.append(definition)
    relationships = [made for model in ontology.semantic_models for made in _relationships(export, model)]
    datasets = [
        _extended(_dataset(export, model, fields[model.name]), export.semantic_model_definition(model))
        for model in ontology.semantic_models
    ]
    layer = {"metrics": unsaid, "saved_queries": export.saved_queries()}
    _words(export)
    export.unsaid_filters()
    model_entry: Data = {
        "name": ontology.project or "layer",
        "datasets": datasets,
        "relationships": relationships,
        "metrics": metrics,
    }
    if export.extended:
        model_entry["custom_extensions"] = [_extension(sealed(layer, "layer"))]
    return {f"{ontology.project or 'layer'}.osi.yaml": dump({"version": VERSION, "semantic_model": [model_entry]}, whole=True)}


def _dataset(export: Exporting, model: SemanticModel, fields: DatasetFields) -> Data:
    """A semantic model as a dataset: its dimensions, and the columns that keys and measures read."""
    made: Data = {"name": model.name, "source": ".".join(export.relation(model))}
    unique = []
    export.entity_names(model, model.name)
    for entity in model.entities:
        key = key_columns(entity)
        if entity.type is EntityType.NATURAL or (key is None and entity.type is not EntityType.FOREIGN):
            reason = "a natural entity is unique within its validity window alone" if key else "its key is reckoned"
            export.missing.tell(
                f"entity `{model.name}.{entity.name}`", reason, "the key", export.where(f"entity.{model.name}.{entity.name}")
            )
        elif entity.type is EntityType.PRIMARY:
            made["primary_key"] = key
        elif entity.type is EntityType.UNIQUE:
            unique.append(key)
    made |= {"unique_keys": unique} if unique else {}
    made |= {"description": model.description} if model.description else {}
    made["fields"] = [
        *(field for field in (_field(export, model, dimension, fields) for dimension in time_first(model)) if field),
        *({"name": name, "expression": _expression(column)} for column, name in fields.facts()),
    ]
    return made


def _field(export: Exporting, model: SemanticModel, dimension: Dimension, fields: DatasetFields) -> Data | None:
    """A dimension as a field; None where its expression has no text, which is reported."""
    where = export.where(f"dimension.{model.name}.{dimension.name}")
    try:
        text = fields.text(dimension)
    except Unspeakable as error:
        export.missing.tell(f"dimension `{model.name}.{dimension.name}`", str(error), "the dimension", where)
        return None
    is_time = dimension.type is DimensionType.TIME
    made: Data = {"name": dimension.name, "expression": _expression(text), "dimension": {"is_time": is_time}}
    made |= {"description": dimension.description} if dimension.description else {}
    if dimension.validity or dimension.is_partition:
        what = "an end of a validity window" if dimension.validity else "a partition"
        export.missing.tell(f"dimension `{model.name}.{dimension.name}`", f"it is {what}", "joins in time", where)
    return made | _context(dimension.name, dimension.label, dimension.synonyms)


def _relationships(export: Exporting, model: SemanticModel) -> list[Data]:
    """The joins that lead from a dataset."""
    made: list[Data] = []
    for ours, other, theirs in joins(export.ontology, model):
        start, end = key_columns(ours), key_columns(theirs)
        if start is None or end is None or len(start) != len(end):
            where = export.where(f"entity.{model.name}.{ours.name}")
            export.missing.tell(f"entity `{model.name}.{ours.name}`", "a relationship is between columns", "the join", where)
            continue
        name = f"{model.name}_{ours.name}_{other.name}"
        made.append({"name": name, "from": model.name, "to": other.name, "from_columns": start, "to_columns": end})
    return made


def _metric(export: Exporting, metric: Metric, fields: dict[str, DatasetFields]) -> Data | None:
    part = export.sayable(metric)
    if part is None:
        return None

    def leaf(given: Column | Field) -> str:
        if isinstance(given, Field):
            raise Unspeakable(f"`{given.name}` is a semantic reference")
        return fields[given.table].reference(given.name)

    try:
        text = whole_sql(part, export.plain, leaf, _SQL)
    except (Unsayable, Unspeakable) as error:
        export.unsayable(metric, str(error))
        return None
    made: Data = {"name": metric.name, "expression": _expression(text)}
    made |= {"description": metric.description} if metric.description else {}
    return made | _context(metric.name, metric.label, metric.synonyms)


def _expression(text: str) -> Data:
    return {"dialects": [{"dialect": DIALECT, "expression": text}]}


def _context(name: str, label: str, synonyms: tuple[str, ...]) -> Data:
    """What people call it: its label, for which the format has no place, and its synonyms."""
    words = list(dict.fromkeys(word for word in (label, *synonyms) if word and word != name))
    return {"ai_context": {"synonyms": words}} if words else {}


def _extended(made: Data, definition: Data | None) -> Data:
    """A plain part with its exact definition, where there is one."""
    return made if definition is None else made | {"custom_extensions": [_extension(sealed(definition, made))]}


def _extension(data: Data) -> Data:
    return {"vendor_name": VENDOR, "data": json.dumps(data, ensure_ascii=False)}


def _words(export: Exporting) -> None:
    """Say once what the format has no place for in many things."""
    metrics = [m.name for m in export.metrics if m.unit or m.format or m.group or m.tags]
    if metrics:
        export.missing.tell(
            f"{len(metrics)} metric{'s' if len(metrics) != 1 else ''}",
            "it has no units, formats, groups and tags",
            "these words of " + ", ".join(metrics),
        )
    export.missing.tell(
        "labels",
        "those of metrics and dimensions stand among the synonyms, and those of semantic models nowhere",
        "which of the names is the label",
    )
