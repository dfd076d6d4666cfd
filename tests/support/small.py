"""A project of one model on disk, with a semantic layer that has a finding of most kinds."""

from __future__ import annotations

from typing import Any

from tests.support.graft import Grafted

COLUMNS = ("order_id", "customer_id", "status", "amount", "ordered_at")


def small() -> Grafted:
    """The model `orders`, its semantic model, and four metrics: with an unguarded division, a window in its old place, and a second name."""
    node = {
        "unique_id": "model.shop.orders",
        "name": "orders",
        "resource_type": "model",
        "package_name": "shop",
        "original_file_path": "models/orders.sql",
        "alias": "orders",
        "schema": "marts",
        "database": "warehouse",
        "columns": {name: {"name": name} for name in COLUMNS},
        "config": {"materialized": "table"},
        "depends_on": {"nodes": []},
    }
    metadata = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.11.16",
        "project_name": "shop",
        "adapter_type": "postgres",
    }
    grafted = Grafted({"metadata": metadata, "nodes": {node["unique_id"]: node}})
    grafted.semantic_models["orders"] = {
        "name": "orders",
        "model": "ref('orders')",
        "defaults": {"agg_time_dimension": "ordered_at"},
        "entities": [{"name": "order", "type": "primary", "expr": "order_id"}],
        "dimensions": [
            {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": "status", "type": "categorical"},
        ],
        "measures": [{"name": "amount", "agg": "sum"}, {"name": "order_count", "agg": "count", "expr": "order_id"}],
    }
    for spec in (
        _metric("revenue", "simple", {"measure": {"name": "amount"}}),
        _metric("orders", "simple", {"measure": {"name": "order_count"}}),
        _metric("sales", "simple", {"measure": {"name": "amount"}}),
        _metric("aov", "derived", {"expr": "revenue / orders", "metrics": [{"name": "revenue"}, {"name": "orders"}]}),
    ):
        grafted.metrics[spec["name"]] = spec
    return grafted


def _metric(name: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": f"What {name} is.", "type": kind, "type_params": params, "meta": {"owner": "Ann"}}
