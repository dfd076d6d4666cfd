"""A small shop as a dbt project on disk, in several states: what docs/diff.md compares."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from tests.unit.compile.conftest import Project, where

SEMANTICS = """\
semantic_models:
  - name: orders
    model: ref('orders')
    defaults: {agg_time_dimension: ordered_at}
    entities:
      - {name: order, type: primary, expr: id}
      - {name: customer, type: foreign, expr: customer_id}
    dimensions:
      - {name: ordered_at, type: time, type_params: {time_granularity: day}}
      - {name: status, type: categorical}
    measures:
      - name: amount
        agg: sum
        expr: %s
      - {name: order_count, agg: count, expr: id}
  - name: customers
    model: ref('customers')
    entities:
      - {name: customer, type: primary, expr: id}
    dimensions:
      - {name: country, type: categorical}
"""
METRICS = """\
metrics:
  - name: revenue
    type: simple
    description: %s
    type_params: {measure: amount}
    filter: "{{ Dimension('order__status') }} = 'paid'"
  - name: orders
    type: simple
    type_params: {measure: order_count}
  - name: aov
    type: ratio
    type_params: {numerator: revenue, denominator: orders}
"""


def base() -> dict[str, Any]:
    """The manifest of version 1.4.0."""
    project = Project("shop")
    orders = project.model("orders", ("id", "customer_id", "status", "amount", "refunded", "ordered_at"))
    orders["meta"] = orders["config"]["meta"] = {
        "datamind": {"version": 1, "row_filters": [{"name": "own_region", "filter": "status = user.region", "roles": ["viewer"]}]}
    }
    orders |= {"raw_code": "select * from {{ ref('stg_orders') }}", "compiled_code": "select * from stg_orders", "language": "sql"}
    customers = project.model("customers", ("id", "country"))
    customers["columns"]["country"]["data_type"] = "varchar(2)"
    semantic = project.semantic_model()
    semantic["entities"].append({"name": "customer", "type": "foreign", "expr": "customer_id"})
    customer = {"entities": [{"name": "customer", "type": "primary", "expr": "id"}], "measures": [], "defaults": None}
    project.semantic_model("customers", "customers", dimensions=[{"name": "country", "type": "categorical"}], **customer)
    paid = "{{ Dimension('order__status') }} = 'paid'"
    project.metric("revenue", measure={"name": "amount"}, filter=paid, description="Money of paid orders.")
    project.metric("orders", measure={"name": "order_count"})
    project.metric("aov", "ratio", numerator={"name": "revenue"}, denominator={"name": "orders"})
    project.manifest["saved_queries"]["saved_query.shop.weekly"] = {
        "name": "weekly",
        "unique_id": "saved_query.shop.weekly",
        "package_name": "shop",
        "original_file_path": "models/semantic.yml",
        "query_params": {"metrics": ["revenue"], "group_by": ["customer__country"], "where": where(paid)},
    }
    project.manifest["exposures"]["exposure.shop.board"] = {
        "name": "board",
        "unique_id": "exposure.shop.board",
        "type": "dashboard",
        "depends_on": {"nodes": ["metric.shop.aov"]},
    }
    return project.manifest


def changed() -> dict[str, Any]:
    """The working copy: refunds are taken off, the dimension `country` is called otherwise, a filter is opened, and words are mended."""
    manifest = copy.deepcopy(base())
    semantic = manifest["semantic_models"]
    semantic["semantic_model.shop.orders"]["measures"][0]["expr"] = "amount - refunded"
    semantic["semantic_model.shop.customers"]["dimensions"][0] |= {"name": "land", "expr": "country"}
    manifest["metrics"]["metric.shop.revenue"]["description"] = "Money of paid orders, less refunds."
    saved = manifest["saved_queries"]["saved_query.shop.weekly"]["query_params"]
    saved["group_by"] = ["customer__land"]
    orders = manifest["nodes"]["model.shop.orders"]
    for holder in (orders, orders["config"]):
        holder["meta"]["datamind"]["row_filters"][0]["filter"] = "status = user.region or status = 'paid'"
    manifest["nodes"]["model.shop.customers"]["columns"]["country"]["data_type"] = "varchar(3)"
    return manifest


def older() -> dict[str, Any]:
    """Version 1.3.0: without the metric `aov`."""
    manifest = copy.deepcopy(base())
    manifest["metrics"].pop("metric.shop.aov")
    manifest["exposures"].clear()
    return manifest


def write(folder: Path) -> Path:
    """The project in `folder`, with `prod-state` (1.4.0) and the folder of states `releases` beside it; returns the folder."""
    texts = {
        "dbt_project.yml": "name: shop\nversion: '1.0'\nvars:\n  datamind_version: 1.4.0\n",
        "models/semantic.yml": SEMANTICS % "amount - refunded",
        "models/metrics.yml": METRICS % "Money of paid orders, less refunds.",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("name: country", "name: land"), encoding="utf-8")
    states = {"target": changed(), "prod-state": base(), "releases/v1.3.0": older(), "releases/v1.4.0": base()}
    for name, manifest in states.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder
