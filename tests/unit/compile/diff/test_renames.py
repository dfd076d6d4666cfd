"""What is called otherwise, and what only looks so."""

from __future__ import annotations

import copy

import pytest

from app.compile.diff.report import Action
from tests.unit.compile.diff.bends import (
    BREAKING,
    COSMETIC,
    MEANING,
    Manifest,
    bent,
    metric,
    part,
    saved,
    semantic,
    status,
    the,
)


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
