"""A small project as dbt would have compiled it, for tests of lineage."""

from __future__ import annotations

import json
from typing import Any

from app.compile.artifacts import TargetArtifacts
from app.compile.lineage.code import ProjectCode
from app.compile.lineage.project import ProjectLineage
from app.compile.project import compile_project
from app.model.lineage import Edge, ModelLineage
from app.model.ontology import Ontology

PACKAGE = "shop"


def node(name: str, sql: str | None, *upstream: str, columns: tuple[str, ...] = (), kind: str = "model", **more: Any) -> dict[str, Any]:
    """A model, snapshot or seed; `upstream` are unique ids."""
    config = {"materialized": "view" if kind == "model" else kind, **more.pop("config", {})}
    return {
        "unique_id": f"{kind}.{PACKAGE}.{name}",
        "fqn": [PACKAGE, name],
        "name": name,
        "resource_type": kind,
        "package_name": PACKAGE,
        "original_file_path": f"models/{name}.sql",
        "alias": name,
        "schema": "main",
        "database": "db",
        "columns": {column: {"name": column} for column in columns},
        "config": config,
        "language": "sql",
        "depends_on": {"nodes": list(upstream)},
        **({"compiled_code": sql} if sql is not None else {}),
        **more,
    }


def source(name: str, *columns: str) -> dict[str, Any]:
    """A table of the source `raw`."""
    return {
        "unique_id": f"source.{PACKAGE}.raw.{name}",
        "fqn": [PACKAGE, "raw", name],
        "name": name,
        "source_name": "raw",
        "package_name": PACKAGE,
        "original_file_path": "models/sources.yml",
        "identifier": name,
        "schema": "raw",
        "database": "db",
        "columns": {column: {"name": column} for column in columns},
    }


def artifacts(
    *parts: dict[str, Any], adapter: str = "postgres", catalog: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> TargetArtifacts:
    """A target's artifacts; `catalog` holds columns by unique id."""
    manifest = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "project_name": PACKAGE,
            "adapter_type": adapter,
        },
        "nodes": {part["unique_id"]: part for part in parts if not part["unique_id"].startswith("source.")},
        "sources": {part["unique_id"]: part for part in parts if part["unique_id"].startswith("source.")},
    }
    tables = {
        unique_id: {"columns": {name: {"name": name, "index": number} for number, name in enumerate(names)}}
        for unique_id, names in (catalog or {}).items()
    }
    told = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"},
        "nodes": {key: table for key, table in tables.items() if not key.startswith("source.")},
        "sources": {key: table for key, table in tables.items() if key.startswith("source.")},
    }
    return TargetArtifacts("postgres", json.dumps(manifest).encode(), catalog=json.dumps(told).encode() if catalog else None, **more)


def project(*targets: TargetArtifacts, held: tuple[ModelLineage, ...] = ()) -> tuple[Ontology, ProjectLineage]:
    """The compiled project and its lineage."""
    ontology = compile_project(targets).layer.ontology
    return ontology, ProjectLineage(ontology, ProjectCode(targets), held)


def shown(edges: tuple[Edge, ...]) -> list[str]:
    """Edges as people write them."""
    return [f"{e.role} {e.model}{'.' if e.column else ''}{e.column}" + (f" ? {e.reason}" if e.reason else "") for e in edges]


def told(lineage: ModelLineage | None) -> dict[str, list[str]]:
    """On what each column depends, the rows as ""."""
    assert lineage is not None
    return {column.name: shown(column.edges) for column in lineage.columns} | {"": shown(lineage.rows)}
