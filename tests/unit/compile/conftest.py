"""A small dbt project in the shape of its manifest, to be bent by each test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.project import Compilation, compile_project

VERSION = "https://schemas.getdbt.com/dbt/{}/v{}.json"


class Project:
    """Builds manifest.json piece by piece; each `add` gives the piece, to be changed further."""

    def __init__(self, name: str = "shop", adapter: str = "postgres", version: int = 12) -> None:
        metadata = {
            "dbt_schema_version": VERSION.format("manifest", version),
            "project_name": name,
            "adapter_type": adapter,
            "generated_at": "2026-01-02T03:04:05Z",
        }
        self.name = name
        self.manifest: dict[str, Any] = {
            "metadata": metadata,
            "nodes": {},
            "sources": {},
            "exposures": {},
            "metrics": {},
            "groups": {},
            "saved_queries": {},
            "semantic_models": {},
        }
        self.files: dict[str, str] = {}

    def model(
        self, name: str, columns: Sequence[str] = ("id", "status", "amount", "ordered_at"), package: str = "", **fields: Any
    ) -> dict[str, Any]:
        package = package or self.name
        version = fields.get("version")
        unique_id = f"{fields.get('resource_type', 'model')}.{package}.{name}" + (f".v{version}" if version is not None else "")
        node = {
            "unique_id": unique_id,
            "name": name,
            "resource_type": "model",
            "package_name": package,
            "original_file_path": f"models/{name}.sql",
            "patch_path": f"{package}://models/{name}.yml",
            "alias": name,
            "schema": "marts",
            "database": "warehouse",
            "description": "",
            "columns": {column: {"name": column, "meta": {}} for column in columns},
            "config": {"materialized": "table", "meta": {}},
            "meta": {},
            "tags": [],
            "depends_on": {"macros": [], "nodes": []},
        } | fields
        self.manifest["nodes"][unique_id] = node
        return node

    def source(self, source: str, table: str, columns: Sequence[str] = ("id",), **fields: Any) -> dict[str, Any]:
        unique_id = f"source.{self.name}.{source}.{table}"
        node = {
            "unique_id": unique_id,
            "name": table,
            "source_name": source,
            "package_name": self.name,
            "original_file_path": "models/sources.yml",
            "identifier": table,
            "schema": "raw",
            "database": "warehouse",
            "columns": {column: {"name": column} for column in columns},
            "config": {"enabled": True},
        } | fields
        self.manifest["sources"][unique_id] = node
        return node

    def generic_test(
        self,
        name: str,
        model: str,
        column: str = "",
        *,
        config: dict[str, Any] | None = None,
        namespace: str | None = None,
        depends: Sequence[str] = (),
        **kwargs: Any,
    ) -> dict[str, Any]:
        unique_id = f"test.{self.name}.{name}_{model}_{column}_{len(self.manifest['nodes'])}"
        node = {
            "unique_id": unique_id,
            "name": unique_id.rpartition(".")[2],
            "resource_type": "test",
            "package_name": self.name,
            "original_file_path": f"models/{model}.yml",
            "config": config or {},
            "column_name": column or None,
            "attached_node": f"model.{self.name}.{model}",
            "depends_on": {"nodes": [*depends, f"model.{self.name}.{model}"]},
            "test_metadata": {"name": name, "namespace": namespace, "kwargs": {"column_name": column, **kwargs}},
        }
        self.manifest["nodes"][unique_id] = node
        return node

    def semantic_model(self, name: str = "orders", model: str = "orders", **fields: Any) -> dict[str, Any]:
        unique_id = f"semantic_model.{self.name}.{name}"
        node = {
            "unique_id": unique_id,
            "name": name,
            "package_name": self.name,
            "original_file_path": "models/semantic.yml",
            "model": f"ref('{model}')",
            "node_relation": {"alias": model, "schema_name": "marts", "database": "warehouse"},
            "depends_on": {"nodes": [f"model.{self.name}.{model}"]},
            "defaults": {"agg_time_dimension": "ordered_at"},
            "entities": [{"name": "order", "type": "primary", "expr": "id"}],
            "dimensions": [
                {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
                {"name": "status", "type": "categorical"},
            ],
            "measures": [{"name": "amount", "agg": "sum"}, {"name": "order_count", "agg": "count", "expr": "id"}],
            "config": {"enabled": True, "meta": {}},
        } | fields
        self.manifest["semantic_models"][unique_id] = node
        return node

    def metric(self, name: str, kind: str = "simple", **fields: Any) -> dict[str, Any]:
        rest = {
            key: fields.pop(key)
            for key in ("filter", "config", "meta", "description", "label", "time_granularity", "group", "package_name")
            if key in fields
        }
        if isinstance(rest.get("filter"), str):
            rest["filter"] = where(rest["filter"])
        unique_id = f"metric.{rest.get('package_name', self.name)}.{name}"
        node = {
            "unique_id": unique_id,
            "name": name,
            "type": kind,
            "type_params": fields,
            "package_name": self.name,
            "original_file_path": "models/metrics.yml",
            "description": "",
        } | rest
        self.manifest["metrics"][unique_id] = node
        return node

    def orders(self) -> Project:
        """The usual start: a model, its semantic model, two simple metrics."""
        self.model("orders")
        self.semantic_model()
        self.metric("revenue", measure={"name": "amount"})
        self.metric("orders", measure={"name": "order_count"})
        return self

    def spine(self, grain: str = "day", **custom: str) -> Project:
        """A time spine, with custom granularities by column."""
        node = self.model(f"all_{grain}s", columns=("at", *custom.values()))
        node["time_spine"] = {
            "standard_granularity_column": "at",
            "custom_granularities": [{"name": name, "column_name": column} for name, column in custom.items()],
        }
        node["columns"]["at"]["granularity"] = grain
        return self

    def data(self) -> bytes:
        return json.dumps(self.manifest).encode()

    def target(self, engine: str = "postgres", **artifacts: Any) -> TargetArtifacts:
        return TargetArtifacts(engine, self.data(), **{key: json.dumps(value).encode() for key, value in artifacts.items()})

    def compile(self, *more: TargetArtifacts, **artifacts: Any) -> Compilation:
        return compile_project([self.target(**artifacts), *more], ProjectSources(self.files))


def where(*texts: str) -> dict[str, Any]:
    return {"where_filters": [{"where_sql_template": text} for text in texts]}


def catalog(**tables: dict[str, str]) -> dict[str, Any]:
    """catalog.json of model unique ids (dots written as `__`) to column types."""
    nodes = {
        key.replace("__", "."): {
            "columns": {name: {"name": name, "type": kind, "index": i} for i, (name, kind) in enumerate(columns.items(), 1)}
        }
        for key, columns in tables.items()
    }
    return {"metadata": {"dbt_schema_version": VERSION.format("catalog", 1)}, "nodes": nodes, "sources": {}}


@pytest.fixture
def project() -> Project:
    return Project()


@pytest.fixture
def make_catalog() -> Any:
    return catalog


@pytest.fixture
def make_where() -> Any:
    return where
