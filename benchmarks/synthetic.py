"""A project of any size, as dbt writes it: facts with measures, each with a foreign key to every one of the dimension models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PROJECT = "synthetic"
SCHEMA = "synthetic"
SPINE = "days"


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. Ratios and derived metrics stand on the simple ones, cumulative ones on their measures."""

    facts: int
    measures: int
    entities: int
    dimensions: int
    ratios: int = 0
    derived: int = 0
    cumulative: int = 0

    @property
    def metrics(self) -> int:
        """All metrics."""
        return self.facts * self.measures + self.ratios + self.derived + self.cumulative


EXPLOSION = Size(facts=10, measures=6, entities=10, dimensions=10, ratios=6, derived=4)
"""70 metrics of 10 facts, and 100 dimensions that each of them reaches by one join."""

THOUSAND = Size(facts=50, measures=16, entities=20, dimensions=10, ratios=100, derived=60, cumulative=40)
"""1,000 metrics of 50 facts, and 200 dimensions."""


def semantic_manifest(size: Size) -> dict[str, Any]:
    """semantic_manifest.json, untransformed."""
    spine = {"alias": SPINE, "schema_name": SCHEMA, "database": None, "relation_name": f"{SCHEMA}.{SPINE}"}
    column = {"name": "day", "time_granularity": "day"}
    return {
        "semantic_models": [*(_fact(n, size) for n in range(size.facts)), *(_dimension_model(n, size) for n in range(size.entities))],
        "metrics": _metrics(size),
        "project_configuration": {
            "time_spine_table_configurations": [],
            "time_spines": [{"node_relation": spine, "primary_column": column, "custom_granularities": []}],
        },
        "saved_queries": [],
    }


def manifest(size: Size) -> dict[str, Any]:
    """manifest.json of the same project."""
    semantic = semantic_manifest(size)
    nodes = [_node(model["node_relation"]["alias"], _columns(model)) for model in semantic["semantic_models"]]
    spine = _node(SPINE, ("day",)) | {"time_spine": {"standard_granularity_column": "day", "custom_granularities": []}}
    spine["columns"]["day"]["granularity"] = "day"
    return {
        "metadata": {"dbt_schema_version": "dbt/manifest/v12.json", "project_name": PROJECT, "adapter_type": "postgres"},
        "nodes": {node["unique_id"]: node for node in (*nodes, spine)},
        "semantic_models": {f"semantic_model.{PROJECT}.{m['name']}": _owned("semantic_model", m) for m in semantic["semantic_models"]},
        "metrics": {f"metric.{PROJECT}.{metric['name']}": _owned("metric", metric) for metric in semantic["metrics"]},
    }


def query(size: Size) -> dict[str, Any]:
    """One query of all metrics by all dimensions, in the words of a conformance case."""
    return {
        "metrics": [metric["name"] for metric in _metrics(size)],
        "group_by": [f"entity_{e}__attribute_{e}_{d}" for e in range(size.entities) for d in range(size.dimensions)],
    }


def small_query() -> dict[str, Any]:
    """One metric by one dimension that a join away, by month."""
    return {"metrics": ["amount_0_0"], "group_by": ["entity_0__attribute_0_0", "metric_time__month"]}


def as_bytes(value: dict[str, Any]) -> bytes:
    """The JSON text of an artifact."""
    return json.dumps(value).encode()


def _fact(number: int, size: Size) -> dict[str, Any]:
    """A fact: a time, keys to all dimension models, and measures."""
    return {
        "name": f"fact_{number}",
        "defaults": {"agg_time_dimension": "happened"},
        "node_relation": _relation(f"fct_{number}"),
        "primary_entity": f"fact_{number}",
        "entities": [{"name": f"entity_{e}", "type": "foreign", "expr": f"entity_{e}_id"} for e in range(size.entities)],
        "dimensions": [{"name": "happened", "type": "time", "expr": "happened_on", "type_params": {"time_granularity": "day"}}],
        "measures": [{"name": name, "agg": "sum", "expr": name} for name in _measures(number, size)],
    }


def _dimension_model(number: int, size: Size) -> dict[str, Any]:
    """A model with one row for each entity."""
    return {
        "name": f"dimension_{number}",
        "node_relation": _relation(f"dim_{number}"),
        "entities": [{"name": f"entity_{number}", "type": "primary", "expr": "id"}],
        "dimensions": [{"name": f"attribute_{number}_{d}", "type": "categorical"} for d in range(size.dimensions)],
        "measures": [],
    }


def _measures(fact: int, size: Size) -> list[str]:
    """The names of a fact's measures, which the simple metrics bear too."""
    return [f"amount_{fact}_{m}" for m in range(size.measures)]


def _metrics(size: Size) -> list[dict[str, Any]]:
    """Every metric."""
    simple = [name for fact in range(size.facts) for name in _measures(fact, size)]
    found = [_metric(name, "simple", {"measure": {"name": name}}) for name in simple]

    def two(number: int) -> tuple[str, str]:
        """Two simple metrics, mostly of two facts."""
        return simple[number * 7 % len(simple)], simple[(number * 11 + size.measures) % len(simple)]

    for n in range(size.ratios):
        above, below = two(n)
        found.append(_metric(f"ratio_{n}", "ratio", {"numerator": {"name": above}, "denominator": {"name": below}}))
    for n in range(size.derived):
        left, right = two(n + 3)
        inputs = [{"name": left, "alias": "left_one"}, {"name": right, "alias": "right_one"}]
        found.append(_metric(f"derived_{n}", "derived", {"expr": "left_one - right_one", "metrics": inputs}))
    for n in range(size.cumulative):
        window = {"window": {"count": 7, "granularity": "day"}, "period_agg": "first"}
        found.append(_metric(f"cumulative_{n}", "cumulative", {"measure": {"name": two(n)[0]}, "cumulative_type_params": window}))
    return found


def _metric(name: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    """A metric."""
    return {"name": name, "type": kind, "description": f"The {kind} metric {name}.", "type_params": params}


def _relation(alias: str) -> dict[str, Any]:
    """Where a model lies."""
    return {"alias": alias, "schema_name": SCHEMA, "database": None, "relation_name": f"{SCHEMA}.{alias}"}


def _columns(model: dict[str, Any]) -> tuple[str, ...]:
    """The columns that a semantic model reads."""
    parts = (*model["entities"], *model["dimensions"], *model["measures"])
    return tuple(part.get("expr") or part["name"] for part in parts)


def _node(alias: str, columns: tuple[str, ...]) -> dict[str, Any]:
    """A dbt model."""
    return {
        "unique_id": f"model.{PROJECT}.{alias}",
        "name": alias,
        "resource_type": "model",
        "package_name": PROJECT,
        "original_file_path": f"models/{alias}.sql",
        "alias": alias,
        "schema": SCHEMA,
        "columns": {name: {"name": name, "description": f"The {name}."} for name in columns},
        "config": {"materialized": "table"},
    }


def _owned(kind: str, thing: dict[str, Any]) -> dict[str, Any]:
    """A semantic model or metric as manifest.json has it."""
    found = thing | {"unique_id": f"{kind}.{PROJECT}.{thing['name']}", "package_name": PROJECT, "original_file_path": "models/semantic.yml"}
    if "node_relation" in thing:
        found["depends_on"] = {"nodes": [f"model.{PROJECT}.{thing['node_relation']['alias']}"]}
    return found
