"""Names that mean two things, and metrics that are one thing under two names."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find

PAID = "{{ Dimension('order__status') }} = 'paid'"


def said(problems: list[Any]) -> list[str]:
    return [problem.message for problem in problems]


def test_the_usual_names_collide_with_nothing(project: Any, find: Find) -> None:
    project.orders().metric("amount", measure={"name": "amount"})
    assert find(project, "colliding-names") == []


@pytest.mark.parametrize(("name", "of"), [("order", "entity `order`"), ("status", "dimension `status`")])
def test_a_metric_called_as_an_element(project: Any, find: Find, name: str, of: str) -> None:
    project.orders().metric(name, measure={"name": "amount"})
    assert said(find(project, "colliding-names")) == [
        f"metric `{name}` has the name of {of} of `orders`: a result with both has two columns of one name"
    ]


def test_a_metric_called_as_a_measure_that_it_does_not_use(project: Any, find: Find) -> None:
    project.orders().metric("order_count", measure={"name": "amount"})
    (message,) = said(find(project, "colliding-names"))
    assert message == "metric `order_count` stands on the measure `amount`, and there is another measure `order_count` in `orders`"


def test_a_metric_called_as_the_time_of_all(project: Any, find: Find) -> None:
    project.orders().metric("metric_time", measure={"name": "amount"})
    assert said(find(project, "colliding-names")) == ["a metric is called `metric_time`, which is the time of every metric"]


def test_metrics_that_differ_by_case(project: Any, find: Find) -> None:
    project.orders().metric("Revenue", measure={"name": "order_count"})
    assert said(find(project, "colliding-names")) == ["metric `revenue` and metric `Revenue` differ by upper and lower case alone"]


@pytest.mark.parametrize(
    ("name", "why"), [("a__b", "`__` in its name"), ("month", "name of a grain"), ("metric_time", "time of every metric")]
)
def test_names_that_are_read_otherwise(project: Any, find: Find, name: str, why: str) -> None:
    project.model("orders")
    dimensions = [
        {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
        {"name": name, "type": "categorical", "expr": "status"},
    ]
    project.semantic_model(dimensions=dimensions)
    project.metric("revenue", measure={"name": "amount"})
    (message,) = said(find(project, "colliding-names"))
    assert why in message


def test_a_dimension_called_as_an_entity(project: Any, find: Find) -> None:
    project.orders().model("customers")
    project.semantic_model(
        "customers", "customers", entities=[{"name": "status", "type": "primary", "expr": "id"}], dimensions=[], measures=[], defaults=None
    )
    (message,) = said(find(project, "colliding-names"))
    assert message.startswith("dimension `status` of `orders` has the name of an entity of `customers`")


def test_the_same_measure_and_filter_are_one_metric(project: Any, find: Find) -> None:
    project.orders().metric("sales", measure={"name": "amount"})
    project.metric("paid", measure={"name": "amount"}, filter=PAID)
    project.metric(
        "settled",
        measure={"name": "amount", "filter": {"where_filters": [{"where_sql_template": "'paid'  =  {{ Dimension('order__status') }}"}]}},
    )
    assert said(find(project, "duplicate-metric")) == [
        "metric `settled` computes the same as `paid`",
        "metric `sales` computes the same as `revenue`",
    ]


def test_measures_may_have_other_names(project: Any, find: Find) -> None:
    project.model("orders")
    project.semantic_model(
        measures=[
            {"name": "amount", "agg": "sum"},
            {"name": "total", "agg": "sum", "expr": "amount"},
            {"name": "top", "agg": "max", "expr": "amount"},
        ]
    )
    for name in ("amount", "total", "top"):
        project.metric(f"{name}_metric", measure={"name": name})
    assert said(find(project, "duplicate-metric")) == ["metric `total_metric` computes the same as `amount_metric`"]


def test_through_what_metrics_are_made_of(project: Any, find: Find) -> None:
    project.orders().metric("sales", measure={"name": "amount"}, filter=PAID)
    project.metric("turnover", measure={"name": "amount"}, filter=PAID)
    for name, top in (("a_ratio", "sales"), ("b_ratio", "turnover"), ("c_ratio", "revenue")):
        project.metric(name, "ratio", numerator={"name": top}, denominator={"name": "orders"})
    project.metric("x_sum", "derived", expr="sales + orders", metrics=[{"name": "sales"}, {"name": "orders"}])
    project.metric("y_sum", "derived", expr="o + t", metrics=[{"name": "turnover", "alias": "t"}, {"name": "orders", "alias": "o"}])
    project.metric("z_same", "derived", expr="revenue", metrics=[{"name": "revenue"}])
    assert said(find(project, "duplicate-metric")) == [
        "metric `b_ratio` computes the same as `a_ratio`",
        "metric `z_same` computes the same as `revenue`",
        "metric `turnover` computes the same as `sales`",
        "metric `y_sum` computes the same as `x_sum`",
    ]


def test_through_chains_of_any_length(project: Any, find: Find) -> None:
    project.orders()
    for side in "ab":
        project.metric(f"{side}0000", "derived", expr="revenue * 2", metrics=[{"name": "revenue"}])
        for number in range(1, 1500):
            before = f"{side}{number - 1:04}"
            project.metric(f"{side}{number:04}", "derived", expr=f"{before} + 1", metrics=[{"name": before}])
    assert len(find(project, "duplicate-metric")) == 1500


def test_conversions_and_running_totals_are_compared_too(project: Any, find: Find) -> None:
    project.orders().spine()
    for name in ("running_a", "running_b"):
        project.metric(name, "cumulative", measure={"name": "amount"}, cumulative_type_params={"grain_to_date": "month"})
    sides = {"base_measure": {"name": "order_count"}, "conversion_measure": {"name": "amount"}}
    for name in ("rate_a", "rate_b"):
        project.metric(name, "conversion", conversion_type_params={"entity": "order", **sides})
    project.metric("rate_c", "conversion", conversion_type_params={"entity": "order", "calculation": "conversions", **sides})
    inputs = [{"name": "revenue", "offset_window": {"count": 1, "granularity": "month"}, "alias": "before"}, {"name": "revenue"}]
    project.metric("growth_a", "derived", expr="revenue - before", metrics=inputs)
    project.metric("growth_b", "derived", expr="revenue - b", metrics=[inputs[0] | {"alias": "b"}, inputs[1]])
    assert sorted(said(find(project, "duplicate-metric"))) == [
        f"metric `{name}_b` computes the same as `{name}_a`" for name in ("growth", "rate", "running")
    ]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("simple", {"measure": {"name": "amount", "fill_nulls_with": 0}}, {"measure": {"name": "amount", "fill_nulls_with": 1}}),
        (
            "cumulative",
            {"measure": {"name": "amount"}, "cumulative_type_params": {"grain_to_date": "month"}},
            {"measure": {"name": "amount"}},
        ),
        (
            "derived",
            {"expr": "revenue - orders", "metrics": [{"name": "revenue"}, {"name": "orders"}]},
            {"expr": "orders - revenue", "metrics": [{"name": "revenue"}, {"name": "orders"}]},
        ),
    ],
)
def test_other_metrics_are_others(project: Any, find: Find, kind: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    project.orders().spine().metric("a", kind, **one)
    project.metric("b", kind, **other)
    assert find(project, "duplicate-metric") == []
