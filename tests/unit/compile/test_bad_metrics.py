"""Metrics that can be read and not served: each is left out with one problem at the YAML line that causes it, and the rest of the layer stands."""

from __future__ import annotations

import io
from typing import Any

import pytest
from ruamel.yaml import YAML

from app.compile.artifacts import ProjectSources
from app.compile.project import Compilation, compile_project
from app.errors import Problem, Severity

FILE = "models/metrics.yml"
DAY = {"time_granularity": "day"}


def stage(project: Any) -> Any:
    """Orders by day with a customer, stock by month, sessions without a time, tickets that share nothing; a spine by day, with fiscal weeks."""
    project.orders().spine(fiscal_week="week_of_year")
    for name in ("customers", "stock", "sessions", "tickets"):
        project.model(name)
    project.manifest["semantic_models"]["semantic_model.shop.orders"]["entities"].append(
        {"name": "customer", "type": "foreign", "expr": "customer_id"}
    )
    project.semantic_model(
        "customers",
        model="customers",
        defaults=None,
        entities=[{"name": "customer", "type": "primary", "expr": "id"}],
        dimensions=[{"name": "country", "type": "categorical"}, {"name": "born", "type": "time", "type_params": DAY}],
        measures=[],
    )
    project.semantic_model(
        "stock",
        model="stock",
        defaults={"agg_time_dimension": "counted_at"},
        entities=[{"name": "item", "type": "primary", "expr": "id"}],
        dimensions=[{"name": "counted_at", "type": "time", "type_params": {"time_granularity": "month"}}],
        measures=[{"name": "pieces", "agg": "sum", "expr": "amount"}],
    )
    project.semantic_model(
        "sessions",
        model="sessions",
        defaults=None,
        entities=[{"name": "session", "type": "primary", "expr": "id"}, {"name": "customer", "type": "foreign", "expr": "customer_id"}],
        dimensions=[{"name": "device", "type": "categorical"}],
        measures=[{"name": "visits", "agg": "count", "expr": "id"}],
    )
    project.metric("pieces", measure={"name": "pieces"})
    project.metric("visits", measure={"name": "visits"})
    return project


def in_manifest(value: Any) -> Any:
    """YAML's filters as the manifest writes them."""
    if isinstance(value, dict):
        return {
            key: {"where_filters": [{"where_sql_template": inner}]} if key == "filter" else in_manifest(inner)
            for key, inner in value.items()
        }
    return [in_manifest(item) for item in value] if isinstance(value, list) else value


def declare(project: Any, *metrics: dict[str, Any]) -> None:
    """Metrics in both forms: the manifest's and, for lines, YAML's."""
    for metric in metrics:
        node = in_manifest(metric)
        project.metric(node["name"], node["type"], **node["type_params"])
        project.manifest["metrics"][f"metric.shop.{node['name']}"].update(node)
    text = io.StringIO()
    YAML().dump({"metrics": list(metrics)}, text)
    project.files[FILE] = text.getvalue()


def line(project: Any, problem: Problem) -> str:
    """The text from the place to which a problem points, to the end of that line."""
    assert problem.where is not None
    assert problem.where.line > 0
    return str(project.files[problem.where.file].splitlines()[problem.where.line - 1][problem.where.column - 1 :])


def simple(measure: str, **fields: Any) -> dict[str, Any]:
    return {"name": "bad", "type": "simple", "type_params": {"measure": {"name": measure}}, **fields}


def derived(*inputs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"name": "bad", "type": "derived", "type_params": {"expr": "x * 2", "metrics": list(inputs)}, **fields}


def cumulative(measure: str, **params: Any) -> dict[str, Any]:
    return {"name": "bad", "type": "cumulative", "type_params": {"measure": {"name": measure}, "cumulative_type_params": params}}


def conversion(**params: Any) -> dict[str, Any]:
    given = {"entity": "order", "base_measure": {"name": "order_count"}, "conversion_measure": {"name": "amount"}} | params
    return {"name": "bad", "type": "conversion", "type_params": {"conversion_type_params": given}}


WINDOW = {"count": 3, "granularity": "hour"}
ODD = {"count": 3, "granularity": "fortnight"}
CASES = [
    # grains
    (simple("pieces", time_granularity="day"), "DM2414", "day", "take month or coarser"),
    (cumulative("pieces", grain_to_date="week"), "DM2414", "week", "take month or coarser"),
    (cumulative("amount", grain_to_date="yaer"), "DM2415", "yaer", "did you mean `year`?"),
    (cumulative("amount", window={"count": 0, "granularity": "day"}), "DM2422", "count: 0", "1 to 365,000"),
    (cumulative("amount", window={"count": -7, "granularity": "day"}), "DM2422", "count: -7", "1 to 365,000"),
    (derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1001, "granularity": "year"}}), "DM2422", "count: 1001", "1 to 1,000"),
    (conversion(window={"count": 0, "granularity": "month"}), "DM2422", "count: 0", "1 to 12,000"),
    (cumulative("amount", window=ODD), "DM2415", "count: 3", "custom granularity"),
    (cumulative("amount", window={"count": 2, "granularity": "fiscal_weeek"}), "DM2415", "count: 2", "`fiscal_week`"),
    (cumulative("amount", window=WINDOW), "DM2416", "count: 3", "declare a time spine by hour"),
    (derived({"name": "pieces", "alias": "x", "offset_to_grain": "week"}), "DM2414", "week", "month"),
    (derived({"name": "revenue", "alias": "x", "offset_window": ODD}), "DM2415", "count: 3", ""),
    (derived({"name": "revenue", "alias": "x", "offset_window": WINDOW}), "DM2416", "count: 3", ""),
    (conversion(window=ODD), "DM2415", "count: 3", ""),
    (conversion(window={"count": 2, "granularity": "fiscal_week"}), "DM2423", "count: 2", "count it in days"),
    (cumulative("amount", window={"count": 3, "granularity": ""}), "DM2415", "count: 3", "one of"),
    ({**simple("amount", filter="{{ Dimension('customer__\x07') }} = 1")}, "DM2410", "\\a", ""),
    (simple("amount", filter="{{ TimeDimension('metric_time', 'hour') }} > '2020-01-01'"), "DM2414", "hour'", "day"),
    (simple("amount", filter="{{ TimeDimension('customer__born', 'hour') }} > '2020-01-01'"), "DM2414", "hour'", "day"),
    (simple("amount", filter="{{ TimeDimension('metric_time', 'fortnight') }} > '2020-01-01'"), "DM2415", "fortnight'", ""),
    # times
    (derived({"name": "visits", "alias": "x", "offset_window": {"count": 1, "granularity": "day"}}), "DM2417", "count: 1", "agg_time_dimension"),
    (derived({"name": "visits", "alias": "x", "offset_to_grain": "month"}), "DM2417", "month", ""),
    (cumulative("visits"), "DM2417", "", "agg_time_dimension"),
    (conversion(conversion_measure={"name": "visits"}, entity="customer"), "DM2417", "", ""),
    (simple("visits", filter="{{ TimeDimension('metric_time', 'day') }} > '2020-01-01'"), "DM2417", "metric_time'", ""),
    # names and joins
    (simple("amount", filter="{{ Dimension('session__device') }} = 'x'"), "DM2413", "session__device'", ""),
    (simple("amount", filter="{{ Dimension('item__counted_at') }} is null"), "DM2413", "item__counted_at'", "shares no key"),
    (derived({"name": "revenue", "alias": "x"}, {"name": "pieces"}, filter="{{ Dimension('customer__country') }} = 'x'"), "DM2413", "customer__country'", ""),
    (derived({"name": "pieces", "alias": "x", "filter": "{{ Dimension('order__status') }} = 'x'"}), "DM2413", "order__status'", ""),
    (simple("amount", filter="{{ Dimension('customer__contry') }} = 'x'"), "DM2410", "contry'", "did you mean `country`?"),
    (simple("amount", filter="customer__contry = 'x'"), "DM2410", "contry = ", "did you mean `country`?"),
    (simple("amount", filter="amount > 5"), "DM2410", "amount > 5", ""),
    (derived({"name": "revenue", "alias": "x", "filter": "session__device = 'x'"}), "DM2413", "session", "many rows"),
    (simple("amount", filter="metric_time__hour > '2020-01-01'"), "DM2414", "hour > ", "day"),
    (simple("amount", filter="{{ Metric('revenue', group_by=['custmer']) }} > 1"), "DM2410", "custmer'", "did you mean `customer`?"),
    (simple("amount", filter="{{ Metric('revenue', group_by=[]) }} > 1"), "DM2421", "revenue'", "name the entity"),
    (simple("amount", filter="{{ Metric('pieces', group_by=['customer']) }} > 1"), "DM2421", "customer'", ""),
    (simple("pieces", filter="{{ Metric('revenue', group_by=['customer']) }} > 1"), "DM2421", "customer'", ""),
    (simple("amount", filter="{{ Metric('visits', group_by=['customer', 'metric_time__month']) }} > 1"), "DM2421", "metric_time__month'", "agg_time_dimension"),
    (derived({"name": "revenue", "alias": "x", "filter": "{{ Metric('visits', ['session']) }} > 1"}), "DM2421", "session'", "many rows"),
    # conversions
    (conversion(entity="custmer"), "DM2418", "custmer", "did you mean `customer`?"),
    (conversion(constant_properties=[{"base_property": "statuss", "conversion_property": "status"}]), "DM2419", "statuss", "`status`"),
    (conversion(constant_properties=[{"base_property": "status", "conversion_property": "item__x"}]), "DM2419", "item__x", ""),
    (conversion(calculation="rate"), "DM2420", "rate", "conversion_rate"),
    (cumulative("amount", period_agg="median"), "DM2420", "median", "first, last, average"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "code", "start", "hint"), CASES, ids=[f"{case[1]}-{number}" for number, case in enumerate(CASES)])
def test_a_metric_that_cannot_be_served_is_left_out_at_its_line(
    project: Any, bad: dict[str, Any], code: str, start: str, hint: str
) -> None:
    declare(stage(project), bad)
    result = project.compile()
    assert {p.code for p in result.problems} == {code}, [str(p) for p in result.problems]
    problem = result.problems[0]
    assert problem.severity is Severity.ERROR
    assert line(project, problem).startswith(start)
    assert hint in problem.hint
    assert "`bad`" in problem.message
    assert [m.name for m in result.layer.ontology.metrics] == ["orders", "pieces", "revenue", "visits"]


def test_what_is_right_is_served(project: Any) -> None:
    good = [
        cumulative("amount", window={"count": 2, "granularity": "fiscal_week"}),
        cumulative("pieces", grain_to_date="year"),
        simple("amount", filter="customer__country = 'x' and status = 'y' and customer > 3 and metric_time__month > '2020-01-01'"),
        cumulative("pieces", window={"count": 7, "granularity": "day"}),
        conversion(entity="customer", constant_properties=[{"base_property": "order__status", "conversion_property": "customer"}]),
        derived({"name": "pieces", "alias": "x", "offset_to_grain": "month"}, time_granularity="quarter"),
        simple("visits", filter="{{ Dimension('customer__country') }} = 'x' and {{ Metric('revenue', group_by=['customer']) }} > 1"),
        simple("amount", filter="{{ Metric('revenue', group_by=['metric_time__month', 'customer']) }} > 1"),
        simple("amount", filter="{{ TimeDimension('metric_time', 'fiscal_week') }} > '2020' and {{ Dimension('metric_time__fiscal_week') }} > '2'"),
    ]  # fmt: skip
    declare(stage(project), *({**metric, "name": f"good_{number}"} for number, metric in enumerate(good)))
    assert [str(p) for p in project.compile().problems] == []


ALONG = [
    (cumulative("amount"), "", "per day"),
    (cumulative("pieces"), "", "per month"),
    ({"name": "bad", "type": "simple", "type_params": {"measure": {"name": "amount", "join_to_timespine": True}}}, "true", "per day"),
    (derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1, "granularity": "month"}}), "count: 1", "per month"),
    (derived({"name": "revenue", "alias": "x", "offset_to_grain": "year"}), "year", "per year"),
    (conversion(base_measure={"name": "amount", "join_to_timespine": True}), "true", "per day"),
    (
        {
            "name": "bad",
            "type": "ratio",
            "type_params": {"numerator": {"name": "revenue"}, "denominator": {"name": "orders", "offset_to_grain": "month"}},
        },
        "month",
        "per month",
    ),
]


@pytest.mark.parametrize(("bad", "start", "hint"), ALONG)
def test_what_is_looked_at_along_a_time_spine_needs_one(project: Any, bad: dict[str, Any], start: str, hint: str) -> None:
    """Whatever needs none is served without."""
    stage(project)
    del project.manifest["nodes"]["model.shop.all_days"]
    fine = [
        {**derived({"name": "revenue", "alias": "x"}), "name": "twice"},
        {**conversion(window={"count": 7, "granularity": "day"}), "name": "rate"},
        {**simple("amount", filter="{{ TimeDimension('metric_time', 'month') }} > '2020-01-01'"), "name": "late"},
    ]
    declare(project, bad, *fine)
    result = project.compile()
    assert [p.code for p in result.problems] == ["DM2416"]
    assert line(project, result.problems[0]).startswith(start)
    assert "has no time spine" in result.problems[0].message
    assert hint in result.problems[0].hint
    assert [m.name for m in result.layer.ontology.metrics] == ["late", "orders", "pieces", "rate", "revenue", "twice", "visits"]


@pytest.mark.parametrize(
    ("grain", "metric", "needed"),
    [
        ("month", cumulative("amount"), "day"),
        ("month", cumulative("pieces"), ""),
        ("quarter", cumulative("pieces"), "month"),
        ("month", {**cumulative("amount"), "time_granularity": "month"}, ""),
        ("month", derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1, "granularity": "month"}}), ""),
        ("year", derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1, "granularity": "month"}}), "month"),
        ("week", derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1, "granularity": "week"}}), "day"),
        ("week", derived({"name": "weekly", "alias": "x", "offset_window": {"count": 1, "granularity": "week"}}), ""),
        ("month", derived({"name": "revenue", "alias": "x", "offset_window": {"count": 1, "granularity": "week"}}), "day"),
        ("month", derived({"name": "revenue", "alias": "x", "offset_to_grain": "year"}), ""),
    ],
)
def test_a_time_spine_is_fine_enough(project: Any, grain: str, metric: dict[str, Any], needed: str) -> None:
    stage(project).spine(grain).metric("weekly", measure={"name": "amount"}, time_granularity="week")
    del project.manifest["nodes"]["model.shop.all_days"]
    declare(project, metric)
    result = project.compile()
    assert [p.code for p in result.problems] == (["DM2416"] if needed else [])
    assert (result.layer.ontology.metric("bad") is None) is bool(needed)
    assert all(p.hint == f"declare a time spine by {needed}" for p in result.problems)


def test_what_stands_on_a_metric_with_a_wrong_filter_goes_with_it(project: Any) -> None:
    declare(stage(project), simple("pieces", filter="{{ Metric('revenue', group_by=['customer']) }} > 1"))
    project.metric("more", "derived", expr="bad + 1", metrics=[{"name": "bad"}])
    result = project.compile()
    assert sorted(p.code for p in result.problems) == ["DM2407", "DM2421"]
    assert result.layer.ontology.metric("more") is None


def codes(result: Compilation, severity: Severity) -> list[str]:
    return [p.code for p in result.problems if p.severity is severity]


def test_what_stands_on_a_refused_thing_is_only_told_the_cause(project: Any) -> None:
    stage(project).metric("top", "derived", expr="mid + 1", metrics=[{"name": "mid"}])
    project.metric("mid", "derived", expr="base * 2", metrics=[{"name": "base"}])
    project.metric("base", measure={"name": "wrong"})
    project.manifest["semantic_models"]["semantic_model.shop.orders"]["measures"].append(
        {"name": "wrong", "agg": "sum", "expr": "(select 1)"}
    )
    project.manifest["saved_queries"]["q"] = {"name": "q", "query_params": {"metrics": ["top"]}}
    result = project.compile()
    assert codes(result, Severity.ERROR) == ["DM3102"]
    assert codes(result, Severity.NOTE) == ["DM2407"] * 4
    told = sorted(p.message for p in result.problems if p.severity is Severity.NOTE)
    assert [text.split("`")[1::2] for text in told] == [["base", "wrong"], ["mid", "base"], ["top", "mid"], ["q", "top"]]


def test_a_wrong_default_time_is_said_once(project: Any) -> None:
    project.model("orders")
    project.semantic_model(
        defaults={"agg_time_dimension": "ordered"}, measures=[{"name": f"m{n}", "agg": "sum", "expr": "amount"} for n in range(9)]
    )
    for number in range(9):
        project.metric(f"metric_{number}", measure={"name": f"m{number}"})
    carried = {"semantic_model": "orders", "agg": "sum"}
    project.metric("own", metric_aggregation_params=carried, expr="amount")
    project.metric("timed", metric_aggregation_params={**carried, "agg_time_dimension": "ordered_at"}, expr="amount")
    result = project.compile()
    assert codes(result, Severity.ERROR) == ["DM2307"]
    assert "did you mean `ordered_at`?" in next(p.hint for p in result.problems if p.code == "DM2307")
    assert codes(result, Severity.NOTE) == ["DM2407"] * 10
    assert [m.name for m in result.layer.ontology.metrics] == ["timed"]


def test_a_metric_whose_own_aggregation_is_refused_is_reported_once(project: Any) -> None:
    project.model("orders")
    project.semantic_model(measures=[])
    project.metric("own", metric_aggregation_params={"semantic_model": "orders", "agg": "mode"}, expr="amount")
    assert [p.code for p in project.compile().problems] == ["DM2305"]


def test_a_refused_time_dimension_takes_its_measures_along(project: Any) -> None:
    project.model("orders")
    dimensions = [
        {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "moon"}},
        {"name": "status", "type": "categorical"},
    ]
    project.semantic_model(dimensions=dimensions)
    project.metric("revenue", measure={"name": "amount"})
    project.metric("orders", measure={"name": "order_count"}, filter="{{ Dimension('order__ordered_at') }} is null")
    result = project.compile()
    assert codes(result, Severity.ERROR) == ["DM2303"]
    assert codes(result, Severity.NOTE) == ["DM2407"] * 3
    assert result.layer.ontology.metrics == ()


def test_filters_by_what_was_left_out(project: Any) -> None:
    stage(project).metric("narrow", measure={"name": "amount"}, filter="{{ Dimension('customer__country') }} = 'x'")
    customers = project.manifest["semantic_models"]["semantic_model.shop.customers"]
    customers["dimensions"][0]["expr"] = "upper("
    result = project.compile()
    assert codes(result, Severity.ERROR) == ["DM3101"]
    assert [p.message for p in result.problems if p.code == "DM2407"] == [
        "metric `narrow` is left out, since `country`, by which it filters, is"
    ]


def test_metrics_that_filter_by_metrics(project: Any) -> None:
    stage(project)
    above = "{{{{ Metric('{}', group_by=['customer']) }}}} > 1".format
    project.metric("one", measure={"name": "amount"}, filter=above("two"))
    project.metric("two", measure={"name": "amount"}, filter=above("one"))
    project.metric("three", "derived", expr="one + 1", metrics=[{"name": "one"}])
    project.metric("good", measure={"name": "amount"}, filter=above("revenue"))
    project.metric("bad", measure={"name": "nope"})
    project.metric("worse", measure={"name": "amount"}, filter=above("bad"))
    result = project.compile()
    assert sorted(codes(result, Severity.ERROR)) == ["DM2402", "DM2408", "DM2408"]
    assert codes(result, Severity.NOTE) == ["DM2407", "DM2407"]
    assert [m.name for m in result.layer.ontology.metrics] == ["good", "orders", "pieces", "revenue", "visits"]


def test_without_the_yaml_the_file_alone_is_named(project: Any) -> None:
    declare(stage(project), cumulative("visits"))
    project.manifest["metrics"]["metric.shop.bad"]["package_name"] = "other"
    (problem,) = compile_project([project.target()], ProjectSources({})).problems
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == ("dbt_packages/other/models/metrics.yml", 0)
