"""Each kind of change, bent into a manifest: its class, what it is of, and what it touches."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Action, Change, DiffReport, Direction, Kind
from app.errors import Severity
from app.model.ontology import Layer
from tests.unit.compile.conftest import Project, catalog, where

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
_PAID = {"segments": [{"name": "paid", "where": "{{ Dimension('order__status') }} = 'paid'"}]}
_PLACE = {"hierarchies": [{"name": "place", "levels": ["status", "is_big"]}]}
BEFORE: dict[str, Bend] = {
    "segment removed": put_said(**_PAID, **_PLACE),
    **dict.fromkeys(("segment's filter", "segment by another spelling"), put_said(**_PAID)),
    **dict.fromkeys(("hierarchy shorter", "hierarchy longer", "hierarchy upside down"), put_said(**_PLACE)),
    "measure's time": lambda m: semantic("orders")(m)["dimensions"].append(
        {"name": "paid_at", "type": "time", "expr": "ordered_at", "type_params": {"time_granularity": "day"}}
    ),
    "synonym taken away": put(metric("aov"), meta={"datamind": {"synonyms": ["basket"]}}),
    "metric's unit": put(metric("revenue"), config={"meta": {"datamind": {"unit": "EUR"}}}),
    "format": put(metric("revenue"), config={"meta": {"datamind": {"unit": "EUR"}}}),
    "contract dropped": lambda m: node("orders")(m)["config"].update(contract={"enforced": True}),
}
BEFORE["default time"] = BEFORE["measure's time"]


@pytest.mark.parametrize("name", CHANGES)
def test_class(name: str) -> None:
    bend, kind, subject, field = CHANGES[name]
    report = bent(bend, BEFORE.get(name))
    found = [change for change in report.changes if (change.subject, change.field) == (subject, field)]
    assert [change.kind for change in found] == [kind], report.changes
    if kind in (ADDITIVE, COSMETIC):
        assert report.worst is kind, report.changes
    if kind is MEANING:
        assert report.worst is MEANING, report.changes


def the(report: DiffReport, subject: str, field: str = "") -> Change:
    (found,) = [change for change in report.changes if (change.subject, change.field) == (subject, field)]
    return found


# --- what a change touches


def test_a_measure_touches_all_metrics_on_it() -> None:
    touches = the(bent(CHANGES["measure's expression"][0]), "measure.orders.amount", "expr").touches
    assert touches.metrics == ("abroad", "aov", "growth", "revenue", "running")
    assert touches.saved_queries == ("weekly",)
    assert touches.exposures == ("board",)
    assert {"metric.revenue", "saved_query.weekly"} <= set(touches.training)


def test_a_column_touches_what_reads_it_and_its_policies() -> None:
    touches = the(bent(put(column("orders", "status"), data_type="uuid")), "column.orders.status", "native_type").touches
    assert touches.policies == ("orders.own_region",)
    assert touches.metrics == ("aov", "growth", "revenue")
    assert touches.training[:1] == ("dimension.orders.is_big",)


def test_a_dimension_touches_filters_and_groupings_by_it() -> None:
    touches = the(bent(put(part("dimensions", "country", "customers"), expr="email")), "dimension.customers.country", "expr").touches
    assert (touches.metrics, touches.saved_queries) == (("abroad",), ("weekly",))


def test_a_join_touches_what_goes_over_it() -> None:
    touches = the(bent(CHANGES["entity's expression"][0]), "entity.orders.customer", "expr").touches
    assert (touches.metrics, touches.saved_queries) == (("abroad",), ("weekly",))


def test_a_model_upstream_touches_what_stands_on_it() -> None:
    touches = the(bent(put(node("stg_orders"), alias="other")), "model.stg_orders", "alias").touches
    assert set(touches.metrics) >= {"revenue", "orders", "aov"}
    assert touches.exposures == ("board",)


def test_a_time_spine_touches_metrics_that_need_one() -> None:
    report = bent(lambda m: node("all_days")(m)["time_spine"].update(custom_granularities=[]))
    change = the(report, "time_spine.all_days", "custom")
    assert change.kind is BREAKING
    assert change.touches.metrics == ("aov", "growth", "orders", "running")


# --- renaming


def test_a_renamed_metric_breaks_and_changes_no_metric_on_it() -> None:
    def rename(m: Manifest) -> None:
        m["metrics"]["metric.shop.turnover"] = m["metrics"].pop("metric.shop.revenue") | {
            "name": "turnover",
            "unique_id": "metric.shop.turnover",
        }
        metric("aov")(m)["type_params"]["numerator"]["name"] = "turnover"
        metric("growth")(m)["type_params"].update(expr="turnover - before")
        for given in metric("growth")(m)["type_params"]["metrics"]:
            given["name"] = "turnover"
        saved(m)["query_params"]["metrics"][0] = "turnover"

    report = bent(rename)
    change = the(report, "metric.turnover")
    assert (change.kind, change.action, change.before, change.after) == (BREAKING, Action.RENAMED, "revenue", "turnover")
    assert "keep `revenue`" in change.hint
    assert change.touches.metrics == ("aov", "growth")
    column = the(report, "saved_query.weekly", "metrics")
    assert (column.kind, column.before, column.after) == (BREAKING, "revenue, orders", "turnover, orders")
    assert {c.kind for c in report.changes if c not in (change, column)} == {COSMETIC}
    assert [c.asked_by for c in report.of(BREAKING)] == ["metric.revenue", "saved_query.weekly"]


@pytest.mark.parametrize("name", ["metrics", "group_by"])
def test_a_column_of_a_saved_query_that_is_called_otherwise_is_breaking(name: str) -> None:
    def rename(m: Manifest) -> None:
        if name == "metrics":
            m["metrics"]["metric.shop.turnover"] = m["metrics"].pop("metric.shop.revenue") | {
                "name": "turnover",
                "unique_id": "metric.shop.turnover",
            }
            for held in (metric("aov")(m)["type_params"]["numerator"], *metric("growth")(m)["type_params"]["metrics"]):
                held["name"] = "turnover"
            metric("growth")(m)["type_params"].update(expr="turnover - before")
            saved(m)["query_params"]["metrics"][0] = "turnover"
        else:
            part("dimensions", "country", "customers")(m).update(name="land", expr="country")
            metric("abroad")(m)["filter"] = status("{{ Dimension('customer__land') }} <> 'DE'")
            saved(m)["query_params"]["group_by"][1] = "Dimension('customer__land')"

    def ordered(m: Manifest) -> None:
        saved(m)["query_params"]["order_by"] = ["Metric('revenue')"]

    def both(m: Manifest) -> None:
        rename(m)
        if name == "metrics":
            saved(m)["query_params"]["order_by"] = ["Metric('turnover')"]

    report = bent(both, ordered)
    assert the(report, "saved_query.weekly", name).kind is BREAKING
    assert len(report.of(BREAKING)) == 2
    assert all(c.kind is COSMETIC for c in report.changes if c.field == "order_by")


def test_what_went_is_asked_by_as_the_old_layer_calls_it() -> None:
    def rename(m: Manifest) -> None:
        part("dimensions", "is_big")(m).update(name="big")
        semantic("orders")(m)["dimensions"] = [held for held in semantic("orders")(m)["dimensions"] if held["name"] != "status"]

    def alone(m: Manifest) -> None:
        m["metrics"].clear()
        m["saved_queries"].clear()

    report = bent(rename, alone)
    assert {c.asked_by for c in report.of(BREAKING)} == {"dimension.orders.is_big", "dimension.orders.status"}


def test_a_renamed_semantic_model_changes_nothing_that_is_asked() -> None:
    def rename(m: Manifest) -> None:
        found = m["semantic_models"].pop("semantic_model.shop.orders")
        m["semantic_models"]["semantic_model.shop.sales"] = found | {"name": "sales", "unique_id": "semantic_model.shop.sales"}

    report = bent(rename)
    assert the(report, "semantic_model.sales").action is Action.RENAMED
    assert report.worst is COSMETIC


def test_a_dimension_renamed_breaks_and_filters_that_follow_mean_the_same() -> None:
    def rename(m: Manifest) -> None:
        part("dimensions", "status")(m).update(name="state", expr="status")
        metric("revenue")(m)["filter"] = status("{{ Dimension('order__state') }} = 'paid'")
        saved(m)["query_params"]["where"] = status("{{ Dimension('order__state') }} <> 'open'")

    report = bent(rename)
    assert the(report, "dimension.orders.state").action is Action.RENAMED
    assert [c.subject for c in report.of(BREAKING)] == ["dimension.orders.state"]
    assert report.of(MEANING) == ()


def test_what_is_defined_otherwise_is_not_renamed() -> None:
    def replace(m: Manifest) -> None:
        m["metrics"].pop("metric.shop.growth")
        m["metrics"]["metric.shop.rise"] = copy.deepcopy(metric("running")(m)) | {"name": "rise", "unique_id": "metric.shop.rise"}
        metric("rise")(m)["type_params"].update(cumulative_type_params={"window": {"count": 9, "granularity": "day"}})

    report = bent(replace)
    assert the(report, "metric.growth").action is Action.REMOVED
    assert the(report, "metric.rise").action is Action.ADDED


# --- reach


def test_dimensions_that_joins_no_longer_reach_are_named_with_the_metrics() -> None:
    report = bent(CHANGES["entity removed"][0])
    change = the(report, "semantic_model.orders", "reach.lost")
    assert change.kind is BREAKING
    assert "customer__country" in change.before
    assert "orders" in change.touches.metrics
    assert "revenue" in change.touches.metrics


def test_a_metric_that_the_compiler_leaves_out_is_gone_with_the_reason() -> None:
    report = bent(params("revenue", measure={"name": "nothing"}))
    change = the(report, "metric.revenue")
    assert (change.kind, change.action) == (BREAKING, Action.REMOVED)
    assert "DM2402" in change.hint


# --- protection


@pytest.mark.parametrize(
    ("said", "direction", "kind"),
    [
        ({"row_filters": [{"name": "own_region", "filter": "status = user.region and amount > 0", "roles": ["viewer"]}]}, Direction.TIGHTENED, BREAKING),
        ({"row_filters": [{"name": "own_region", "filter": "user.region = status", "roles": ["viewer"]}]}, Direction.SAME, COSMETIC),
        ({"row_filters": [{"name": "own_region", "filter": "amount > 7", "roles": ["viewer"]}]}, Direction.UNCLEAR, BREAKING),
        ({"access": "deny"}, Direction.TIGHTENED, BREAKING),
        ({"access": "allow"}, Direction.LOOSENED, MEANING),
        (
            {
                "row_filters": [
                    {"name": "own_region", "filter": "status = user.region", "roles": ["viewer"]},
                    {"name": "paid", "filter": "status = 'paid'", "roles": ["viewer"]},
                ]
            },
            Direction.LOOSENED,
            MEANING,
        ),
    ],
)  # fmt: skip
def test_rows(said: dict[str, Any], direction: Direction, kind: Kind) -> None:
    report = bent(guard("orders", **said))
    assert {change.security for change in report.security} == {direction}, report.security
    assert {change.kind for change in report.security} == {kind}
    if kind is not COSMETIC:
        assert "revenue" in report.security[0].touches.metrics


def mask(**said: Any) -> Bend:
    return put(column("customers", "email"), meta={"datamind": {"version": 1} | said})


@pytest.mark.parametrize(
    ("before", "after", "direction", "kind"),
    [
        (None, mask(pii="email"), Direction.TIGHTENED, BREAKING),
        (None, mask(deny=True), Direction.TIGHTENED, BREAKING),
        (mask(deny=True), mask(pii="email"), Direction.LOOSENED, MEANING),
        (mask(pii="email"), mask(), Direction.LOOSENED, MEANING),
        (mask(mask={"kind": "hash"}), mask(mask={"kind": "null"}), Direction.UNCLEAR, BREAKING),
    ],
)
def test_columns(before: Bend | None, after: Bend, direction: Direction, kind: Kind) -> None:
    report = bent(after, before)
    policies = [change for change in report.security if change.subject.startswith("policy.")]
    assert [(change.security, change.kind) for change in policies] == [(direction, kind)], report.security


def test_default_access() -> None:
    old, new = shop(), shop()
    new.files["dbt_project.yml"] = "name: shop\nvars:\n  datamind_default_access: deny\n"
    report = diff_layers(layer_of(old), layer_of(new))
    change = the(report, "layer", "default_access")
    assert (change.kind, change.security) == (BREAKING, Direction.TIGHTENED)
    assert change.touches.metrics  # of the models that have no policy of their own
    assert the(diff_layers(layer_of(new), layer_of(old)), "layer", "default_access").kind is MEANING


# --- placements


def test_an_engine_that_goes_and_a_model_that_it_no_longer_has() -> None:
    old = shop()
    both = old.compile(old.target("clickhouse")).layer
    one = old.compile().layer
    assert the(diff_layers(both, one), "placement.clickhouse").kind is BREAKING
    assert the(diff_layers(one, both), "placement.clickhouse").kind is ADDITIVE
    less = shop()
    less.manifest["nodes"]["model.shop.customers"]["config"]["materialized"] = "ephemeral"
    assert the(diff_layers(one, less.compile().layer), "placement.postgres", "relations.customers").kind is BREAKING


def test_a_relation_that_moved_is_cosmetic_and_a_type_of_the_catalog_is_not() -> None:
    tables = {"model__shop__customers": {"id": "integer", "country": "text", "email": "text", "signed_at": "date"}}
    narrow = {"model__shop__customers": tables["model__shop__customers"] | {"id": "smallint"}}
    old, new = shop(), shop()
    for found in new.manifest["nodes"].values():
        found["schema"] = "elsewhere"
    moved = diff_layers(old.compile(catalog=catalog(**tables)).layer, new.compile(catalog=catalog(**tables)).layer)
    assert [(change.subject, change.field, change.kind) for change in moved.changes] == [("placement.postgres", "relations", COSMETIC)]
    assert moved.changes[0].after == "warehouse.elsewhere"
    report = diff_layers(old.compile(catalog=catalog(**tables)).layer, old.compile(catalog=catalog(**narrow)).layer)
    assert the(report, "placement.postgres", "column_types.customers.id").kind is BREAKING


def people(m: Manifest) -> None:
    """Another semantic model that holds the customers."""
    found = copy.deepcopy(semantic("customers")(m)) | {"name": "people", "unique_id": "semantic_model.shop.people", "measures": []}
    m["semantic_models"]["semantic_model.shop.people"] = found | {"defaults": None}
    part("entities", "customer", "customers")(m)["type"] = "foreign"


def test_a_name_that_leads_elsewhere_now() -> None:
    change = the(bent(people), "semantic_model.orders", "reach.way.customer__country")
    assert (change.kind, change.before) == (MEANING, "customers.country by customer → customers")
    assert change.after == "people.country by customer → people"
    assert "leads elsewhere" in change.message


def test_a_semantic_model_that_comes_or_goes_takes_its_parts_with_it() -> None:
    report = bent(lambda m: m["semantic_models"].pop("semantic_model.shop.people"), people)
    removed = {change.subject for change in report.of(BREAKING) if change.action is Action.REMOVED}
    assert {"semantic_model.people", "dimension.people.country", "entity.people.customer"} <= removed
    added = {change.subject for change in bent(people).of(ADDITIVE) if change.action is Action.ADDED}
    assert {"semantic_model.people", "dimension.people.country", "entity.people.customer"} <= added


def test_dimensions_that_joins_reach_now() -> None:
    def apart(m: Manifest) -> None:
        drop("entities", "customer")(m)
        m["metrics"].pop("metric.shop.abroad")
        m["saved_queries"].clear()

    joined = {"name": "customer", "type": "foreign", "expr": "customer_id"}
    report = bent(lambda m: semantic("orders")(m)["entities"].append(joined), apart)
    change = the(report, "semantic_model.orders", "reach.gained")
    assert change.kind is ADDITIVE
    assert "customer__country" in change.after
    assert report.worst is ADDITIVE


def test_a_guarded_model_comes_and_goes_with_its_policies() -> None:
    def closed(m: Manifest) -> None:
        guard("stg_orders", access="deny")(m)

    def gone(m: Manifest) -> None:
        m["nodes"].pop("model.shop.stg_orders")

    removed = [change for change in bent(gone, closed).security if "stg_orders" in change.subject]
    assert [(change.kind, change.security) for change in removed] == [(BREAKING, Direction.TIGHTENED)]
    old, new = shop(), shop()
    closed(new.manifest)
    gone(old.manifest)
    added = [change for change in diff_layers(layer_of(old), layer_of(new)).security if "stg_orders" in change.subject]
    assert [(change.kind, change.security) for change in added] == [(ADDITIVE, Direction.LOOSENED)]


def test_a_masked_column_comes_and_goes_with_its_mask() -> None:
    def gone(m: Manifest) -> None:
        node("customers")(m)["columns"].pop("email")

    def come(m: Manifest) -> None:
        node("customers")(m)["columns"]["phone"] = {"name": "phone", "meta": {"datamind": {"version": 1, "deny": True}}}

    removed = [change for change in bent(gone, mask(deny=True)).security if change.subject.startswith("policy.")]
    assert [(change.kind, change.security) for change in removed] == [(BREAKING, Direction.TIGHTENED)]
    added = [change for change in bent(come).security if change.subject.startswith("policy.")]
    assert [(change.kind, change.security) for change in added] == [(ADDITIVE, Direction.LOOSENED)]


def test_a_derived_metric_with_another_input() -> None:
    given = {"name": "orders", "alias": "more"}
    report = bent(lambda m: metric("growth")(m)["type_params"]["metrics"].append(given))
    assert the(report, "metric.growth", "params.inputs.more").kind is MEANING
    back = bent(
        lambda m: metric("growth")(m)["type_params"]["metrics"].pop(), lambda m: metric("growth")(m)["type_params"]["metrics"].append(given)
    )
    assert the(back, "metric.growth", "params.inputs.more").kind is MEANING
