"""Comparisons, shares, growth, running values and the first of each group, asked for in words."""

from __future__ import annotations

import pytest

from app.model.answer import Outcome
from app.model.metrics import Window
from app.model.query import GroupBy
from app.model.shapes import Calculation, Compared, MetricValue, Moving, Running, Share, Show, Top, Totals
from tests.unit.language.conftest import Desk

JUNE = "1 Jun 2026 to 30 Jun 2026"
ANSWERS = [
    ("share of orders by channel", "Orders and share of orders in the total by sales channel"),
    (
        "what percentage of revenue comes from web",
        "Revenue and share of revenue in the total by sales channel, only with sales channel is web",
    ),
    (
        "what percentage of orders are food orders",
        "Orders and share of orders in the total by is food order, only with is food order is true",
    ),
    (
        "countries with more than 10% of revenue",
        "Revenue and share of revenue in the total by country, only with revenue share is more than 0.1",
    ),
    ("revenue last month vs the same month a year ago", f"Revenue compared with 1 year before, {JUNE}"),
    ("revenue last month versus last year", f"Revenue compared with 1 year before, {JUNE}"),
    ("revenue last month compared to the month before", f"Revenue compared with 1 month before, {JUNE}"),
    ("revenue in June compared to the previous month", f"Revenue compared with 1 month before, {JUNE}"),
    ("revenue this month compared to last month", "Revenue compared with 1 month before, 1 Jul 2026 to 15 Jul 2026"),
    ("revenue compared to last year", "Revenue compared with 1 year before, 1 Jan 2026 to 15 Jul 2026"),
    ("orders in May vs June", f"Orders compared with 1 month before, {JUNE}"),
    ("compare revenue in 2025 and 2024", "Revenue compared with 1 year before, 1 Jan 2025 to 31 Dec 2025"),
    ("revenue last week vs week before", "Revenue compared with 1 week before, 6 Jul 2026 to 12 Jul 2026"),
    ("revenue yesterday vs the same day last week", "Revenue compared with 1 week before, 14 Jul 2026"),
    ("how did revenue change from May to June", f"Revenue compared with 1 month before, {JUNE}"),
    ("revenue growth last month", f"Revenue compared with 1 month before, {JUNE}"),
    ("how much did revenue grow in Q2", "Revenue compared with 1 quarter before, 1 Apr 2026 to 30 Jun 2026"),
    ("month over month revenue growth", "Revenue compared with 1 month before by month"),
    ("YoY revenue growth by month this year", "Revenue compared with 1 year before by month, 1 Jan 2026 to 15 Jul 2026"),
    ("is revenue up or down last month", f"Revenue compared with 1 month before, {JUNE}"),
    ("revenue by channel last month vs previous month", f"Revenue compared with 1 month before by sales channel, {JUNE}"),
    (
        "which country grew the most last month in revenue",
        f"Revenue compared with 1 month before by country, {JUNE}, top 1 by change of revenue from 1 month before",
    ),
    (
        "fastest growing country by revenue last quarter",
        "Revenue compared with 1 quarter before by country, 1 Apr 2026 to 30 Jun 2026, top 1 by percent change of revenue from 1 quarter before",
    ),
    (
        "which products declined last month in units sold",
        f"Units sold compared with 1 month before by product name, {JUNE}, only with units sold change 1 month is less than 0",
    ),
    (
        "countries where revenue grew by more than 10% last month",
        f"Revenue compared with 1 month before by country, {JUNE}, only with revenue percent change 1 month is more than 0.1",
    ),
    ("revenue in June and July 2025", "Revenue by month, 1 Jun 2025 to 31 Jul 2025"),
    ("orders in 2024 and 2025", "Orders by year, 1 Jan 2024 to 31 Dec 2025"),
    ("how has revenue changed over the last 6 months", "Revenue compared with the period before by month, 1 Jan 2026 to 30 Jun 2026"),
    ("what day had the most orders ever", "Orders by day, top 1 by orders"),
    ("cumulative revenue by month this year", "Revenue and running total of revenue by month, 1 Jan 2026 to 15 Jul 2026"),
    ("7 day moving average of orders", "Orders and average orders of the last 7 periods by day"),
    ("moving average of revenue over 3 months", "Revenue and average revenue of the last 3 periods by month"),
    ("web vs store revenue", "Revenue by sales channel, where sales channel is web or store"),
    ("compare revenue for web and store", "Revenue by sales channel, where sales channel is web or store"),
    ("revenue vs orders by month", "Revenue and orders by month"),
    ("orders by country with total", "Orders by country, with a total"),
    ("countries with 100 or more orders", "Orders by country, only with orders is at least 100"),
    (
        "top product in each country by units sold",
        "Units sold by product name and country, top 1 of product name by units sold for each country",
    ),
    (
        "which product sold the most units in each country last month",
        f"Units sold by product name and country, {JUNE}, top 1 of product name by units sold for each country",
    ),
    (
        "for each country, the top 3 products by units sold",
        "Units sold by country and product name, top 3 of product name by units sold for each country",
    ),
    ("the bottom 2 channels by orders per month", "Orders by sales channel and month, bottom 2 of sales channel by orders for each month"),
]


@pytest.mark.parametrize(("question", "restated"), ANSWERS)
def test_answered(ask_shop: Desk, question: str, restated: str) -> None:
    reading = ask_shop(question)
    assert (reading.outcome, reading.restated, reading.unused) == (Outcome.ANSWER, restated, ())


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("share of revenue", "DM6009"),
        ("running total of revenue compared to luck", "DM6006"),
        ("moving average of revenue", "DM6008"),
        ("why did revenue drop", "DM6008"),
        ("ratio of revenue to orders", "DM6008"),
        ("orders vs web", "DM6008"),
    ],
)
def test_what_says_too_little_or_cannot_be_is_refused(ask_shop: Desk, question: str, code: str) -> None:
    reading = ask_shop(question)
    assert (reading.outcome, reading.problems[0].code) == (Outcome.REFUSE, code)


@pytest.mark.parametrize("question", ["revenue growth", "is revenue growing?", "how has revenue changed"])
def test_growth_of_no_period_is_asked_back(ask_shop: Desk, question: str) -> None:
    reading = ask_shop(question)
    assert (reading.outcome, [problem.code for problem in reading.problems]) == (Outcome.CLARIFY, ["DM6010"])
    assert [choice.text for choice in reading.choices] == [
        f"Revenue compared with 1 month before, {JUNE}",
        "Revenue compared with 1 year before, 1 Jan 2026 to 15 Jul 2026",
        "Revenue compared with the period before by month, 1 Jan 2026 to 15 Jul 2026",
    ]


def test_the_query_that_is_meant(ask_shop: Desk) -> None:
    revenue, month = MetricValue("revenue"), Window(1, "month")
    growth = ask_shop("revenue growth last month by country with total").query
    assert growth is not None
    assert [one.shape for one in growth.calculations] == [Compared(revenue, month, show) for show in Show]
    assert growth.totals is Totals.GRAND
    per = ask_shop("top 3 channels by revenue per month").query
    assert per is not None
    assert per.top == Top(3, "revenue", of=("order__sales_channel",), per=("metric_time__month",))
    assert (per.limit, per.order_by) == (None, ())
    within = ask_shop("share of revenue by channel per month").query
    assert within is not None
    assert within.calculations == (Calculation("revenue__share_of_metric_time__month", Share(revenue, ("metric_time__month",))),)
    rolled = ask_shop("rolling 7 day revenue by country").query
    assert rolled is not None
    assert [one.shape for one in rolled.calculations] == [Running(revenue, Window(7, "day"))]
    assert GroupBy("metric_time", "day") in rolled.group_by
    smooth = ask_shop("3 month moving average of revenue").query
    assert smooth is not None
    assert [one.shape for one in smooth.calculations] == [Moving(revenue, 3)]
