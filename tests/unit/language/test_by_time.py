"""Questions about metrics that have a value only by time: what period and grain they get, and that the restatement says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
import pytest

from app.language.by_time import by_now, timing
from app.model.answer import Outcome
from app.model.expr import Binary, Column
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology
from app.model.query import TimeRange
from app.model.semantics import Dimension, DimensionType, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, Grain
from tests.unit.language.conftest import MOMENT, Desk
from tests.unit.language.layers import key, metric, shop

TODAY = MOMENT.today
REVENUE = MeasureInput("orders", "revenue")
BUDGETS = SemanticModel(
    "budgets",
    "fct_budgets",
    entities=(key("budget", EntityType.PRIMARY),),
    dimensions=(Dimension("planned_for", DimensionType.TIME, Column("planned_for"), grain=Grain.MONTH),),
    measures=(Measure("budget", Aggregation.SUM, Column("amount")),),
    agg_time_dimension="planned_for",
)


def change(name: str, of: str, label: str, window: Window | None = None, to_grain: str = "") -> Metric:
    """A metric less what it was a while ago."""
    before = MetricInput(of, "before", offset_window=window, offset_to_grain=to_grain)
    return Metric(name, Derived(Binary("-", Column(of), Column("before")), (MetricInput(of), before)), label=label)


def layer() -> Ontology:
    """The shop with a metric of each kind that looks at time."""
    base = shop()
    more = (
        Metric("rolling_revenue", Cumulative(REVENUE, Window(28, "day")), label="Rolling revenue"),
        Metric("month_to_date", Cumulative(REVENUE, grain_to_date="month", period_agg="last"), label="Revenue to date"),
        Metric("all_time", Cumulative(REVENUE, period_agg="last"), label="Revenue of all time"),
        change("monthly_growth", "revenue", "Monthly growth", Window(1, "month")),
        change("yearly_growth", "revenue", "Yearly growth", Window(1, "year")),
        change("weekly_growth", "revenue", "Weekly growth", Window(2, "week")),
        change("since_start", "revenue", "Revenue since the start", to_grain="month"),
        change("fiscal_growth", "revenue", "Fiscal growth", Window(1, "fiscal_quarter")),
        change("budget_growth", "budget", "Budget growth", Window(14, "day")),
        Metric("budget_to_date", Cumulative(MeasureInput("budgets", "budget"), grain_to_date="year"), label="Budget to date"),
        metric("budget", "budgets", label="Budget"),
        Metric("rolling_share", Ratio(MetricInput("rolling_revenue"), MetricInput("all_time")), label="Rolling share"),
        Metric("growth_of_growth", Ratio(MetricInput("monthly_growth"), MetricInput("yearly_growth")), label="Growth of growth"),
        Metric("share_of_all", Ratio(MetricInput("revenue"), MetricInput("all_time")), label="Share of all time"),
        Metric("converted", Conversion(MeasureInput("orders", "orders"), REVENUE, "customer"), label="Converted"),
        Metric("inner_revenue", Simple(REVENUE), label="Inner revenue", hidden=True),
    )
    return msgspec.structs.replace(
        base,
        semantic_models=tuple(sorted((*base.semantic_models, BUDGETS), key=lambda m: m.name)),
        metrics=tuple(sorted((*base.metrics, *more), key=lambda m: m.name)),
    )


LAYER = layer()


@pytest.fixture(scope="module")
def ask(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(LAYER, {"customer__country": ("Germany", "France")})


FIGURES_OF_A_DAY = [
    # yesterday, which is complete
    ("rolling revenue", "Rolling revenue by day, 14 Jul 2026"),
    ("what is our rolling revenue?", "Rolling revenue by day, 14 Jul 2026"),
    # the last day of the period; of one that goes on, the last complete one
    ("rolling revenue in June 2026", "Rolling revenue by day, 30 Jun 2026"),
    ("rolling revenue last quarter", "Rolling revenue by day, 30 Jun 2026"),
    ("rolling revenue this year", "Rolling revenue by day, 14 Jul 2026"),
    ("rolling revenue yesterday", "Rolling revenue by day, 14 Jul 2026"),
    ("rolling revenue today", "Rolling revenue by day, 15 Jul 2026"),
    ("revenue to date", "Revenue to date by day, 14 Jul 2026"),
    ("rolling revenue at the end of 2025", "Rolling revenue by day, 31 Dec 2025"),
    ("rolling revenue by the end of last quarter", "Rolling revenue by day, 30 Jun 2026"),
    ("rolling revenue as of the end of May 2026", "Rolling revenue by day, 31 May 2026"),
    ("rolling share", "Rolling share by day, 14 Jul 2026"),
    ("revenue since the start", "Revenue since the start by day, 14 Jul 2026"),
    ("fiscal growth in May 2026", "Fiscal growth by day, 31 May 2026"),
    # a figure of a day beside a figure of the period: day by day
    ("rolling revenue and orders in June 2026", "Rolling revenue and orders by day, 1 Jun 2026 to 30 Jun 2026"),
    # kept by month: no finer than that
    ("budget to date", "Budget to date by month, 14 Jul 2026"),
    # by a dimension, ranked and bounded: the day is no group
    ("rolling revenue by country", "Rolling revenue by country and day, 14 Jul 2026"),
    ("top 3 countries by rolling revenue", "Rolling revenue by country and day, 14 Jul 2026, top 3 by rolling revenue"),
    (
        "which country has the highest rolling revenue",
        "Rolling revenue by country and day, 14 Jul 2026, top 1 by rolling revenue",
    ),
    (
        "countries with rolling revenue over 100",
        "Rolling revenue by country and day, 14 Jul 2026, only with rolling revenue is more than 100",
    ),
    ("rolling revenue in Germany", "Rolling revenue by day, 14 Jul 2026, where country is Germany"),
]
BY_TIME = [
    # nothing of days to come
    ("rolling revenue by month", "Rolling revenue by month, until 14 Jul 2026"),
    ("rolling revenue by month in 2026", "Rolling revenue by month, 1 Jan 2026 to 14 Jul 2026"),
    ("rolling revenue by ordered month", "Rolling revenue by ordered at by month, until 14 Jul 2026"),
    ("rolling revenue over time", "Rolling revenue by month, until 14 Jul 2026"),
    ("daily rolling revenue in June 2026", "Rolling revenue by day, 1 Jun 2026 to 30 Jun 2026"),
    ("revenue of all time by month", "Revenue of all time by month, until 14 Jul 2026"),
    ("monthly growth by month in 2025", "Monthly growth by month, 1 Jan 2025 to 31 Dec 2025"),
    ("monthly growth by quarter", "Monthly growth by quarter, until 14 Jul 2026"),
]
COMPARISONS = [
    # the last whole period that is over
    ("monthly growth", "Monthly growth by month, 1 Jun 2026 to 30 Jun 2026"),
    ("yearly growth", "Yearly growth by year, 1 Jan 2025 to 31 Dec 2025"),
    ("weekly growth", "Weekly growth by week, 6 Jul 2026 to 12 Jul 2026"),
    ("growth of growth", "Growth of growth by month, 1 Jun 2026 to 30 Jun 2026"),
    # the coarsest periods, no longer than the while, that fill the period
    ("monthly growth in June 2026", "Monthly growth by month, 1 Jun 2026 to 30 Jun 2026"),
    ("monthly growth last quarter", "Monthly growth by month, 1 Apr 2026 to 30 Jun 2026"),
    ("yearly growth last quarter", "Yearly growth by quarter, 1 Apr 2026 to 30 Jun 2026"),
    ("yearly growth in 2025", "Yearly growth by year, 1 Jan 2025 to 31 Dec 2025"),
    ("yearly growth this year", "Yearly growth by quarter, 1 Jan 2026 to 30 Jun 2026"),
    ("monthly growth this month", "Monthly growth by day, 1 Jul 2026 to 14 Jul 2026"),
    ("monthly growth since February 2026", "Monthly growth by month, 1 Feb 2026 to 30 Jun 2026"),
    ("monthly growth until March 2026", "Monthly growth by month, until 31 Mar 2026"),
    # kept by month
    ("budget growth", "Budget growth by month, 1 Jun 2026 to 30 Jun 2026"),
    # beside what needs no time: still whole periods
    ("monthly growth and revenue in June 2026", "Monthly growth and revenue by month, 1 Jun 2026 to 30 Jun 2026"),
]
NO_TIME_NEEDED = [
    ("revenue of all time", "Revenue of all time"),
    ("revenue of all time by country", "Revenue of all time by country"),
    ("revenue of all time in 2025", "Revenue of all time, up to 31 Dec 2025"),
    ("revenue of all time and revenue in 2025", "Revenue of all time and revenue, 1 Jan 2025 to 31 Dec 2025"),
    ("share of all time", "Share of all time"),
    ("converted", "Converted"),
    ("converted in June 2026", "Converted, 1 Jun 2026 to 30 Jun 2026"),
    ("revenue by month", "Revenue by month"),
]


@pytest.mark.parametrize(("question", "restated"), FIGURES_OF_A_DAY + BY_TIME + COMPARISONS + NO_TIME_NEEDED)
def test_a_question_gets_a_sensible_time(ask: Desk, question: str, restated: str) -> None:
    reading = ask(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize("question", ["highest rolling revenue", "rolling revenue with rolling revenue over 100"])
def test_one_day_is_nothing_to_compare(ask: Desk, question: str) -> None:
    assert [problem.code for problem in ask(question).problems] == ["DM6009"]


@pytest.mark.parametrize("question", ["rolling revenue by weekday", "revenue of all time by day of the week"])
def test_a_figure_of_each_day_is_not_put_together_by_weekday(ask: Desk, question: str) -> None:
    reading = ask(question)
    assert [problem.code for problem in reading.problems] == ["DM6008"]
    assert not any("week" in offered for offered in reading.nearest)


def test_a_change_can_be_asked_by_weekday(ask: Desk) -> None:
    assert ask("monthly growth by weekday").restated == "Monthly growth by day of the week, until 14 Jul 2026"


def test_a_question_back_names_the_metrics_that_do_what_was_asked_for(ask: Desk) -> None:
    reading = ask("is revenue growing?")
    assert (reading.outcome, [problem.code for problem in reading.problems]) == (Outcome.CLARIFY, ["DM6010"])
    assert set(reading.nearest) >= {"Monthly growth", "Yearly growth", "Weekly growth"}
    assert not {"Rolling revenue", "Budget growth"} & set(reading.nearest)


def commas() -> Ontology:
    """Two metrics whose labels say after a comma how they differ."""
    named = {"monthly_growth": "Revenue growth, month over month", "yearly_growth": "Revenue growth, year over year"}
    named |= {"month_to_date": "Revenue, month to date"}
    metrics = tuple(msgspec.structs.replace(m, label=named.get(m.name, m.label)) for m in LAYER.metrics)
    return msgspec.structs.replace(LAYER, metrics=metrics)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("revenue, month to date", "Revenue, month to date by day, 14 Jul 2026"),
        ("month to date revenue by country", "Revenue, month to date by country and day, 14 Jul 2026"),
        ("what was the revenue growth, year over year, in 2025?", "Revenue growth, year over year by year, 1 Jan 2025 to 31 Dec 2025"),
        ("year over year revenue growth last year", "Revenue growth, year over year by year, 1 Jan 2025 to 31 Dec 2025"),
        ("year over year growth in 2025", "Revenue growth, year over year by year, 1 Jan 2025 to 31 Dec 2025"),
        ("revenue, orders and customers", "Revenue, orders and customers"),
    ],
)
def test_a_label_with_a_comma_is_one_name(make_desk: Callable[..., Desk], question: str, restated: str) -> None:
    assert make_desk(commas())(question).restated == restated


def test_a_comma_joins_the_names_of_no_dimension(make_desk: Callable[..., Desk]) -> None:
    reading = make_desk(commas())("line revenue by product, category")
    assert reading.restated != "Product revenue by product category"


def test_of_metrics_that_differ_after_the_comma_one_is_to_be_chosen(make_desk: Callable[..., Desk]) -> None:
    reading = make_desk(commas())("revenue growth by country in June 2026")
    assert [problem.code for problem in reading.problems] == ["DM6011"]
    assert [choice.text for choice in reading.choices] == [
        "Revenue growth, month over month by country and month, 1 Jun 2026 to 30 Jun 2026",
        "Revenue growth, year over year by country and month, 1 Jun 2026 to 30 Jun 2026",
    ]


def test_a_hidden_metric_has_no_words(ask: Desk) -> None:
    reading = ask("inner revenue")
    assert reading.query is None or "inner_revenue" not in reading.query.metrics
    assert "Inner revenue" not in str((reading.nearest, reading.choices, reading.problems))


@pytest.mark.parametrize(
    ("span", "limited"),
    [
        (None, TimeRange(None, TODAY - dt.timedelta(days=1))),
        (TimeRange(dt.date(2026, 1, 1), dt.date(2026, 12, 31), "2026"), TimeRange(dt.date(2026, 1, 1), dt.date(2026, 7, 14), "2026")),
        (TimeRange(dt.date(2025, 1, 1), dt.date(2025, 12, 31)), TimeRange(dt.date(2025, 1, 1), dt.date(2025, 12, 31))),
        (TimeRange(TODAY, dt.date(2026, 7, 31)), TimeRange(TODAY, TODAY)),
        (TimeRange(dt.date(2027, 1, 1), dt.date(2027, 12, 31)), TimeRange(dt.date(2027, 1, 1), dt.date(2027, 12, 31))),
        (TimeRange(dt.date(2027, 1, 1), None), TimeRange(dt.date(2027, 1, 1), None)),
    ],
)
def test_days_to_come_are_left_out_unless_they_are_asked_for(span: TimeRange | None, limited: TimeRange) -> None:
    assert by_now(span, TODAY) == limited


@pytest.mark.parametrize(
    ("name", "grain", "daily", "needed"),
    [
        ("rolling_revenue", Grain.DAY, True, True),
        ("all_time", Grain.DAY, True, False),
        ("budget_to_date", Grain.MONTH, True, True),
        ("monthly_growth", Grain.MONTH, False, True),
        ("budget_growth", Grain.MONTH, False, True),
        ("since_start", Grain.DAY, True, True),
        ("fiscal_growth", Grain.DAY, True, True),
        ("rolling_share", Grain.DAY, True, True),
        ("growth_of_growth", Grain.MONTH, False, True),
        ("share_of_all", Grain.DAY, True, False),
    ],
)
def test_a_metric_is_timed_as_its_inputs_are(name: str, grain: Grain, daily: bool, needed: bool) -> None:
    found = LAYER.metric(name)
    assert found is not None
    timed = timing(found, LAYER)
    assert timed is not None
    assert (timed.grain, timed.daily, timed.needed) == (grain, daily, needed)


@pytest.mark.parametrize("name", ["revenue", "refund_rate", "converted"])
def test_a_metric_that_stands_on_its_rows_times_has_no_timing(name: str) -> None:
    found = LAYER.metric(name)
    assert found is not None
    assert timing(found, LAYER) is None


def test_metrics_that_stand_on_each_other_in_a_circle_end() -> None:
    """A compile reports the circle; a lexicon is made all the same."""
    first = change("first", "second", "First", Window(1, "month"))
    second = change("second", "first", "Second", Window(1, "month"))
    circle = Ontology("circle", metrics=(first, second))
    found = timing(first, circle)
    assert found is not None
    assert found.grain is Grain.MONTH


@pytest.mark.parametrize(
    ("question", "monday", "sunday"),
    [
        # without a period the last complete one of those by which the metric compares, dbt's: they begin on Monday
        ("weekly growth", "Weekly growth by week, 6 Jul 2026 to 12 Jul 2026", "Weekly growth by week, 6 Jul 2026 to 12 Jul 2026"),
        # "last week" is the week of whoever asks: where it is none of dbt's its days are compared
        ("weekly growth last week", "Weekly growth by week, 6 Jul 2026 to 12 Jul 2026", "Weekly growth by day, 5 Jul 2026 to 11 Jul 2026"),
        ("yearly growth last week", "Yearly growth by week, 6 Jul 2026 to 12 Jul 2026", "Yearly growth by day, 5 Jul 2026 to 11 Jul 2026"),
        ("monthly growth last month", "Monthly growth by month, 1 Jun 2026 to 30 Jun 2026", "Monthly growth by month, 1 Jun 2026 to 30 Jun 2026"),
        ("rolling revenue last week", "Rolling revenue by day, 12 Jul 2026", "Rolling revenue by day, 11 Jul 2026"),
    ],
)  # fmt: skip
def test_weeks_that_begin_on_sunday(ask: Desk, question: str, monday: str, sunday: str) -> None:
    assert ask(question).restated == monday
    assert ask(question, msgspec.structs.replace(MOMENT, week_start=6)).restated == sunday
