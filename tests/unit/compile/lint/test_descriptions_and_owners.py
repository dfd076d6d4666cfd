"""Metrics without a description or an owner, and measures without a metric: each at its place, many of a file together."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find


@pytest.mark.parametrize(
    ("rule", "good"), [("metric-without-description", {"description": "Money."}), ("metric-without-owner", {"meta": {"owner": "Ann"}})]
)
def test_one_without_and_one_with(project: Any, find: Find, rule: str, good: dict[str, Any]) -> None:
    project.orders().metric("revenue", measure={"name": "amount"}, **good)
    project.files["models/metrics.yml"] = "metrics:\n  - name: revenue\n  - name: orders\n"
    (problem,) = find(project, rule)
    assert "`orders`" in problem.message
    assert str(problem.where) == "models/metrics.yml:3:5"


def test_an_owner_of_the_group_is_an_owner(project: Any, find: Find) -> None:
    project.orders()
    project.manifest["groups"]["group.shop.finance"] = {"name": "finance", "owner": {"name": "Ann"}}
    for node in project.manifest["metrics"].values():
        node["group"] = "finance"
    assert find(project, "metric-without-owner") == []


def test_many_of_a_file_are_told_together(project: Any, find: Find) -> None:
    project.orders()
    for number in range(30):
        project.metric(f"m{number:02}", measure={"name": "amount"}, filter=f"{{{{ Dimension('order__status') }}}} = '{number}'")
    (problem,) = find(project, "metric-without-description")
    assert problem.message.startswith("32 metrics of this file have no description: `m00`, `m01`")
    assert problem.message.endswith("`m19` …")


def test_metrics_of_packages_are_theirs(project: Any, find: Find) -> None:
    project.orders().metric("theirs", measure={"name": "amount"}, package_name="crm")
    assert "`theirs`" not in str(find(project, "metric-without-description"))


def test_a_metric_that_a_measure_makes_is_at_the_measure(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "amount", "agg": "sum", "create_metric": True}])
    project.files["models/semantic.yml"] = "semantic_models:\n  - name: orders\n    measures:\n      - name: amount\n"
    (problem,) = find(project, "metric-without-description")
    assert str(problem.where) == "models/semantic.yml:4:9"


def test_a_measure_without_a_metric(project: Any, find: Find) -> None:
    project.orders()
    assert find(project, "unused-measure") == []
    del project.manifest["metrics"]["metric.shop.orders"]
    assert [problem.message for problem in find(project, "unused-measure")] == ["no metric stands on measure `order_count` of `orders`"]


def test_a_measure_of_a_metric_that_was_left_out_is_used(project: Any, find: Find) -> None:
    project.orders().metric("orders", measure={"name": "order_count"}, filter="{{ Dimension('order__nothing') }} = 1")
    assert find(project, "unused-measure") == []


def test_measures_that_make_metrics_are_used(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "amount", "agg": "sum", "create_metric": True}])
    assert find(project, "unused-measure") == []
