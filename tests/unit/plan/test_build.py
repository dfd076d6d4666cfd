"""What the planner refuses, and where it says the trouble is."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from app.errors import UserError
from app.model.expr import Binary, Column
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput, Simple, Window
from app.model.ontology import Ontology, SavedQuery
from app.model.periods import first_day
from app.model.physical import Placement
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.types import Dialect, Grain
from app.plan.build import build
from app.plan.render import render
from app.plan.saved import from_saved
from app.sql.expressions.parse import parse_where
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY, placement

JOINS = JoinGraph.of(ONTOLOGY)


def asking(**parts: object) -> SemanticQuery:
    parts.setdefault("metrics", ("revenue",))
    return SemanticQuery(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "code", "path"),
    [
        (asking(metrics=("revenu",)), "DM3001", "metrics[0]"),
        (asking(group_by=(GroupBy("metric_time"), GroupBy("customer__contry"))), "DM3002", "group_by[1]"),
        (asking(metrics=("visits",), group_by=(GroupBy("order__status"),)), "DM3005", "group_by[0]"),
        (asking(group_by=(GroupBy("metric_time", "hour"),)), "DM3006", None),
        (asking(group_by=(GroupBy("customer__country", "month"),)), "DM3006", None),
        (asking(group_by=(GroupBy("metric_time", "fortnight"),)), "DM3006", None),
        (asking(metrics=()), "DM3012", None),
        (asking(limit=-1), "DM3013", None),
        (asking(metrics=(), group_by=(GroupBy("customer"),), having=parse_where("revenue > 1")), "DM3014", None),
        (asking(order_by=(OrderBy("orderz"),)), "DM3015", "order_by[0]"),
        (asking(having=parse_where("customer__country = 'x'")), "DM3015", "having"),
        (asking(saved_query="nothing"), "DM3011", None),
        (asking(metrics=("revenue", "grown")), "DM3021", "metrics[1]"),
        (asking(where=parse_where("{{ Metric('orders') }} > 1")), "DM3016", None),
        (asking(min_max_only=True), "DM3017", None),
        (asking(metrics=(), group_by=(GroupBy("customer"),), min_max_only=True, apply_group_by=False), "DM3017", None),
        (asking(where=parse_where("metric_time > 'yesterday'")), "DM3107", None),
        (asking(where=parse_where("order__ordered_at__second > '2024-01-01'")), "DM3006", None),
    ],
)
def test_refused(query: SemanticQuery, code: str, path: str | None) -> None:
    with pytest.raises(UserError) as caught:
        build(query, ONTOLOGY, JOINS)
    problem = caught.value.problem
    assert problem.code == code, problem
    if path is not None:
        assert problem.where is not None
        assert problem.where.path == path


def test_metrics_of_one_fact_and_filter_share_one_aggregate() -> None:
    plan = build(asking(metrics=("revenue", "orders", "revenue_per_order", "average_order")), ONTOLOGY, JOINS)
    assert len(plan.steps) == 1
    assert [v.name for v in plan.steps[0].values] == ["amount", "order_rows", "average_amount"]


def test_each_other_filter_is_an_aggregate_of_its_own() -> None:
    plan = build(asking(metrics=("revenue", "paid_revenue", "paid_share")), ONTOLOGY, JOINS)
    assert [step.name for step in plan.steps] == ["orders", "paid_revenue_totals"]


def test_only_the_columns_needed_are_read() -> None:
    plan = build(asking(group_by=(GroupBy("customer__country"),)), ONTOLOGY, JOINS)
    (step,) = plan.steps
    assert [c for c, _ in step.rows.base.columns] == ["amount", "customer_id"]
    assert [c for c, _ in step.rows.joins[0].scan.columns] == ["country", "customer_id"]
    assert plan.models == ("dim_customers", "fct_orders")
    assert plan.aggregates


def test_an_alias_is_never_the_name_of_a_result_column() -> None:
    plan = build(asking(metrics=("orders", "visits"), group_by=(GroupBy("customer"),)), ONTOLOGY, JOINS)
    names = {column.name for column in plan.columns}
    for step in plan.steps:
        aliases = {step.rows.base.alias, *(join.scan.alias for join in step.rows.joins)}
        assert not names & (aliases | {step.name})


def test_the_plan_round_trips_as_json() -> None:
    plan = build(asking(group_by=(GroupBy("metric_time", "month"),), where=parse_where("customer__country = 'DE'")), ONTOLOGY, JOINS)
    assert type(plan).from_json(plan.canonical()) == plan


def test_an_engine_without_a_model_is_said() -> None:
    plan = build(asking(), ONTOLOGY, JOINS)
    with pytest.raises(UserError, match="DM3030"):
        render(plan, Dialect.POSTGRES, Placement("postgres"), limit=None)


@pytest.mark.parametrize(("own", "given", "expected"), [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7), (0, 7, 0)])
def test_the_lesser_limit_holds(own: int | None, given: int | None, expected: int | None) -> None:
    text = render(build(asking(limit=own), ONTOLOGY, JOINS), Dialect.POSTGRES, placement("postgres"), limit=given).text
    assert (f"LIMIT {expected}" in text) if expected is not None else ("LIMIT" not in text)


def test_a_derived_metric_with_a_name_that_is_no_input() -> None:
    metric = Metric("bad", Derived(Column("revenew"), (MetricInput("revenue"),)))
    ontology = Ontology("x", semantic_models=ONTOLOGY.semantic_models, models=ONTOLOGY.models, metrics=(metric, *ONTOLOGY.metrics))
    with pytest.raises(UserError, match=r"DM3009.*did you mean `revenue`"):
        build(asking(metrics=("bad",)), ontology, JoinGraph.of(ontology))


def test_a_metric_on_a_measure_that_is_not_there() -> None:
    ontology = Ontology("x", semantic_models=ONTOLOGY.semantic_models, metrics=(Metric("bad", Simple(MeasureInput("orders", "gone"))),))
    with pytest.raises(UserError, match="DM3009"):
        build(asking(metrics=("bad",)), ontology, JoinGraph.of(ontology))


def test_an_offset_without_time_is_refused_by_name() -> None:
    top = Metric("top", Derived(Column("revenue"), (MetricInput("revenue", offset_window=Window(1, "month")),)))
    ontology = Ontology("x", semantic_models=ONTOLOGY.semantic_models, metrics=(*ONTOLOGY.metrics, top))
    with pytest.raises(UserError, match=r"DM3021.*`metric_time__day`"):
        build(asking(metrics=("top",)), ontology, JoinGraph.of(ontology))


def test_a_saved_query_reads_every_form_of_item() -> None:
    saved = SavedQuery(
        "s",
        ("revenue",),
        ("metric_time__week", "Dimension('customer__country')", "Entity('customer')"),
        ("{{ Dimension('order__status') }} = 'paid'", "customer__is_business"),
        ("-revenue", "Metric('orders').descending(True)", "TimeDimension('metric_time', 'week').descending(False)", "customer__country"),
        3,
    )
    query = from_saved(saved, JOINS)
    assert query.group_by == (GroupBy("metric_time", "week"), GroupBy("customer__country"), GroupBy("customer"))
    assert query.order_by == (OrderBy("revenue", True), OrderBy("orders", True), OrderBy("metric_time__week"), OrderBy("customer__country"))
    assert query.limit == 3


def test_parts_of_the_query_come_after_those_of_its_saved_query() -> None:
    plan = build(SemanticQuery(("units",), (GroupBy("customer__is_business"),), saved_query="paid_by_month", limit=9), ONTOLOGY, JOINS)
    assert [c.name for c in plan.columns] == [
        "metric_time__month",
        "customer__country",
        "customer__is_business",
        "revenue",
        "orders",
        "units",
    ]
    assert plan.limit == 9


@pytest.mark.parametrize(
    ("grain", "first", "following"),
    [
        (Grain.DAY, "2024-02-29", "2024-03-01"),
        (Grain.HOUR, "2024-02-29", "2024-03-01"),
        (Grain.WEEK, "2024-02-26", "2024-03-04"),
        (Grain.MONTH, "2024-02-01", "2024-03-01"),
        (Grain.QUARTER, "2024-01-01", "2024-04-01"),
        (Grain.YEAR, "2024-01-01", "2025-01-01"),
    ],
)
def test_periods(grain: Grain, first: str, following: str) -> None:
    day = dt.date(2024, 2, 29)
    assert first_day(day, grain).isoformat() == first
    assert first_day(day, grain, periods_later=1).isoformat() == following


def test_a_december_ends_with_its_year() -> None:
    assert first_day(dt.date(2023, 12, 31), Grain.MONTH, periods_later=1) == dt.date(2024, 1, 1)


def test_an_empty_range_is_no_range() -> None:
    assert build(asking(time=TimeRange()), ONTOLOGY, JOINS).steps[0].rows.where is None


def test_metrics_that_share_inputs_at_many_levels_are_planned_at_once() -> None:
    base = ONTOLOGY.metric("revenue")
    assert base is not None
    levels = [base]
    for level in range(40):
        below = levels[-1].name
        inputs = (MetricInput(below, "a"), MetricInput(below, "b"))
        levels.append(Metric(f"level_{level}", Derived(Binary("+", Column("a"), Column("b")), inputs)))
    layer = msgspec.structs.replace(
        ONTOLOGY, metrics=tuple(sorted({m.name: m for m in (*ONTOLOGY.metrics, *levels)}.values(), key=lambda m: m.name))
    )
    joins = JoinGraph.of(layer)
    assert joins.inputs("level_39") == joins.inputs("revenue")
