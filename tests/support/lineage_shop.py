"""A small shop with everything that may stand on a column: measures, metrics of several kinds, a saved query, exposures, a policy, a Python model."""

from __future__ import annotations

import json
from typing import Any

from app.compile.artifacts import TargetArtifacts
from tests.support.lineage_project import PACKAGE, artifacts, node, source

RAW = source("orders", "id", "customer_id", "amount", "status", "note", "placed_at")
PEOPLE = source("people", "id", "name", "country")


def semantic(name: str, model: str, **parts: Any) -> dict[str, Any]:
    return {
        "unique_id": f"semantic_model.{PACKAGE}.{name}",
        "fqn": [PACKAGE, name],
        "name": name,
        "package_name": PACKAGE,
        "original_file_path": "models/semantic.yml",
        "model": f"ref('{model}')",
        "node_relation": {"alias": model, "schema_name": "main", "database": "db"},
        "depends_on": {"nodes": [f"model.{PACKAGE}.{model}"]},
        **parts,
    }


def metric(name: str, kind: str, **params: Any) -> dict[str, Any]:
    where = params.pop("filter", None)
    return {
        "unique_id": f"metric.{PACKAGE}.{name}",
        "fqn": [PACKAGE, name],
        "resource_type": "metric",
        "depends_on": {"nodes": params.pop("on", [])},
        "name": name,
        "type": kind,
        "package_name": PACKAGE,
        "original_file_path": "models/metrics.yml",
        "type_params": params,
        "filter": {"where_filters": [{"where_sql_template": where}]} if where else None,
    }


def shop() -> TargetArtifacts:
    """Orders and customers, with everything that may stand on them."""
    policy = {"meta": {"datamind": {"version": 1, "row_filters": [{"name": "own", "filter": "country = user.country"}]}}}
    stg = node("stg", "select id, customer_id, amount, note, placed_at from raw.orders where status <> 'x'", f"source.{PACKAGE}.raw.orders")
    facts = node(
        "facts",
        "select id, customer_id, amount, placed_at from main.stg",
        f"model.{PACKAGE}.stg",
        columns=("id", "customer_id", "amount", "placed_at"),
    )
    people = node(
        "people",
        "select id, name, country from raw.people",
        f"source.{PACKAGE}.raw.people",
        columns=("id", "name", "country"),
        config=policy,
    )
    scores = node("scores", "def model(dbt, session): ...", f"model.{PACKAGE}.stg", language="python", columns=("id", "score"))
    ranked = node("ranked", "select score from main.scores", f"model.{PACKAGE}.scores")
    found = artifacts(RAW, PEOPLE, stg, facts, people, scores, ranked)
    manifest = json.loads(found.manifest)
    orders = semantic(
        "orders",
        "facts",
        defaults={"agg_time_dimension": "placed_at"},
        entities=[{"name": "order", "type": "primary", "expr": "id"}, {"name": "customer", "type": "foreign", "expr": "customer_id"}],
        dimensions=[{"name": "placed_at", "type": "time", "type_params": {"time_granularity": "day"}}],
        measures=[{"name": "amount", "agg": "sum", "expr": "amount"}, {"name": "order_count", "agg": "count", "expr": "id"}],
    )
    customers = semantic(
        "customers",
        "people",
        entities=[{"name": "customer", "type": "primary", "expr": "id"}],
        dimensions=[{"name": "country", "type": "categorical"}, {"name": "name", "type": "categorical"}],
        measures=[],
    )
    scored = semantic(
        "scored",
        "ranked",
        entities=[{"name": "rank", "type": "primary", "expr": "score"}],
        measures=[{"name": "top", "agg": "max", "expr": "score"}],
        dimensions=[],
    )
    metrics = [
        metric("revenue", "simple", measure={"name": "amount"}),
        metric("orders", "simple", measure={"name": "order_count"}),
        metric("at_home", "simple", measure={"name": "order_count"}, filter="{{ Dimension('customer__country') }} = 'X'"),
        metric("average", "ratio", numerator={"name": "revenue"}, denominator={"name": "orders"}),
        metric("best", "simple", measure={"name": "top"}, on=[f"semantic_model.{PACKAGE}.scored"]),
    ]
    query = {
        "unique_id": f"saved_query.{PACKAGE}.by_name",
        "name": "by_name",
        "package_name": PACKAGE,
        "original_file_path": "models/saved.yml",
        "query_params": {"metrics": ["orders"], "group_by": ["Dimension('customer__name')"], "where": None},
        "exports": [],
    }
    manifest |= {
        "semantic_models": {one["unique_id"]: one for one in (orders, customers, scored)},
        "metrics": {one["unique_id"]: one for one in metrics},
        "saved_queries": {query["unique_id"]: query},
        "exposures": {
            f"exposure.{PACKAGE}.{name}": {
                "unique_id": f"exposure.{PACKAGE}.{name}",
                "name": name,
                "type": "dashboard",
                "depends_on": {"nodes": [on]},
            }
            for name, on in (("board", f"metric.{PACKAGE}.average"), ("sheet", f"model.{PACKAGE}.people"))
        },
    }
    return TargetArtifacts("postgres", json.dumps(manifest).encode())
