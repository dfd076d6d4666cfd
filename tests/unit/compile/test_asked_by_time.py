"""Metrics along time spines of every grain: what a compile serves can be asked by some grain, and what it leaves out for want of a spine by none."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from app.errors import UserError
from app.model.metrics import Conversion, Window
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery
from app.model.types import Grain
from app.plan.build import build
from app.sql.joins import JoinGraph

COUNTED = ("week", "month", "quarter", "year")
DEFAULTS = (None, "week", "month", "quarter")
DAILY = "{{ TimeDimension('metric_time', 'day') }} >= '2024-01-01'"
WEEKLY = "{{ TimeDimension('order__ordered_at', 'week') }} >= '2024-01-01'"
SPINES = ("day", "week", "month", "quarter", "year")


def declare(project: Any) -> dict[str, frozenset[str]]:
    """All kinds of metrics that look along time, and what each counts: what no time spine has is refused whatever is asked."""
    project.orders()
    counts: dict[str, frozenset[str]] = {}

    def metric(name: str, kind: str, counted: tuple[str, ...], **params: Any) -> None:
        project.metric(name, kind, **{key: value for key, value in params.items() if value is not None})
        counts[name] = frozenset(counted)

    for default in DEFAULTS:
        base = f"by_{default}"
        project.metric(base, measure={"name": "amount"}, **({"time_granularity": default} if default else {}))
        for word, condition in (("all", None), ("daily", DAILY), ("weekly", WEEKLY)):
            shared = {"time_granularity": default, "filter": condition, "measure": {"name": "amount"}}
            metric(f"ever_{default}_{word}", "cumulative", (), **shared)
            for counted in COUNTED:
                for key, value in (("window", {"count": 2, "granularity": counted}), ("grain_to_date", counted)):
                    metric(f"{key}_{counted}_{default}_{word}", "cumulative", (counted,), **shared, cumulative_type_params={key: value})
                for key, value in (("offset_window", {"count": 2, "granularity": counted}), ("offset_to_grain", counted)):
                    given = {"name": base, "alias": "x", key: value}
                    metric(f"{key}_{counted}_{default}_{word}", "derived", (counted,), expr="x + 1", metrics=[given], filter=condition)
    for one, other in product(COUNTED, COUNTED):
        rest = {"denominator": {"name": f"window_{other}_{other}_all"}} if other != "year" else {"denominator": {"name": "by_month"}}
        metric(f"share_{one}_{other}", "ratio", (one, other), numerator={"name": "by_week", "offset_to_grain": one}, **rest)
        above = {"name": f"offset_window_{one}_week_all", "alias": "x", "offset_window": {"count": 1, "granularity": other}}
        metric(f"twice_{one}_{other}", "derived", (one, other), expr="x + 1", metrics=[above])
    return counts


def grains_of(metric: str, ontology: Ontology, joins: JoinGraph) -> list[str]:
    """The grains by which the metric can be asked."""
    found = []
    for grain in Grain:
        query = SemanticQuery(metrics=(metric,), group_by=(GroupBy("metric_time", grain.value),))
        try:
            build(query, ontology, joins)
        except UserError as error:
            if error.problem.code not in ("DM3006", "DM3010"):
                raise
            continue
        found.append(grain.value)
    return found


@pytest.mark.parametrize("spine", SPINES)
def test_what_is_served_can_be_asked_and_what_is_left_out_can_not(project: Any, spine: str) -> None:
    counts = declare(project)
    whole = project.spine("day").compile().layer.ontology
    assert {metric.name for metric in whole.metrics} > counts.keys()
    del project.manifest["nodes"]["model.shop.all_days"]
    result = project.spine(spine).compile()
    served = {metric.name for metric in result.layer.ontology.metrics}
    bent = replace(whole, time_spines=result.layer.ontology.time_spines)
    joins = JoinGraph.of(bent)
    left_out = {problem.message.split("`")[1] for problem in result.problems if problem.code == "DM2416"}
    for name, counted in counts.items():
        asked = grains_of(name, bent, joins)
        if name in served:
            assert asked, name
        elif name in left_out and all(Grain(grain).order >= Grain(spine).order for grain in counted):
            assert not asked, name
    assert left_out.isdisjoint(served)
    assert bool(left_out) is (spine != "day")


def test_a_metric_that_counts_weeks_and_is_kept_by_month_needs_days(project: Any) -> None:
    """Weeks lie in no month: neither by week nor by month nor by year is there anything to look at."""
    project.orders().spine("week").metric(
        "lately",
        "cumulative",
        measure={"name": "amount"},
        time_granularity="month",
        cumulative_type_params={"window": {"count": 2, "granularity": "week"}},
    )
    (problem,) = project.compile().problems
    assert problem.code == "DM2416"
    assert problem.hint == "declare a time spine by day"
    assert "it is cumulative over weeks and needs a time spine by day, and the finest has rows by week" in problem.message


def test_a_layer_made_otherwise_may_count_a_conversion_window_by_a_custom_granularity(project: Any) -> None:
    """A compile leaves such a metric out (DM2423); the planner does not take its word for it."""
    sides = {"base_measure": {"name": "order_count"}, "conversion_measure": {"name": "amount"}}
    window = {"count": 7, "granularity": "day"}
    project.orders().spine(fiscal_week="week_of_year").metric(
        "again", "conversion", conversion_type_params={"entity": "order", "window": window, **sides}
    )
    layer = project.compile().layer.ontology
    metric = layer.metric("again")
    assert isinstance(metric.params, Conversion)
    query = SemanticQuery(metrics=("again",))
    build(query, layer, JoinGraph.of(layer))
    metric = replace(metric, params=replace(metric.params, window=Window(2, "fiscal_week")))
    layer = replace(layer, metrics=tuple(metric if one.name == "again" else one for one in layer.metrics))
    with pytest.raises(UserError, match="fiscal_week") as caught:
        build(query, layer, JoinGraph.of(layer))
    assert caught.value.problem.code == "DM3024"


def test_metrics_that_can_be_asked_each_by_another_grain_can_not_be_brought_together(project: Any) -> None:
    project.orders().spine("week")
    for grain in ("week", "month"):
        counted = {"window": {"count": 2, "granularity": grain}}
        project.metric(f"by_{grain}", "cumulative", measure={"name": "amount"}, time_granularity=grain, cumulative_type_params=counted)
    project.metric("stock", measure={"name": "amount"}, filter=DAILY)
    project.metric(
        "grown", "derived", expr="a - b", metrics=[{"name": "by_week", "alias": "a"}, {"name": "orders", "alias": "b"}], filter=DAILY
    )
    project.metric("share", "ratio", numerator={"name": "by_week"}, denominator={"name": "by_month"})
    result = project.compile()
    assert [(p.code, p.message.split("`")[1]) for p in result.problems if p.code == "DM2416"] == [("DM2416", "grown"), ("DM2416", "share")]
    assert result.layer.ontology.metric("by_month") is not None
