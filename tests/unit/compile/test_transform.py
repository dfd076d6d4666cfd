"""Semantic manifests: fresh from dbt, made ready by MetricFlow of any version, or in the short forms of its own YAML, one project gives one Ontology."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.model.expr import Case
from app.model.metrics import Conversion, Cumulative, Simple, Window
from app.model.ontology import Ontology
from app.model.semantics import Measure
from app.model.types import Aggregation
from app.sql.expressions.text import expression_text
from tests.support.dbt_versions import FIXTURES, STYLES

CONFORMANCE = ("extended_date", "multi_hop_join", "non_sm", "partitioned_multi_hop_join", "scd", "simple")
Manifest = dict[str, Any]


def read(manifest: Manifest) -> Ontology:
    """The Ontology, of a manifest without problems."""
    compiled = ontology_from_semantic_manifest(json.dumps(manifest).encode())
    assert compiled.problems == ()
    return compiled.layer.ontology


def manifest(measures: list[Manifest], metrics: list[Manifest], **more: Any) -> Manifest:
    """One semantic model with a primary entity, a category and a day, over one table."""
    orders = {
        "name": "orders",
        "node_relation": {"alias": "orders", "schema_name": "marts"},
        "defaults": {"agg_time_dimension": "day"},
        "entities": [{"name": "order", "type": "primary", "expr": "id"}],
        "dimensions": [
            {"name": "day", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": "status", "type": "categorical"},
        ],
        "measures": measures,
    }
    spine = {"node_relation": {"alias": "days", "schema_name": "marts"}, "primary_column": {"name": "day", "time_granularity": "day"}}
    return {"semantic_models": [orders], "metrics": metrics, "project_configuration": {"time_spines": [spine]}, **more}


def measured(**measure: Any) -> Measure:
    """The measure `m`, as a semantic manifest gives it."""
    layer = read(manifest([{"name": "m", **measure}], [{"name": "m", "type": "simple", "type_params": {"measure": {"name": "m"}}}]))
    return layer.semantic_models[0].measures[0]


@pytest.mark.parametrize("style", STYLES)
def test_transformed_or_not(style: str) -> None:
    """Made by each version's own transformer from what each version wrote."""
    fresh, ready = ((FIXTURES / style / f"{name}.json").read_bytes() for name in ("semantic", "semantic.transformed"))
    assert fresh != ready
    one, other = ontology_from_semantic_manifest(fresh), ontology_from_semantic_manifest(ready)
    assert one.layer.ontology == other.layer.ontology
    assert one.layer.ontology.canonical() == other.layer.ontology.canonical()
    assert one.problems == other.problems
    assert {problem.code for problem in one.problems} == ({"DM2304"} if style == "1.12-new" else set())
    assert len(one.layer.ontology.metrics) >= 24
    aggregations = {m.agg for s in one.layer.ontology.semantic_models for m in s.measures}
    assert not aggregations & {Aggregation.COUNT, Aggregation.SUM_BOOLEAN, Aggregation.MEDIAN}


@pytest.mark.parametrize("name", CONFORMANCE)
def test_what_is_transformed_stays(shared: Path, name: str) -> None:
    """The reference's manifests, with their measures and, as a later version may write them, without."""
    document = json.loads((shared / "conformance" / "manifests" / f"{name}_manifest.json").read_bytes())
    before = read(document)
    for node in document["semantic_models"]:
        node["measures"] = []
    without = read(document)
    assert {m.name for m in before.metrics} <= {m.name for m in without.metrics}
    assert all(m.hidden for m in without.metrics if before.metric(m.name) is None)
    for metric in before.metrics:
        other = without.metric(metric.name)
        assert (type(metric.params), metric.grain) == (type(other.params), other.grain)
        if isinstance(metric.params, Simple):
            assert metric.filter == other.filter
            assert _measure(before, metric.params.input) == _measure(without, other.params.input)


def _measure(layer: Ontology, given: Any) -> tuple[Any, ...]:
    measure = next(m for m in layer.semantic_model(given.semantic_model).measures if m.name == given.measure)
    return (
        measure.agg,
        measure.expr,
        measure.agg_time_dimension,
        measure.percentile,
        measure.discrete,
        measure.approximate,
        measure.non_additive,
        given.filter,
        given.fill_nulls_with,
        given.join_to_timespine,
    )


def test_counts_become_sums() -> None:
    counted = measured(agg="count", expr="id")
    assert counted.agg is Aggregation.SUM
    assert isinstance(counted.expr, Case)
    assert counted == measured(agg="sum", expr="CASE WHEN id IS NOT NULL THEN 1 ELSE 0 END")
    assert measured(agg="COUNT", expr="1") == measured(agg="sum", expr="1") == measured(agg="count", expr=1)


def test_boolean_sums_become_sums() -> None:
    assert measured(agg="sum_boolean", expr="paid") == measured(agg="sum", expr="CASE WHEN paid THEN 1 ELSE 0 END")
    assert measured(agg="sum_boolean") == measured(agg="sum", expr="CASE WHEN m THEN 1 ELSE 0 END")


def test_medians_become_percentiles() -> None:
    half = {"percentile": 0.5, "use_discrete_percentile": False, "use_approximate_percentile": False}
    assert measured(agg="median", expr="x") == measured(agg="percentile", expr="x", agg_params=half)
    assert measured(agg="median", expr="x", agg_params={"use_approximate_percentile": True}).approximate
    assert measured(agg="percentile", expr="x", agg_params={"percentile": 0.5}) == measured(agg="percentile", expr="x", agg_params=half)


def test_a_metric_that_carries_its_aggregation_is_transformed_too() -> None:
    def carried(agg: str, expr: str | None, **params: Any) -> Any:
        own = {"semantic_model": "orders", "agg": agg, "agg_params": params or None}
        layer = read(manifest([], [{"name": "n", "type": "simple", "type_params": {"metric_aggregation_params": own, "expr": expr}}]))
        return layer.semantic_models[0].measures[0]

    assert carried("count", "id") == carried("sum", "CASE WHEN id IS NOT NULL THEN 1 ELSE 0 END")
    assert carried("sum_boolean", "paid") == carried("sum", "CASE WHEN paid THEN 1 ELSE 0 END")
    assert carried("sum_boolean", None) == carried("sum", "CASE WHEN n THEN 1 ELSE 0 END")
    assert carried("median", "x") == carried("percentile", "x", percentile=0.5)
    assert carried("sum", "x").agg_time_dimension == "day"


def test_names_are_lower_case() -> None:
    document = manifest(
        [{"name": "Amount", "agg": "sum"}], [{"name": "m", "type": "simple", "type_params": {"measure": {"name": "Amount"}}}]
    )
    lower = read(json.loads(json.dumps(document).replace("Amount", "amount")))
    document["semantic_models"][0]["name"] = "Orders"
    document["semantic_models"][0]["defaults"]["agg_time_dimension"] = "Day"
    document["semantic_models"][0]["dimensions"][0]["name"] = "Day"
    document["semantic_models"][0]["dimensions"][1]["name"] = "STATUS"
    document["semantic_models"][0]["entities"][0]["name"] = "Order"
    assert read(document) == lower


def test_a_metric_is_made_of_a_measure_that_asks_for_it() -> None:
    measures = [{"name": "amount", "agg": "sum", "create_metric": True, "label": "Amount", "config": {"meta": {"a": 1}}}]
    created = {"name": "amount", "type": "simple", "label": "Amount", "config": {"meta": {"a": 1}}}
    ready = {**created, "type_params": {"measure": {"name": "amount"}, "expr": "amount"}}
    assert read(manifest(measures, [])) == read(manifest(measures, [ready]))


def test_metrics_stand_on_what_a_measure_makes() -> None:
    words = {"config": {"meta": {"datamind": {"synonyms": ["turnover"]}}}}
    measures = [{"name": "amount", "agg": "sum", "create_metric": True, **words}, {"name": "count", "agg": "count", "expr": "1"}]
    measures[1]["create_metric"] = True
    share = {"name": "mean", "type": "ratio", "type_params": {"numerator": {"name": "amount"}, "denominator": {"name": "count"}}}
    layer = read(manifest(measures, [share]))
    assert [metric.name for metric in layer.metrics] == ["amount", "count", "mean"]
    assert layer.metric("amount").synonyms == ("turnover",)
    disabled = {"name": "amount", "type": "simple", "type_params": {"measure": {"name": "amount"}}, "config": {"enabled": False}}
    assert [m.name for m in read(manifest(measures, [disabled])).metrics] == ["count"]


def test_the_filter_of_a_measure_is_its_metric_s() -> None:
    """MetricFlow moves it and leaves both on the measure."""
    paid, big = (
        {"where_sql_template": text} for text in ("{{ Dimension('order__status') }} = 'paid'", "{{ Dimension('order__status') }} > 'a'")
    )

    def with_filters(of_measure: list[Any], own: list[Any]) -> Ontology:
        given = {"name": "amount", "filter": {"where_filters": of_measure}}
        metric = {"name": "m", "type": "simple", "type_params": {"measure": given}, "filter": {"where_filters": own}}
        return read(manifest([{"name": "amount", "agg": "sum"}], [metric]))

    fresh = with_filters([paid], [big])
    assert fresh == with_filters([paid, big], [paid, big])
    assert expression_text(fresh.metrics[0].filter).count("order__status") == 2
    assert fresh.metrics[0].params == Simple(fresh.metrics[0].params.input)
    assert fresh.metrics[0].params.input.filter is None


def test_helpers_of_metricflow_are_hidden() -> None:
    """Whether MetricFlow has made them or it is done here."""
    measures = [{"name": "amount", "agg": "sum", "label": "Amount", "config": {"meta": {"a": 1}}}]
    running = {
        "name": "running",
        "type": "cumulative",
        "type_params": {"measure": {"name": "amount", "fill_nulls_with": 0}, "window": {"count": 7, "granularity": "day"}},
    }
    own = {"semantic_model": "orders", "agg": "sum"}
    helper = {
        "name": "amount_fill_nulls_with_0",
        "type": "simple",
        "label": "Amount",
        "config": {"meta": {"a": 1}},
        "type_params": {
            "measure": {"name": "amount"},
            "metric_aggregation_params": own,
            "expr": "amount",
            "fill_nulls_with": 0,
            "is_private": True,
        },
    }
    params = {"window": {"count": 7, "granularity": "days"}, "period_agg": "first", "metric": {"name": "amount_fill_nulls_with_0"}}
    given = {"measure": {"name": "amount", "fill_nulls_with": 0}, "cumulative_type_params": params}
    ready = {"name": "running", "type": "cumulative", "type_params": given}
    fresh = read(manifest(measures, [running]))
    assert fresh == read(manifest(measures, [ready, helper]))
    assert [(m.name, m.hidden) for m in fresh.metrics] == [("amount_fill_nulls_with_0", True), ("running", False)]
    hidden = {"name": "h", "type": "simple", "type_params": {"metric_aggregation_params": own, "expr": "amount", "is_private": True}}
    assert [(m.name, m.hidden) for m in read(manifest([], [hidden])).metrics] == [("h", True)]


def test_a_metric_that_carries_the_same_aggregation_is_no_reason_for_another() -> None:
    measures = [{"name": "amount", "agg": "sum", "expr": "x"}]
    running = {"name": "running", "type": "cumulative", "type_params": {"measure": {"name": "amount"}}}

    def names(agg: str, expr: str) -> list[str]:
        own = {"semantic_model": "orders", "agg": agg}
        carried = {"name": "own", "type": "simple", "type_params": {"metric_aggregation_params": own, "expr": expr}}
        return [m.name for m in read(manifest(measures, [running, carried])).metrics]

    assert names("sum", "x") == ["own", "running"]
    assert names("max", "x") == names("sum", "y") == ["amount", "own", "running"]


@pytest.mark.parametrize(
    ("stated", "taken"), [({"period_agg": "last"}, "last"), ({"period_agg": "FIRST"}, "first"), ({}, "first"), (None, "first")]
)
def test_what_stands_for_a_period_is_as_stated(stated: Manifest | None, taken: str) -> None:
    """MetricFlow's own default is `first`."""
    params = {"measure": {"name": "amount"}, "cumulative_type_params": stated}
    layer = read(manifest([{"name": "amount", "agg": "sum"}], [{"name": "r", "type": "cumulative", "type_params": params}]))
    assert layer.metric("r").params.period_agg == taken


def test_windows_lose_their_plural() -> None:
    def window(granularity: str, *custom: str) -> Any:
        metric = {
            "name": "r",
            "type": "cumulative",
            "type_params": {"measure": {"name": "m"}, "window": {"count": 2, "granularity": granularity}},
        }
        document = manifest([{"name": "m", "agg": "sum"}], [metric])
        document["project_configuration"]["time_spines"][0]["custom_granularities"] = [{"name": name} for name in custom]
        return read(document).metric("r").params.window

    assert window("days") == window("day") == window("DAYS") == Window(2, "day")
    assert window("retail_weeks", "retail_week") == Window(2, "retail_week")
    assert window("alien_days", "alien_days") == Window(2, "alien_days")


def test_short_forms() -> None:
    """`measure: amount`, `window: 7 days`, a filter as a text or a list: what MetricFlow's parser reads too."""
    measures = [{"name": "amount", "agg": "sum"}, {"name": "visits", "agg": "count", "expr": "1"}]
    text = "{{ Dimension('order__status') }} = 'paid'"
    long_filter = {"where_filters": [{"where_sql_template": text}]}
    seven = {"count": 7, "granularity": "day"}

    def metrics(name: Callable[[str], Any], window: Any, condition: Any) -> list[Manifest]:
        conversion = {"entity": "order", "base_measure": name("visits"), "conversion_measure": name("amount"), "window": window}
        offset = {"name": "a", "offset_window": window, "alias": "before", "filter": condition}
        return [
            {"name": "a", "type": "simple", "type_params": {"measure": name("amount")}, "filter": condition},
            {"name": "v", "type": "simple", "type_params": {"measure": {"name": "visits", "filter": condition}}},
            {"name": "r", "type": "ratio", "type_params": {"numerator": name("a"), "denominator": name("v")}},
            {"name": "d", "type": "derived", "type_params": {"expr": "a - before", "metrics": [name("a"), offset]}},
            {"name": "c", "type": "cumulative", "type_params": {"measure": name("amount"), "cumulative_type_params": {"window": window}}},
            {"name": "k", "type": "cumulative", "type_params": {"cumulative_type_params": {"metric": name("a")}}},
            {"name": "o", "type": "conversion", "type_params": {"conversion_type_params": conversion}},
        ]

    def queries(condition: Any) -> list[Manifest]:
        return [{"name": "q", "query_params": {"metrics": ["a"], "group_by": ["order__status"], "where": condition}}]

    long = read(manifest(measures, metrics(lambda name: {"name": name}, seven, long_filter), saved_queries=queries(long_filter)))
    for window, condition in (("7 days", text), ("7 Day", [text]), (seven, [{"where_sql_template": text}]), ("7 days", long_filter)):
        assert read(manifest(measures, metrics(str, window, condition), saved_queries=queries(condition))) == long
    assert isinstance(long.metric("c").params, Cumulative)
    assert isinstance(long.metric("o").params, Conversion)
    assert long.metric("o").params.window == Window(7, "day")
    assert long.saved_queries[0].where == (text,)
    single = manifest(
        measures,
        [{"name": "a", "type": "simple", "type_params": {"measure": {"name": "amount"}}, "filter": long_filter["where_filters"][0]}],
    )
    assert read(single).metric("a").filter is not None


@pytest.mark.parametrize("wrong", [{"window": "seven days"}, {"window": 7}, {"measure": 1}, {"measure": ["amount"]}, {"metrics": "a"}])
def test_what_is_no_form_at_all_is_left_out(wrong: Manifest) -> None:
    good = {"name": "good", "type": "simple", "type_params": {"measure": "amount"}}
    document = manifest([{"name": "amount", "agg": "sum"}], [{"name": "m", "type": "simple", "type_params": wrong}, good])
    compiled = ontology_from_semantic_manifest(json.dumps(document).encode())
    assert [(p.code, p.where.file) for p in compiled.problems] == [("DM2009", "semantic_manifest.json")]
    assert "`m`" in compiled.problems[0].message
    assert f"`type_params/{next(iter(wrong))}" in compiled.problems[0].message
    assert [m.name for m in compiled.layer.ontology.metrics] == ["good"]
