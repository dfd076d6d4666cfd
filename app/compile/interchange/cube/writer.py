"""A layer as Cube's YAML (the reference of version 1.x): a cube for each semantic model, a measure for each metric."""

from __future__ import annotations

from typing import Any

from app.compile.emit.yaml_text import dump
from app.compile.interchange.cube.members import CubeMeasures
from app.compile.interchange.cube.queried import queried
from app.compile.interchange.definitions import Definition
from app.compile.interchange.exporting import Exporting, foreign_meta
from app.compile.interchange.extension import KEY, sealed
from app.compile.interchange.plain import joins, key_columns, time_first
from app.compile.interchange.sql_text import Unspeakable, quoted, sql_of
from app.model.expr import Column, Expr, Field
from app.model.semantics import Dimension, DimensionType, EntityType, SemanticModel
from app.model.types import DataType

Data = dict[str, Any]
_TYPES = {DataType.BOOLEAN: "boolean", DataType.INTEGER: "number", DataType.DECIMAL: "number", DataType.FLOAT: "number"}
_TIMES = (DataType.DATE, DataType.TIMESTAMP)


def write_cube(export: Exporting) -> dict[str, str]:
    """A file for each cube, by its name."""
    cubes = {model.name: _cube(export, model) for model in export.ontology.semantic_models}
    measures = CubeMeasures(export, cubes)
    unsaid: dict[str, list[Definition]] = {name: [] for name in cubes}
    for metric in export.metrics:
        definition = export.metric_definition(metric)
        if not measures.add(metric, definition) and definition is not None:
            unsaid[export.home_of(metric) or next(iter(cubes))].append(definition)
    queries = export.saved_queries()
    files: dict[str, str] = {}
    for model in export.ontology.semantic_models:
        cube = cubes[model.name]
        exact = export.semantic_model_definition(model)
        if exact is not None:
            held: Definition = {"semantic_model": exact, "metrics": unsaid[model.name], "helpers": measures.helpers(model.name)}
            held |= {"saved_queries": queries} if not files else {}
            cube["meta"] = cube.get("meta", {}) | {KEY: sealed(held, dict(cube))}
        found = measures.of(model.name)
        files[f"{model.name}.yml"] = dump({"cubes": [cube | ({"measures": found} if found else {})]}, whole=True)
    return files


def _cube(export: Exporting, model: SemanticModel) -> Data:
    """A cube without its measures."""
    made: Data = {"name": model.name, "sql_table": ".".join(quoted(part) for part in export.relation(model)[-2:])}
    made |= {"title": model.label} if model.label else {}
    made |= {"description": model.description} if model.description else {}
    joined = [join for join in (_join(export, model, *found) for found in joins(export.ontology, model)) if join]
    names = [join["name"] for join in joined]
    for name in sorted({name for name in names if names.count(name) > 1}):
        where = export.where(f"semantic_model.{model.name}")
        export.missing.tell(f"semantic model `{model.name}`", f"several joins lead to the cube `{name}`", "all joins but the first", where)
    made["joins"] = list({join["name"]: join for join in reversed(joined)}.values())[::-1]
    made["dimensions"] = [d for d in (_dimension(export, model, dimension) for dimension in time_first(model)) if d]
    export.entity_names(model, model.name)
    made["dimensions"] += _keys(export, model, made["dimensions"])
    made |= queried(export, model, {dimension["name"] for dimension in made["dimensions"]})
    meta = foreign_meta(model.meta)
    made |= {"meta": meta} if meta else {}
    return {key: value for key, value in made.items() if value != []}


def _join(export: Exporting, model: SemanticModel, ours: Any, other: SemanticModel, theirs: Any) -> Data | None:
    start, end = key_columns(ours), key_columns(theirs)
    if start is None or end is None or len(start) != len(end):
        where = export.where(f"entity.{model.name}.{ours.name}")
        export.missing.tell(f"entity `{model.name}.{ours.name}`", "its key is reckoned", "the join", where)
        return None
    equal = " AND ".join(f"{{CUBE}}.{quoted(a)} = {{{other.name}}}.{quoted(b)}" for a, b in zip(start, end, strict=True))
    kind = "many_to_one" if ours.type is EntityType.FOREIGN else "one_to_one"
    return {"name": other.name, "sql": equal, "relationship": kind}


def own_column(leaf: Column | Field) -> str:
    """A column of the cube itself. Raises Unspeakable for a semantic reference."""
    if isinstance(leaf, Field):
        raise Unspeakable(f"`{leaf.name}` is a semantic reference")
    return f"{{CUBE}}.{quoted(leaf.name)}"


def _dimension(export: Exporting, model: SemanticModel, dimension: Dimension) -> Data | None:
    """A dimension; None where its expression has no text there, which is reported."""
    where = export.where(f"dimension.{model.name}.{dimension.name}")
    subject = f"dimension `{model.name}.{dimension.name}`"
    try:
        made: Data = {"name": dimension.name, "sql": _sql(export, dimension.expr, dimension, model)}
    except Unspeakable as error:
        export.missing.tell(subject, str(error), "the dimension", where)
        return None
    made["type"] = (
        "time" if dimension.type is DimensionType.TIME else _TYPES.get(_type(export, model, dimension.expr) or DataType.TEXT, "string")
    )
    made |= {"title": dimension.label} if dimension.label else {}
    made |= {"description": dimension.description} if dimension.description else {}
    if any(e.type is EntityType.PRIMARY and e.expr == dimension.expr for e in model.entities):
        made["primary_key"] = True
    if dimension.validity or dimension.is_partition:
        what = "an end of a validity window" if dimension.validity else "a partition"
        export.missing.tell(subject, f"it is {what}", "joins in time", where)
    words = {"synonyms": list(dimension.synonyms), "unit": dimension.unit, "format": dimension.format}
    meta = foreign_meta(dimension.meta) | {key: value for key, value in words.items() if value}
    return made | ({"meta": meta} if meta else {})


def _sql(export: Exporting, expr: Expr, dimension: Dimension, model: SemanticModel) -> str:
    """A dimension's expression; Cube wants times as timestamps, so dates are converted. Raises Unspeakable."""
    export.speakable(expr)
    text = sql_of(expr, own_column, export.dialect, true_division=True)
    if dimension.type is DimensionType.TIME and _type(export, model, expr) is DataType.DATE:
        return f"cast({text} as {'timestamp' if export.dialect != 'clickhouse' else 'DateTime64(6)'})"
    return text


def _type(export: Exporting, model: SemanticModel, expr: Expr) -> DataType | None:
    held = export.model(model)
    column = held.column(expr.name) if held and isinstance(expr, Column) else None
    return column.type if column else None


def _keys(export: Exporting, model: SemanticModel, dimensions: list[Data]) -> list[Data]:
    """The columns of the primary key that are no dimensions: hidden, for Cube's joins want a key."""
    if any(dimension.get("primary_key") for dimension in dimensions):
        return []
    primary = next((entity for entity in model.entities if entity.type is EntityType.PRIMARY), None)
    key = key_columns(primary) if primary else None
    if primary and key is None:
        where = export.where(f"entity.{model.name}.{primary.name}")
        export.missing.tell(f"entity `{model.name}.{primary.name}`", "its key is reckoned", "the key", where)
    taken = {dimension["name"] for dimension in dimensions}
    made = []
    for column in key or []:
        kind = _TYPES.get(_type(export, model, Column(column)) or DataType.TEXT, "string")
        name = column if column not in taken else f"{column}_key"
        made.append({"name": name, "sql": f"{{CUBE}}.{quoted(column)}", "type": kind, "primary_key": True, "public": False})
    return made
