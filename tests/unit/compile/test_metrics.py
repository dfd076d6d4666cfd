"""Metrics of every type, and what one that is refused takes along."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.expr import And, Binary, Column, Field, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, MetricInput, Ratio, Simple, Window
from app.model.semantics import Measure
from app.model.types import Aggregation, DataType, Grain

PAID = "{{ Dimension('order__status') }} = 'paid'"
IS_PAID = Binary("=", Field("order__status"), Literal("paid", DataType.TEXT))


def outcome(project: Any) -> tuple[dict[str, Any], list[str]]:
    result = project.compile()
    return {metric.name: metric for metric in result.layer.ontology.metrics}, [p.code for p in result.problems]


def test_simple(project: Any, make_where: Any) -> None:
    project.orders().spine().metric(
        "paid",
        measure={"name": "amount", "filter": make_where(PAID, PAID), "fill_nulls_with": 0, "join_to_timespine": True},
        filter=PAID,
        label="Paid",
        time_granularity="MONTH",
        config={"meta": {"owner": "Ann", "datamind": {"synonyms": ["turnover"], "unit": "EUR", "format": "0.0"}}},
    )
    metrics, problems = outcome(project)
    paid = metrics["paid"]
    assert problems == []
    assert paid.params == Simple(MeasureInput("orders", "amount", None, 0, True))
    assert (paid.filter, paid.grain, paid.owner, paid.unit, paid.format, paid.synonyms) == (
        IS_PAID,
        Grain.MONTH,
        "Ann",
        "EUR",
        "0.0",
        ("turnover",),
    )
    assert (paid.type, paid.file) == ("simple", "models/metrics.yml")


def test_filters_are_conjoined(project: Any, make_where: Any) -> None:
    project.orders().metric("paid", measure={"name": "amount"}, filter=make_where(PAID, "{{ Dimension('order__status') }} <> 'x'"))
    assert isinstance(outcome(project)[0]["paid"].filter, And)


def test_ratio_and_derived(project: Any, make_where: Any) -> None:
    project.orders().spine().metric(
        "aov", "ratio", numerator={"name": "revenue", "filter": make_where(PAID)}, denominator={"name": "orders", "alias": "n"}
    )
    project.metric(
        "growth",
        "derived",
        expr="revenue - before",
        metrics=[{"name": "revenue"}, {"name": "revenue", "alias": "before", "offset_window": {"count": 1, "granularity": "months"}}],
    )
    metrics, problems = outcome(project)
    assert problems == []
    assert metrics["aov"].params == Ratio(MetricInput("revenue", filter=IS_PAID), MetricInput("orders", "n"))
    assert metrics["growth"].params == Derived(
        Binary("-", Column("revenue"), Column("before")),
        (MetricInput("revenue"), MetricInput("revenue", "before", offset_window=Window(1, "month"))),
    )


def test_cumulative_and_conversion(project: Any) -> None:
    project.orders().spine().metric(
        "running",
        "cumulative",
        measure={"name": "amount"},
        cumulative_type_params={"window": {"count": 7, "granularity": "day"}, "period_agg": "last"},
    )
    project.metric("old", "cumulative", measure={"name": "amount"}, grain_to_date="month")
    project.metric(
        "conv",
        "conversion",
        conversion_type_params={
            "entity": "order",
            "base_measure": {"name": "order_count"},
            "conversion_measure": {"name": "amount"},
            "window": {"count": 7, "granularity": "day"},
            "constant_properties": [{"base_property": "status", "conversion_property": "order"}],
        },
    )
    metrics, problems = outcome(project)
    amount, count = MeasureInput("orders", "amount"), MeasureInput("orders", "order_count")
    assert problems == []
    assert metrics["running"].params == Cumulative(amount, Window(7, "day"), period_agg="last")
    assert metrics["old"].params == Cumulative(amount, grain_to_date="month", period_agg="last")
    assert metrics["conv"].params == Conversion(count, amount, "order", "conversion_rate", Window(7, "day"), (("status", "order"),))


def test_metrics_that_carry_their_aggregation(project: Any, make_where: Any) -> None:
    project.spine().model("orders")
    project.semantic_model(measures=[])
    carried = {"semantic_model": "orders", "agg": "average", "agg_time_dimension": "ordered_at"}
    project.metric("mean", metric_aggregation_params=carried, expr="amount", fill_nulls_with=0, join_to_timespine=True, filter=PAID)
    project.metric(
        "running",
        "cumulative",
        cumulative_type_params={"metric": {"name": "mean", "filter": make_where("{{ Dimension('order__status') }} <> 'x'")}},
    )
    project.metric(
        "conv",
        "conversion",
        conversion_type_params={"entity": "order", "base_metric": {"name": "mean"}, "conversion_metric": {"name": "mean"}},
    )
    result = project.compile()
    metrics = {m.name: m for m in result.layer.ontology.metrics}
    assert result.problems == ()
    assert result.layer.ontology.semantic_models[0].measures == (Measure("mean", Aggregation.AVERAGE, Column("amount"), "ordered_at"),)
    assert metrics["mean"].params == Simple(MeasureInput("orders", "mean", None, 0, True))
    assert metrics["running"].params.input.filter.args[0] == IS_PAID
    assert len(metrics["running"].params.input.filter.args) == 2
    assert metrics["conv"].params.base == MeasureInput("orders", "mean", IS_PAID, 0, True)


def test_create_metric(project: Any) -> None:
    project.model("orders")
    project.semantic_model(
        measures=[
            {"name": "amount", "agg": "sum", "create_metric": True, "label": "Amount"},
            {"name": "bad", "agg": "?", "create_metric": True},
        ]
    )
    metrics, problems = outcome(project)
    assert metrics["amount"].params == Simple(MeasureInput("orders", "amount"))
    assert list(metrics) == ["amount"]
    assert problems == ["DM2305", "DM2407"]


@pytest.mark.parametrize(
    ("kind", "params", "code"),
    [
        ("weird", {}, "DM2401"),
        ("simple", {"measure": {"name": "amuont"}}, "DM2402"),
        ("simple", {}, "DM2404"),
        ("ratio", {"numerator": {"name": "revenue"}}, "DM2404"),
        ("derived", {"expr": "revenue"}, "DM2404"),
        ("derived", {"metrics": [{"name": "revenue"}]}, "DM2404"),
        ("conversion", {}, "DM2404"),
        ("cumulative", {}, "DM2404"),
        ("derived", {"expr": "revenue * 2", "metrics": [{"name": "revenu"}]}, "DM2405"),
        ("derived", {"expr": "revenu * 2", "metrics": [{"name": "revenue"}]}, "DM2406"),
        ("derived", {"expr": "revenue * 2", "metrics": [{"name": "revenue", "alias": "r"}]}, "DM2406"),
        ("cumulative", {"cumulative_type_params": {"metric": {"name": "aov"}}}, "DM2409"),
        ("simple", {"measure": {"name": "amount"}, "filter": "{{ Dimension('order__statu') }} = 'x'"}, "DM2410"),
        ("simple", {"measure": {"name": "amount"}, "filter": "{{ Dimension('ordr__status') }} = 'x'"}, "DM2410"),
        ("simple", {"measure": {"name": "amount"}, "filter": "{{ Metric('nope', ['order']) }} > 1"}, "DM2410"),
        ("simple", {"measure": {"name": "amount"}, "filter": "{{ env_var('X') }} = 1"}, "DM"),
        ("simple", {"measure": {"name": "amount"}, "filter": "1 = (select 1)"}, "DM"),
        ("derived", {"expr": "revenue * (", "metrics": [{"name": "revenue"}]}, "DM"),
        ("simple", {"measure": {"name": "amount"}, "config": {"meta": {"datamind": {"access": "deny"}}}}, "DM2521"),
    ],
)
def test_a_refused_metric_leaves_the_rest(project: Any, kind: str, params: Any, code: str) -> None:
    project.orders().metric("aov", "ratio", numerator={"name": "revenue"}, denominator={"name": "orders"})
    project.metric("bad", kind, **params)
    metrics, problems = outcome(project)
    assert sorted(metrics) == ["aov", "orders", "revenue"]
    assert len(problems) == 1
    assert problems[0].startswith(code)


def test_what_stands_on_a_refused_metric_goes_with_the_cause_named(project: Any) -> None:
    project.orders().metric("bad", measure={"name": "nope"})
    project.metric("middle", "ratio", numerator={"name": "bad"}, denominator={"name": "orders"})
    project.metric("top", "derived", expr="middle + 1", metrics=[{"name": "middle"}])
    result = project.compile()
    assert [m.name for m in result.layer.ontology.metrics] == ["orders", "revenue"]
    assert sorted((p.code, p.message.split("`")[1]) for p in result.problems) == [
        ("DM2402", "bad"),
        ("DM2407", "middle"),
        ("DM2407", "top"),
    ]
    assert "`bad`" in next(p.message for p in result.problems if "`middle` is left" in p.message)


def test_circles(project: Any) -> None:
    project.orders()
    for name, other in (("a", "b"), ("b", "c"), ("c", "a"), ("selfish", "selfish"), ("above", "a")):
        project.metric(name, "derived", expr=f"{other} + 1", metrics=[{"name": other}])
    metrics, problems = outcome(project)
    assert sorted(metrics) == ["orders", "revenue"]
    assert sorted(problems) == ["DM2407"] + ["DM2408"] * 4


def test_a_chain_of_any_length(project: Any) -> None:
    project.orders()
    before = "revenue"
    for number in range(1500, 0, -1):
        project.metric(f"m{number}", "derived", expr=f"{before} + 1", metrics=[{"name": before}])
        before = f"m{number}"
    assert len(outcome(project)[0]) == 1502


def test_twins_and_strange_grains(project: Any) -> None:
    project.orders().metric("revenue", package_name="other", measure={"name": "order_count"})
    project.metric("odd", measure={"name": "amount"}, time_granularity="fortnight")
    metrics, problems = outcome(project)
    assert metrics["revenue"].params.input.measure == "amount"
    assert metrics["odd"].grain is None
    assert sorted(problems) == ["DM2411", "DM2412"]


def test_a_measure_of_two_semantic_models_is_ambiguous(project: Any) -> None:
    project.orders()
    project.semantic_model("again")
    metrics, problems = outcome(project)
    assert metrics == {}
    assert problems == ["DM2403", "DM2403"]


def test_disabled_things_are_not_there(project: Any) -> None:
    project.orders().metric("off", measure={"name": "amount"}, config={"enabled": False})
    assert sorted(outcome(project)[0]) == ["orders", "revenue"]


def test_custom_granularities_are_known_in_filters(project: Any) -> None:
    project.orders().metric("m", measure={"name": "amount"}, filter="{{ TimeDimension('metric_time', 'retail_week') }} = '2026-01-01'")
    node = project.model(
        "days", columns=("day",), time_spine={"standard_granularity_column": "day", "custom_granularities": [{"name": "retail_week"}]}
    )
    node["columns"]["day"]["granularity"] = "day"
    metrics, problems = outcome(project)
    assert "m" in metrics
    assert problems == []


@pytest.mark.parametrize(
    ("written", "stated", "taken"),
    [
        ("period_agg: first", "first", "first"),
        ("{period_agg: first, grain_to_date: month}", "first", "first"),
        ("period_agg: last", "last", "last"),
        ("period_agg: average", "average", "average"),
        ("grain_to_date: month", "first", "last"),
        ("grain_to_date: month", None, "last"),
        ("", "first", "last"),
        (None, "first", "last"),
    ],
)
def test_the_last_of_a_period_stands_for_it_unless_yaml_says_first(
    project: Any, written: str | None, stated: str | None, taken: str
) -> None:
    """dbt from 1.9 on writes `first` for whoever says nothing."""
    project.orders().spine().metric(
        "running", "cumulative", measure={"name": "amount"}, cumulative_type_params={"grain_to_date": "month", "period_agg": stated}
    )
    project.metric("flat", "cumulative", measure={"name": "amount"}, cumulative_type_params={"period_agg": stated})
    if written is not None:
        own = f"    type_params:\n      measure: amount\n      cumulative_type_params:{'' if written.startswith('{') else chr(10) + ' ' * 8} {written}\n"
        flat = "    period_agg: first\n" if taken == "first" else ""
        project.files["models/metrics.yml"] = f"metrics:\n  - name: running\n{own}  - name: flat\n    type: cumulative\n{flat}"
    metrics, problems = outcome(project)
    assert problems == []
    assert [metrics[name].params.period_agg for name in ("running", "flat")] == [taken, taken]


def running(project: Any, **measure: Any) -> Any:
    project.metric("running", "cumulative", measure={"name": "amount", **measure})
    return project


@pytest.mark.parametrize(
    ("bent", "name"),
    [
        ({"name": "amount"}, ""),
        ({"name": "amount", "fill_nulls_with": 0}, "amount_fill_nulls_with_0"),
        ({"name": "amount", "fill_nulls_with": -2, "join_to_timespine": True}, "amount_fill_nulls_with_neg_2_join_to_timespine"),
        ({"name": "visits"}, "visits"),
        ({"name": "visits", "join_to_timespine": True}, "visits_join_to_timespine"),
        ({"name": "visits", "filter": {"where_filters": [{"where_sql_template": PAID}]}}, "visits"),
        ({"name": "orders"}, "orders_1"),
    ],
)
def test_a_measure_below_a_cumulative_metric_is_a_hidden_metric(project: Any, bent: dict[str, Any], name: str) -> None:
    """As MetricFlow names it, unless some metric is just that measure."""
    project.orders().spine()
    measures = project.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"]
    measures += [{"name": "visits", "agg": "count", "expr": "id", "label": "Visits", "description": "all of them"}]
    measures += [{"name": "orders", "agg": "count", "expr": "id"}]
    metrics, problems = outcome(running(project, **bent))
    assert problems == []
    assert {m.name for m in metrics.values() if m.hidden} == ({name} if name else set())
    assert set(metrics) == {"revenue", "orders", "running"} | ({name} if name else set())
    if name:
        made = metrics[name]
        assert made.params == Simple(
            MeasureInput("orders", bent["name"], None, bent.get("fill_nulls_with"), bent.get("join_to_timespine", False))
        )
        assert made.file == "models/semantic.yml"
    if name.startswith("visits"):
        assert (made.label, made.description) == ("Visits", "all of them")


def test_a_conversion_has_its_two_measures_as_hidden_metrics_which_filters_may_name(project: Any, make_where: Any) -> None:
    project.model("orders")
    project.semantic_model(measures=[{"name": "visits", "agg": "count", "expr": "id"}, {"name": "buys", "agg": "count", "expr": "id"}])
    inputs = {"entity": "order", "base_measure": {"name": "visits"}, "conversion_measure": {"name": "buys"}}
    project.metric("rate", "conversion", conversion_type_params=inputs)
    project.metric("visits_of_buyers", measure={"name": "visits"}, filter="{{ Metric('buys', ['order']) }} > 0")
    project.manifest["saved_queries"]["q"] = {"name": "q", "query_params": {"metrics": ["visits"]}}
    result = project.compile()
    assert result.problems == ()
    ontology = result.layer.ontology
    assert [(m.name, m.hidden) for m in ontology.metrics] == [
        ("buys", True),
        ("rate", False),
        ("visits", True),
        ("visits_of_buyers", False),
    ]
    assert [m.name for m in ontology.listed_metrics] == ["rate", "visits_of_buyers"]
    assert [q.metrics for q in ontology.saved_queries] == [("visits",)]


def test_nothing_is_said_of_hidden_metrics_that_cannot_be(project: Any) -> None:
    """Their measure has a problem of its own, and so has the metric for which they are."""
    project.orders().metric("running", "cumulative", measure={"name": "lost"})
    project.metric("spread", "cumulative", measure={"name": "amount", "join_to_timespine": True})
    disabled = project.metric("off", "cumulative", measure={"name": "order_count", "fill_nulls_with": 1})
    disabled["config"] = {"enabled": False}
    project.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"].append(
        {"name": "lost", "agg": "sum", "expr": "(select 1)"}
    )
    metrics, problems = outcome(project)
    assert sorted(problems) == ["DM2407", "DM2416", "DM3102"]
    assert set(metrics) == {"orders", "revenue"}
