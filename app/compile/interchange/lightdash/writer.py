"""A layer as Lightdash's `meta` in dbt YAML (its dbt schema 2.0, `config.meta` as dbt 1.10 wants it): to be merged into the models' own YAML."""

from __future__ import annotations

from typing import Any

from app.compile.emit.yaml_text import dump
from app.compile.interchange.definitions import Definition
from app.compile.interchange.exporting import Exporting, foreign_meta
from app.compile.interchange.extension import KEY, sealed
from app.compile.interchange.lightdash.members import LightdashMetrics, own_column
from app.compile.interchange.plain import joins, key_columns, time_first
from app.compile.interchange.sql_text import Unspeakable, sql_of
from app.model.expr import Column, Expr
from app.model.semantics import Dimension, DimensionType, EntityType, SemanticModel
from app.model.types import DataType
from app.sql.expressions.walk import columns

Data = dict[str, Any]
_TYPES = {
    DataType.BOOLEAN: "boolean",
    DataType.INTEGER: "number",
    DataType.DECIMAL: "number",
    DataType.FLOAT: "number",
    DataType.DATE: "date",
    DataType.TIMESTAMP: "timestamp",
}
_INTERVALS = {"day": "DAY", "week": "WEEK", "month": "MONTH", "year": "YEAR"}


def write_lightdash(export: Exporting) -> dict[str, str]:
    """A file for each dbt model, by its name."""
    by_model: dict[str, list[SemanticModel]] = {}
    for model in export.ontology.semantic_models:
        by_model.setdefault(model.model, []).append(model)
    homes = {model.name: model.model for model in export.ontology.semantic_models}
    metrics = LightdashMetrics(export, homes)
    unsaid: dict[str, list[Definition]] = {name: [] for name in by_model}
    exact: dict[str, list[Definition]] = {name: [] for name in by_model}
    for metric in export.metrics:
        definition = export.metric_definition(metric)
        said = metrics.add(metric)
        if definition is not None:
            (exact if said else unsaid)[homes.get(export.home_of(metric)) or next(iter(by_model))].append(definition)
    queries = export.saved_queries()
    export.unsaid_filters()
    files: dict[str, str] = {}
    for name, models in by_model.items():
        entry, meta = _model(export, name, models, metrics)
        if export.extended:
            found = [definition for model in models if (definition := export.semantic_model_definition(model)) is not None]
            held: Definition = {"semantic_models": found, "metrics": exact[name] + unsaid[name]}
            held |= {"saved_queries": queries} if not files else {}
            meta |= {KEY: sealed(held, plain_part(entry))}
        files[f"{name.rpartition('.')[2]}.yml"] = dump({"version": 2, "models": [entry]}, whole=True)
    if metrics.units:
        export.missing.tell(
            f"{len(metrics.units)} metric{'s' if len(metrics.units) != 1 else ''}",
            "it has no units",
            "the units of " + ", ".join(sorted(metrics.units)),
        )
    return files


def plain_part(entry: Data) -> Data:
    """What a seal stands for: the `meta` of a model and of its columns, wherever else the YAML says more."""
    meta = {key: value for key, value in _meta(entry).items() if key != KEY}
    found = {column.get("name", ""): _meta(column) for column in entry.get("columns") or ()}
    return {"meta": meta, "columns": {name: held for name, held in found.items() if held}}


def _meta(entry: Data) -> Data:
    held = (entry.get("config") or {}).get("meta") or entry.get("meta") or {}
    return dict(held)


def _model(export: Exporting, name: str, models: list[SemanticModel], metrics: LightdashMetrics) -> tuple[Data, Data]:
    """A model's entry, and the `meta` within it."""
    meta: Data = {}
    made: Data = {"name": name.rpartition(".")[2]}
    held = export.ontology.model(name)
    if held is not None and held.description:
        made["description"] = held.description
    made["config"] = {"meta": meta}
    found: dict[str, Data] = {}
    for model in models:
        _words(model, meta)
        _key(export, model, meta)
        export.entity_names(model, name.rpartition(".")[2])
        _joins(export, model, meta)
        meta |= foreign_meta(model.meta)
        for dimension in time_first(model):
            _dimension(export, model, dimension, found)
        for entity in model.entities:
            for key in columns(entity.expr):
                found.setdefault(key.name, {"name": key.name, "config": {"meta": {}}})
    for column in found.values():
        column["config"]["meta"].setdefault("dimension", {"hidden": True})
    members = metrics.of(name)
    meta |= {"metrics": members} if members else {}
    if found:
        made["columns"] = list(found.values())
    return made, meta


def _words(model: SemanticModel, meta: Data) -> None:
    meta |= {"label": model.label} if model.label and "label" not in meta else {}
    time = next((d for d in model.dimensions if d.name == model.agg_time_dimension), None)
    if time is not None and "default_time_dimension" not in meta:
        interval = _INTERVALS.get(time.grain.value if time.grain else "day", "DAY")
        meta["default_time_dimension"] = {"field": time.name, "interval": interval}


def _key(export: Exporting, model: SemanticModel, meta: Data) -> None:
    for entity in model.entities:
        if entity.type is EntityType.PRIMARY and "primary_key" not in meta:
            key = key_columns(entity)
            if key is None:
                where = export.where(f"entity.{model.name}.{entity.name}")
                export.missing.tell(f"entity `{model.name}.{entity.name}`", "its key is reckoned", "the key", where)
            else:
                meta["primary_key"] = key[0] if len(key) == 1 else key


def _joins(export: Exporting, model: SemanticModel, meta: Data) -> None:
    known = {join.get("alias", join["join"]) for join in meta.get("joins", ())}
    for ours, other, theirs in joins(export.ontology, model):
        start, end = key_columns(ours), key_columns(theirs)
        where = export.where(f"entity.{model.name}.{ours.name}")
        if start is None or end is None or len(start) != len(end) or other.model == model.model:
            export.missing.tell(f"entity `{model.name}.{ours.name}`", "a join is between columns of two models", "the join", where)
            continue
        here, there = model.model.rpartition(".")[2], other.model.rpartition(".")[2]
        alias = f"{there}_{ours.name}" if there in known else ""
        known.add(alias or there)
        equal = " AND ".join(f"${{{here}.{a}}} = ${{{alias or there}.{b}}}" for a, b in zip(start, end, strict=True))
        relationship = "many-to-one" if ours.type is EntityType.FOREIGN else "one-to-one"
        join = {"join": there} | ({"alias": alias} if alias else {}) | {"sql_on": equal, "relationship": relationship}
        meta.setdefault("joins", []).append(join)


def _dimension(export: Exporting, model: SemanticModel, dimension: Dimension, found: dict[str, Data]) -> None:
    """A dimension: the column's own where it bears its name, else an additional one at the first column that it reads."""
    where, subject = export.where(f"dimension.{model.name}.{dimension.name}"), f"dimension `{model.name}.{dimension.name}`"
    if dimension.validity or dimension.is_partition:
        what = "an end of a validity window" if dimension.validity else "a partition"
        export.missing.tell(subject, f"it is {what}", "joins in time", where)
    read = columns(dimension.expr)
    if not read:
        export.missing.tell(subject, "it reads no column", "the dimension", where)
        return
    column = found.setdefault(read[0].name, {"name": read[0].name, "config": {"meta": {}}})
    said: Data = {"type": _type(export, model, dimension)}
    said |= {"label": dimension.label} if dimension.label else {}
    said |= {"description": dimension.description} if dimension.description else {}
    said |= {"format": dimension.format} if dimension.format else {}
    said |= {"ai_hint": synonyms_hint(dimension.synonyms)} if dimension.synonyms else {}
    held = column["config"]["meta"]
    if dimension.expr == Column(dimension.name):
        if "dimension" in held and held["dimension"] != said:
            export.missing.tell(subject, "another semantic model has it of the same column", "its own words", where)
            return
        held["dimension"] = said
        return
    try:
        export.speakable(dimension.expr)
        sql = sql_of(dimension.expr, own_column, export.dialect, true_division=True)
    except Unspeakable as error:
        export.missing.tell(subject, str(error), "the dimension", where)
        return
    held.setdefault("additional_dimensions", {})[dimension.name] = said | {"sql": sql}


def _type(export: Exporting, model: SemanticModel, dimension: Dimension) -> str:
    if dimension.type is DimensionType.TIME:
        return "date" if _column_type(export, model, dimension.expr) is DataType.DATE else "timestamp"
    return _TYPES.get(_column_type(export, model, dimension.expr) or DataType.TEXT, "string")


def _column_type(export: Exporting, model: SemanticModel, expr: Expr) -> DataType | None:
    held = export.model(model)
    column = held.column(expr.name) if held and isinstance(expr, Column) else None
    return column.type if column else None


def synonyms_hint(synonyms: tuple[str, ...]) -> str:
    """Synonyms as a hint to models, in a form that import reads back."""
    return "Synonyms: " + ", ".join(synonyms)
