"""The shared corpus of attacks as a Layer: its schema and policy in DataMind's own nouns."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from app.model.expr import Binary, Column, Literal
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, ModelColumn, Placement, Relation
from app.model.policy import ColumnPolicy, Mask, MaskKind, RowPolicy
from app.model.principal import Principal, Role
from app.model.types import DataType

SCHEMAS = {"postgres": "public", "clickhouse": "app"}

ANALYST = Principal("usr_1", "analyst@attack.example", Role.ANALYST, "prj_1")
ADMIN = Principal("usr_2", "admin@attack.example", Role.ADMIN, "prj_1")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def table_columns(schema: str) -> dict[str, list[tuple[str, str]]]:
    """Columns and types of every CREATE TABLE of a schema file."""
    tables: dict[str, list[tuple[str, str]]] = {}
    for name, body in re.findall(r"CREATE TABLE (?:app\.)?(\w+) \((.*?)\)\s*(?:;|PARTITION|ENGINE)", schema, re.S):
        parts = [re.match(r'\s*"?(\w+)"?\s+(\w+)', part) for part in re.split(r",(?![^(]*\))", body)]
        tables[name] = [(part[1], part[2].lower()) for part in parts if part]
    return tables


def data_type(native: str) -> DataType:
    for word, kind in (
        ("int", "integer"),
        ("numeric", "decimal"),
        ("float", "float"),
        ("bool", "boolean"),
        ("timestamp", "timestamp"),
        ("datetime", "timestamp"),
        ("date", "date"),
    ):
        if word in native:
            return DataType(kind)
    return DataType.TEXT if native in ("text", "string") else DataType.OTHER


def attack_layer(attacks: Path, engine: str) -> Layer:
    """The layer of one engine of the corpus; admins are exempt."""
    policy = json.loads((attacks / "policy.json").read_text())
    schema = (attacks / ("schema.sql" if engine == "postgres" else "schema_clickhouse.sql")).read_text()
    models = []
    exempt = (Role.ADMIN.value,)
    tables = table_columns(schema)
    for name in sorted(set(policy["modelled_tables"]) & set(tables)):
        rows = ()
        if name in policy["row_filters"]:
            column, value = re.fullmatch(r"(\w+) = '(\w+)'", policy["row_filters"][name]).groups()
            predicate = Binary("=", Column(column), Literal(value, DataType.TEXT))
            rows = (RowPolicy(f"{name}_rows", name, predicate, roles=(policy["role"],), exempt_roles=exempt),)
        columns = []
        for column, mask in policy["masked_columns"].get(name, {}).items():
            kind = MaskKind(mask["mask"])
            replacement = mask.get("then") or mask.get("value") or mask.get("with")
            rule = Mask(kind, replacement, mask.get("prefix", 0), 0, mask.get("pattern", ""))
            columns.append(ColumnPolicy(f"{name}_{column}", name, column, rule, roles=(policy["role"],), exempt_roles=exempt))
        columns += [
            ColumnPolicy(f"{name}_{c}", name, c, None, roles=(policy["role"],), exempt_roles=exempt)
            for c in policy["denied_columns"].get(name, ())
        ]
        models.append(
            Model(
                name,
                f"model.attack.{name}",
                alias=name,
                columns=tuple(ModelColumn(column, data_type(native), native) for column, native in tables[name]),
                row_policies=rows,
                column_policies=tuple(columns),
            )
        )
    relations = tuple((model.name, Relation(SCHEMAS[engine], model.name)) for model in models)
    return Layer(Ontology("attack", models=tuple(models)), (Placement(engine, relations),))
