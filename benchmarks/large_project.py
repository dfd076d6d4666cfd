"""A large project as `dbt build` leaves it: thousands of models in three layers with their compiled SQL, tests, semantic models and metrics."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

PROJECT = "large"
SCHEMA = "warehouse"
COLUMNS = 20
"""Columns of a model, of which two are keys, two are times, four are categories and the rest amounts."""

Node = dict[str, Any]


def write(folder: Path, models: int, metrics: int, *, changed: int | None = None) -> Path:
    """The project in `folder`, its artifacts in target/postgres; the metric of the number `changed` is defined otherwise. Returns the folder."""
    (folder / "target" / "postgres").mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(f"name: {PROJECT}\nversion: '1.0'\nprofile: {PROJECT}\n", encoding="utf-8")
    (folder / "target" / "postgres" / "manifest.json").write_text(json.dumps(manifest(models, metrics, changed)), encoding="utf-8")
    return folder


def manifest(models: int, metrics: int, changed: int | None = None) -> dict[str, Any]:
    """manifest.json: a third of the models are staging, a third joins of them, a third marts; a semantic model over every fifth mart and all metrics on those."""
    third = models // 3
    layers = [
        *(_model(f"stg_{n}", _staging(n), [f"source.{PROJECT}.raw.raw_{n}"]) for n in range(third)),
        *(_model(f"int_{n}", _joined(n, third), [_uid(f"stg_{n}"), _uid(f"stg_{(n + 1) % third}")]) for n in range(third)),
        *(_model(f"fct_{n}", _mart(n), [_uid(f"int_{n}")]) for n in range(models - 2 * third - 1)),
    ]
    spine = _model("days", "select 1 as day", []) | {"time_spine": {"standard_granularity_column": "day", "custom_granularities": []}}
    spine["columns"] = {"day": _column("day", "date") | {"granularity": "day"}}
    nodes = [*layers, spine]
    tests = [_test(node, name) for node in layers for name in ("id", "customer_id")]
    owners = range(0, models - 2 * third - 1, 5)
    return {
        "metadata": {
            "dbt_schema_version": "dbt/manifest/v12.json",
            "project_name": PROJECT,
            "adapter_type": "postgres",
            "dbt_version": "1.11.0",
        },
        "nodes": {node["unique_id"]: node for node in (*nodes, *tests)},
        "sources": {f"source.{PROJECT}.raw.raw_{n}": _source(n) for n in range(third)},
        "semantic_models": {f"semantic_model.{PROJECT}.facts_{n}": _semantic_model(n) for n in owners},
        "metrics": {f"metric.{PROJECT}.{name}": metric for name, metric in _metrics(metrics, list(owners), changed)},
    }


def _uid(name: str) -> str:
    return f"model.{PROJECT}.{name}"


def _names() -> list[str]:
    categories = [f"category_{n}" for n in range(4)]
    return ["id", "customer_id", "ordered_on", "paid_on", *categories, *(f"amount_{n}" for n in range(COLUMNS - 8))]


def _staging(number: int) -> str:
    picked = ",\n    ".join(f"cast(raw.{name} as {_type(name)}) as {name}" for name in _names())
    return f'with source as (\n  select * from "db"."raw"."raw_{number}"\n),\nrenamed as (\n  select\n    {picked}\n  from source as raw\n)\nselect * from renamed'


def _joined(number: int, third: int) -> str:
    amounts = ",\n  ".join(
        f"coalesce(one.{name}, 0) + case when other.category_0 = 'x' then other.{name} else 0 end as {name}"
        for name in _names()
        if name.startswith("amount")
    )
    rest = ",\n  ".join(f"one.{name}" for name in _names() if not name.startswith("amount"))
    return (
        f'with one as (select * from "db"."{SCHEMA}"."stg_{number}"),\nother as (\n  select *, row_number() over (partition by customer_id order by ordered_on) as at\n'
        f'  from "db"."{SCHEMA}"."stg_{(number + 1) % third}"\n)\n'
        f"select\n  {rest},\n  {amounts}\nfrom one\nleft join other on one.customer_id = other.customer_id and other.at = 1"
    )


def _mart(number: int) -> str:
    picked = ",\n  ".join(_names())
    return f'select\n  {picked}\nfrom "db"."{SCHEMA}"."int_{number}"\nwhere category_1 is not null'


def _type(name: str) -> str:
    return "numeric" if name.startswith("amount") else "date" if name.endswith("_on") else "bigint" if name.endswith("id") else "text"


def _column(name: str, kind: str) -> Node:
    return {"name": name, "description": f"The {name.replace('_', ' ')} of a row.", "meta": {}, "data_type": kind, "tags": []}


def _model(name: str, sql: str, below: list[str]) -> Node:
    return {
        "name": name,
        "resource_type": "model",
        "package_name": PROJECT,
        "path": f"{name}.sql",
        "original_file_path": f"models/{name}.sql",
        "unique_id": _uid(name),
        "fqn": [PROJECT, name],
        "alias": name,
        "schema": SCHEMA,
        "database": "db",
        "relation_name": f'"db"."{SCHEMA}"."{name}"',
        "description": f"Rows of {name}, one an order.",
        "columns": {column: _column(column, _type(column)) for column in _names()},
        "tags": [],
        "meta": {},
        "config": {"enabled": True, "materialized": "table"},
        "checksum": {"name": "sha256", "checksum": hashlib.sha256(f"{name} {sql}".encode()).hexdigest()},
        "raw_code": sql,
        "compiled_code": sql,
        "language": "sql",
        "depends_on": {"macros": [], "nodes": below},
    }


def _test(model: Node, column: str) -> Node:
    name = f"not_null_{model['name']}_{column}"
    return {
        "name": name,
        "resource_type": "test",
        "package_name": PROJECT,
        "path": f"{name}.sql",
        "original_file_path": f"models/{model['name']}.yml",
        "unique_id": f"test.{PROJECT}.{name}",
        "fqn": [PROJECT, name],
        "alias": name,
        "schema": "tests",
        "column_name": column,
        "attached_node": model["unique_id"],
        "test_metadata": {"name": "not_null", "kwargs": {"column_name": column}, "namespace": None},
        "config": {"severity": "ERROR"},
        "depends_on": {"macros": [], "nodes": [model["unique_id"]]},
        "raw_code": "{{ test_not_null(**_dbt_generic_test_kwargs) }}",
    }


def _source(number: int) -> Node:
    return {
        "name": f"raw_{number}",
        "resource_type": "source",
        "package_name": PROJECT,
        "path": "models/sources.yml",
        "original_file_path": "models/sources.yml",
        "unique_id": f"source.{PROJECT}.raw.raw_{number}",
        "fqn": [PROJECT, "raw", f"raw_{number}"],
        "source_name": "raw",
        "identifier": f"raw_{number}",
        "schema": "raw",
        "database": "db",
        "relation_name": f'"db"."raw"."raw_{number}"',
        "columns": {name: _column(name, _type(name)) for name in _names()},
        "config": {"enabled": True},
    }


def _named(kind: str, name: str, file: str) -> Node:
    return {
        "name": name,
        "resource_type": kind,
        "package_name": PROJECT,
        "path": file,
        "original_file_path": f"models/{file}",
        "unique_id": f"{kind}.{PROJECT}.{name}",
        "fqn": [PROJECT, name],
        "description": f"What {name.replace('_', ' ')} tells.",
        "config": {"enabled": True},
    }


def _semantic_model(number: int) -> Node:
    return _named("semantic_model", f"facts_{number}", "semantic.yml") | {
        "model": f"ref('fct_{number}')",
        "node_relation": {"alias": f"fct_{number}", "schema_name": SCHEMA, "database": "db", "relation_name": None},
        "defaults": {"agg_time_dimension": "ordered_on"},
        "primary_entity": None,
        "entities": [
            {"name": f"order_{number}", "type": "primary", "expr": "id"},
            {"name": "customer", "type": "foreign", "expr": "customer_id"},
        ],
        "dimensions": [
            {"name": "ordered_on", "type": "time", "type_params": {"time_granularity": "day"}},
            *({"name": f"category_{at}", "type": "categorical"} for at in range(4)),
        ],
        "measures": [{"name": f"sum_{number}_{at}", "agg": "sum", "expr": f"amount_{at}"} for at in range(COLUMNS - 8)],
        "depends_on": {"macros": [], "nodes": [_uid(f"fct_{number}")]},
    }


def _metrics(count: int, owners: list[int], changed: int | None) -> list[tuple[str, Node]]:
    """Every fourth is a ratio of the two before it, the others are simple with a filter."""
    made: list[tuple[str, Node]] = []
    for number in range(count):
        owner, name = owners[number % len(owners)], f"metric_{number}"
        word = "other" if number == changed else f"v{number % 7}"
        params: Node
        if number % 4 == 3:
            params = {"numerator": {"name": f"metric_{number - 1}"}, "denominator": {"name": f"metric_{number - 2}"}}
            where, below = None, [f"metric.{PROJECT}.metric_{number - 1}", f"metric.{PROJECT}.metric_{number - 2}"]
        else:
            text = f"{{{{ Dimension('order_{owner}__category_{number % 4}') }}}} <> '{word}'"
            params = {"measure": {"name": f"sum_{owner}_{number % (COLUMNS - 8)}"}}
            where, below = {"where_filters": [{"where_sql_template": text}]}, [f"semantic_model.{PROJECT}.facts_{owner}"]
        node = _named("metric", name, "metrics.yml") | {
            "label": name.replace("_", " "),
            "type": "ratio" if number % 4 == 3 else "simple",
            "type_params": params,
            "filter": where,
            "depends_on": {"macros": [], "nodes": below},
        }
        made.append((name, node))
    return made
