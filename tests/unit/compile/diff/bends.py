"""A shop with each noun, and the ways to bend its manifest and to find the change that follows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Change, DiffReport, Kind
from app.errors import Severity
from app.model.ontology import Layer
from tests.unit.compile.conftest import Project, where

BREAKING, MEANING, ADDITIVE, COSMETIC = Kind.BREAKING, Kind.MEANING, Kind.ADDITIVE, Kind.COSMETIC
COLUMNS = ("id", "status", "amount", "ordered_at", "customer_id")


def shop() -> Project:
    """Orders and customers, metrics of every type, a saved query, an exposure and policies."""
    project = Project()
    orders = project.model("orders", COLUMNS, depends_on={"nodes": ["model.shop.stg_orders"]})
    orders["columns"]["amount"]["data_type"] = "numeric(12,2)"
    orders["columns"]["id"]["data_type"] = "integer"
    orders["columns"]["status"]["data_type"] = "text"
    project.model("stg_orders", ("id", "amount"))
    project.model("customers", ("id", "country", "email", "signed_at"))
    project.spine("day", retail="retail_month")
    semantic = project.semantic_model()
    semantic["entities"].append({"name": "customer", "type": "foreign", "expr": "customer_id"})
    semantic["dimensions"].append({"name": "is_big", "type": "categorical", "expr": "amount > 100 and status = 'paid'"})
    semantic["measures"].append({"name": "spare", "agg": "max", "expr": "amount"})
    project.semantic_model(
        "customers",
        "customers",
        entities=[{"name": "customer", "type": "primary", "expr": "id"}],
        dimensions=[
            {"name": "country", "type": "categorical"},
            {"name": "signed_at", "type": "time", "type_params": {"time_granularity": "day"}},
        ],
        measures=[{"name": "customers", "agg": "count", "expr": "id"}],
        defaults={"agg_time_dimension": "signed_at"},
    )
    project.metric("revenue", measure={"name": "amount"}, filter="{{ Dimension('order__status') }} = 'paid'")
    project.metric("orders", measure={"name": "order_count", "fill_nulls_with": 0, "join_to_timespine": True})
    project.metric("aov", "ratio", numerator={"name": "revenue"}, denominator={"name": "orders"})
    inputs = [{"name": "revenue"}, {"name": "revenue", "alias": "before", "offset_window": {"count": 1, "granularity": "month"}}]
    project.metric("growth", "derived", expr="revenue - before", metrics=inputs)
    window = {"window": {"count": 7, "granularity": "day"}}
    project.metric("running", "cumulative", measure={"name": "amount"}, cumulative_type_params=window)
    project.metric("abroad", measure={"name": "amount"}, filter="{{ Dimension('customer__country') }} <> 'DE'")
    project.manifest["saved_queries"]["saved_query.shop.weekly"] = {
        "name": "weekly",
        "unique_id": "saved_query.shop.weekly",
        "package_name": "shop",
        "original_file_path": "models/saved.yml",
        "query_params": {
            "metrics": ["revenue", "orders"],
            "group_by": ["TimeDimension('metric_time', 'week')", "Dimension('customer__country')"],
            "where": where("{{ Dimension('order__status') }} <> 'open'"),
        },
        "exports": [{"name": "weekly_table", "config": {"export_as": "table", "alias": "weekly", "schema_name": "out"}}],
    }
    project.manifest["exposures"]["exposure.shop.board"] = {
        "name": "board",
        "unique_id": "exposure.shop.board",
        "type": "dashboard",
        "depends_on": {"nodes": ["metric.shop.aov", "model.shop.orders"]},
    }
    rows = [{"name": "own_region", "filter": "status = user.region", "roles": ["viewer"]}]
    orders["meta"] = orders["config"]["meta"] = {"datamind": {"version": 1, "row_filters": rows}}
    return project


Manifest = dict[str, Any]
Bend = Callable[[Manifest], object]


def bent(bend: Bend, before: Bend | None = None) -> DiffReport:
    """The changes that bending the manifest makes; `before` bends both sides first."""
    old = shop()
    if before:
        before(old.manifest)
    new = Project()
    new.manifest = copy.deepcopy(old.manifest)
    bend(new.manifest)
    return diff_layers(layer_of(old), new.compile().layer)


def layer_of(project: Project) -> Layer:
    compilation = project.compile()
    assert [p for p in compilation.problems if p.severity is Severity.ERROR] == []
    return compilation.layer


def metric(name: str) -> Callable[[Manifest], dict[str, Any]]:
    return lambda m: m["metrics"][f"metric.shop.{name}"]


def part(section: str, name: str, model: str = "orders") -> Callable[[Manifest], dict[str, Any]]:
    return lambda m: next(item for item in m["semantic_models"][f"semantic_model.shop.{model}"][section] if item["name"] == name)


def node(name: str) -> Callable[[Manifest], dict[str, Any]]:
    return lambda m: m["nodes"][f"model.shop.{name}"]


def column(model: str, name: str) -> Callable[[Manifest], dict[str, Any]]:
    return lambda m: m["nodes"][f"model.shop.{model}"]["columns"][name]


def semantic(name: str) -> Callable[[Manifest], dict[str, Any]]:
    return lambda m: m["semantic_models"][f"semantic_model.shop.{name}"]


def saved(m: Manifest) -> dict[str, Any]:
    return m["saved_queries"]["saved_query.shop.weekly"]


def put(at: Callable[[Manifest], dict[str, Any]], **values: Any) -> Bend:
    return lambda m: at(m).update(values)


def drop(section: str, name: str, model: str = "orders") -> Bend:
    return lambda m: semantic(model)(m)[section].remove(part(section, name, model)(m))


def params(name: str, **values: Any) -> Bend:
    return lambda m: metric(name)(m)["type_params"].update(values)


def guard(model: str, **said: Any) -> Bend:
    return lambda m: [holder.update(meta={"datamind": {"version": 1} | said}) for holder in (node(model)(m), node(model)(m)["config"])]


def put_said(**said: Any) -> Bend:
    return lambda m: semantic("orders")(m).update(config={"enabled": True, "meta": {"datamind": {"version": 1} | said}})


def mask(**said: Any) -> Bend:
    return put(column("customers", "email"), meta={"datamind": {"version": 1} | said})


def status(text: str) -> dict[str, Any]:
    return where(text)


CHANGES: dict[str, tuple[Bend, Kind, str, str]] = {
    # names and abilities that go or come
    "metric removed": (lambda m: m["metrics"].pop("metric.shop.growth"), BREAKING, "metric.growth", ""),
    "metric hidden": (params("growth", is_private=True), BREAKING, "metric.growth", "hidden"),
    "dimension removed": (drop("dimensions", "is_big"), BREAKING, "dimension.orders.is_big", ""),
    "dimension renamed": (lambda m: part("dimensions", "is_big")(m).update(name="big"), BREAKING, "dimension.orders.big", ""),
    "entity removed": (drop("entities", "customer"), BREAKING, "entity.orders.customer", ""),
    "entity that others join by removed": (drop("entities", "customer", "customers"), BREAKING, "entity.customers.customer", ""),
    "saved query removed": (lambda m: m["saved_queries"].clear(), BREAKING, "saved_query.weekly", ""),
    "saved query less wide": (lambda m: saved(m)["query_params"]["metrics"].pop(), BREAKING, "saved_query.weekly", "metrics"),
    "saved query wider": (lambda m: saved(m)["query_params"]["metrics"].append("aov"), ADDITIVE, "saved_query.weekly", "metrics"),
    "saved query finer": (lambda m: saved(m)["query_params"]["group_by"].append("order__status"), MEANING, "saved_query.weekly", "group_by"),
    "export removed": (lambda m: saved(m)["exports"].clear(), BREAKING, "export.weekly.weekly_table", ""),
    "model removed": (lambda m: m["nodes"].pop("model.shop.stg_orders"), BREAKING, "model.stg_orders", ""),
    "column removed": (lambda m: node("customers")(m)["columns"].pop("email"), BREAKING, "column.customers.email", ""),
    "column added": (lambda m: node("customers")(m)["columns"].update(age={"name": "age"}), ADDITIVE, "column.customers.age", ""),
    "metric added": (lambda m: m["metrics"].update({"metric.shop.more": metric("orders")(m) | {"name": "more", "unique_id": "metric.shop.more",
        "type_params": {"measure": {"name": "spare"}}}}), ADDITIVE, "metric.more", ""),
    "dimension added": (lambda m: semantic("customers")(m)["dimensions"].append({"name": "email", "type": "categorical"}), ADDITIVE, "dimension.customers.email", ""),
    "measure added": (lambda m: semantic("customers")(m)["measures"].append({"name": "x", "agg": "max", "expr": "id"}), ADDITIVE, "measure.customers.x", ""),
    "unused measure removed": (drop("measures", "spare"), COSMETIC, "measure.orders.spare", ""),
    "time dimension coarser": (lambda m: part("dimensions", "ordered_at")(m)["type_params"].update(time_granularity="month"), BREAKING,
        "dimension.orders.ordered_at", "grain"),
    "time dimension finer": (lambda m: part("dimensions", "ordered_at")(m)["type_params"].update(time_granularity="hour"), MEANING,
        "dimension.orders.ordered_at", "grain"),
    "time dimension no more": (lambda m: part("dimensions", "signed_at", "customers")(m).update(type="categorical", type_params=None), BREAKING,
        "dimension.customers.signed_at", "type"),
    "synonym taken away": (put(metric("aov"), meta={}), BREAKING, "metric.aov", "synonyms"),
    "model made private": (put(node("customers"), access="private"), BREAKING, "model.customers", "access"),
    "model made public": (put(node("customers"), access="public"), ADDITIVE, "model.customers", "access"),
    "model made ephemeral": (lambda m: node("stg_orders")(m)["config"].update(materialized="ephemeral"), BREAKING, "model.stg_orders", "materialized"),
    "relation renamed": (put(node("stg_orders"), alias="raw_orders"), BREAKING, "model.stg_orders", "alias"),
    "segment removed": (put_said(hierarchies=[{"name": "place", "levels": ["status", "is_big"]}]), BREAKING, "segment.orders.paid", ""),
    "segment's filter": (put_said(segments=[{"name": "paid", "where": "{{ Dimension('order__status') }} = 'x'"}]), MEANING, "segment.orders.paid", "where"),
    "segment by another spelling": (put_said(segments=[{"name": "paid", "where": "'paid' = {{ Dimension('order__status') }}"}]), COSMETIC,
        "segment.orders.paid", "where"),
    "hierarchy shorter": (put_said(hierarchies=[{"name": "place", "levels": ["status", "ordered_at"]}]), BREAKING, "hierarchy.orders.place", "levels"),
    "hierarchy longer": (put_said(hierarchies=[{"name": "place", "levels": ["status", "is_big", "ordered_at"]}]), ADDITIVE, "hierarchy.orders.place", "levels"),
    "hierarchy upside down": (put_said(hierarchies=[{"name": "place", "levels": ["is_big", "status"]}]), MEANING, "hierarchy.orders.place", "levels"),
    # the same names, other numbers
    "measure's expression": (put(part("measures", "amount"), expr="amount * 2"), MEANING, "measure.orders.amount", "expr"),
    "measure's aggregation": (put(part("measures", "amount"), agg="max"), MEANING, "measure.orders.amount", "agg"),
    "measure's time": (put(part("measures", "amount"), agg_time_dimension="paid_at"), MEANING, "measure.orders.amount", "agg_time_dimension"),
    "default time": (lambda m: semantic("orders")(m)["defaults"].update(agg_time_dimension="paid_at"), MEANING, "measure.orders.amount",
        "agg_time_dimension"),
    "non-additive": (put(part("measures", "amount"), non_additive_dimension={"name": "ordered_at", "window_choice": "max"}), MEANING,
        "measure.orders.amount", "non_additive"),
    "metric's filter": (put(metric("revenue"), filter=status("{{ Dimension('order__status') }} = 'open'")), MEANING, "metric.revenue", "filter"),
    "metric's filter gone": (put(metric("revenue"), filter=None), MEANING, "metric.revenue", "filter"),
    "metric's type": (lambda m: metric("running")(m).update(type="simple", type_params={"measure": {"name": "amount"}}), MEANING, "metric.running", "params"),
    "metric's grain": (put(metric("running"), time_granularity="month"), MEANING, "metric.running", "grain"),
    "metric's unit": (put(metric("revenue"), config={"meta": {"datamind": {"unit": "USD"}}}), MEANING, "metric.revenue", "unit"),
    "fill": (params("orders", measure={"name": "order_count", "join_to_timespine": True}), MEANING, "metric.orders", "params.input.fill_nulls_with"),
    "time spine": (params("orders", measure={"name": "order_count", "fill_nulls_with": 0}), MEANING, "metric.orders", "params.input.join_to_timespine"),
    "another measure": (params("orders", measure={"name": "amount", "fill_nulls_with": 0, "join_to_timespine": True}), MEANING, "metric.orders",
        "params.input.measure"),
    "input's filter": (params("aov", numerator={"name": "revenue", "filter": status("{{ Dimension('order__status') }} = 'x'")}), MEANING, "metric.aov",
        "params.numerator.filter"),
    "numerator": (params("aov", numerator={"name": "running"}), MEANING, "metric.aov", "params.numerator.metric"),
    "window": (params("running", cumulative_type_params={"window": {"count": 8, "granularity": "day"}}), MEANING, "metric.running", "params.window"),
    "offset": (lambda m: metric("growth")(m)["type_params"]["metrics"][1]["offset_window"].update(count=2), MEANING, "metric.growth",
        "params.inputs.before.offset_window"),
    "derived expression": (params("growth", expr="before - revenue"), MEANING, "metric.growth", "params.expr"),
    "entity's expression": (put(part("entities", "customer"), expr="status"), MEANING, "entity.orders.customer", "expr"),
    "dimension's expression": (put(part("dimensions", "is_big"), expr="amount > 10 and status = 'paid'"), MEANING, "dimension.orders.is_big", "expr"),
    "the model below": (lambda m: semantic("customers")(m).update(depends_on={"nodes": ["model.shop.orders"]}, dimensions=[
        {"name": "country", "type": "categorical", "expr": "status"},
        {"name": "signed_at", "type": "time", "expr": "ordered_at", "type_params": {"time_granularity": "day"}}]), MEANING, "semantic_model.customers", "model"),
    "failed tests block": (
        put(node("orders"), config={"meta": {"datamind": {"on_failure": "block"}}}),
        BREAKING,
        "model.orders",
        "on_failure",
    ),
    "failed tests block no more": (
        put(node("orders"), config={"meta": {"datamind": {"on_failure": "warn"}}}),
        MEANING,
        "model.orders",
        "on_failure",
    ),
    "contract dropped": (lambda m: node("orders")(m)["config"].update(contract={"enforced": False}), MEANING, "model.orders", "contract_enforced"),
    "constraint": (lambda m: (node("orders")(m)["config"].update(contract={"enforced": True}),
        column("orders", "id")(m).update(constraints=[{"type": "not_null"}])), MEANING, "column.orders.id", "not_null"),
    "type narrower": (put(column("orders", "amount"), data_type="numeric(10,2)"), BREAKING, "column.orders.amount", "native_type"),
    "type wider": (put(column("orders", "amount"), data_type="numeric(14,2)"), ADDITIVE, "column.orders.amount", "native_type"),
    "type of another family": (put(column("orders", "id"), data_type="text"), BREAKING, "column.orders.id", "native_type"),
    "type unclear": (put(column("orders", "status"), data_type="uuid"), MEANING, "column.orders.status", "native_type"),
    "saved query's filter": (lambda m: saved(m)["query_params"].update(where=status("{{ Dimension('order__status') }} = 'x'")), MEANING,
        "saved_query.weekly", "where"),
    "saved query's limit": (lambda m: saved(m)["query_params"].update(limit=5), MEANING, "saved_query.weekly", "limit"),
    "built from something else": (put(node("orders"), depends_on={"nodes": ["model.shop.customers"]}), MEANING, "model.orders", "depends_on"),
    # only what people read
    "description": (put(metric("revenue"), description="Other words."), COSMETIC, "metric.revenue", "description"),
    "label": (put(metric("revenue"), label="Money"), COSMETIC, "metric.revenue", "label"),
    "tags": (put(node("orders"), tags=["daily"]), COSMETIC, "model.orders", "tags"),
    "format": (put(metric("revenue"), config={"meta": {"datamind": {"unit": "EUR", "format": "0.0"}}}), COSMETIC, "metric.revenue", "format"),
    "expression swapped": (put(part("dimensions", "is_big"), expr="status = 'paid' AND (100 < amount)"), COSMETIC, "dimension.orders.is_big", "expr"),
    "filter by another spelling": (put(metric("revenue"), filter=status("'paid' = {{ Dimension('order__status') }}")), COSMETIC, "metric.revenue", "filter"),
    "alias of an input": (lambda m: (metric("growth")(m)["type_params"].update(expr="revenue - earlier"),
        metric("growth")(m)["type_params"]["metrics"][1].update(alias="earlier")), COSMETIC, "metric.growth", "params"),
    "measure renamed": (lambda m: (part("measures", "amount")(m).update(name="gross", expr="amount"), [metric(n)(m)["type_params"].update(measure={"name": "gross"})
        for n in ("revenue", "running", "abroad")]), COSMETIC, "measure.orders.gross", ""),
    "column order": (lambda m: node("orders")(m).update(columns=dict(reversed(node("orders")(m)["columns"].items()))), COSMETIC, "model.orders", "columns"),
    "exposure": (lambda m: m["exposures"].clear(), COSMETIC, "exposure.board", ""),
}  # fmt: skip


def the(report: DiffReport, subject: str, field: str = "") -> Change:
    (found,) = [change for change in report.changes if (change.subject, change.field) == (subject, field)]
    return found
