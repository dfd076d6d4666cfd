"""The demo's metrics that look at time, asked in words in several ways: each question gets a time, both engines give the same, and the restatement says it."""

from __future__ import annotations

import pytest

from app.model.answer import Outcome
from app.service.ask import ask
from tests.engines.test_demo_answers import ENGINES, rows
from tests.support.demo import Demo

QUESTIONS = {
    "revenue of the last 28 days": "Revenue of the last 28 days by day, 30 Jun 2026",
    "trailing revenue in May 2026": "Revenue of the last 28 days by day, 31 May 2026",
    "what was the rolling revenue at the end of 2025?": "Revenue of the last 28 days by day, 31 Dec 2025",
    "rolling revenue by country": "Revenue of the last 28 days by country and day, 30 Jun 2026",
    "rolling revenue by month in 2026": "Revenue of the last 28 days by month, 1 Jan 2026 to 30 Jun 2026",
    "MTD revenue": "Revenue, month to date by day, 30 Jun 2026",
    "what is our revenue, month to date?": "Revenue, month to date by day, 30 Jun 2026",
    "month to date revenue by sales channel": "Revenue, month to date by sales channel and day, 30 Jun 2026",
    "revenue of all time": "Revenue of all time",
    "cumulative revenue over time": "Revenue of all time by month, until 30 Jun 2026",
    "total revenue to date as of March 2025": "Revenue of all time, up to 31 Mar 2025",
    "MoM growth": "Revenue growth, month over month by month, 1 Jun 2026 to 30 Jun 2026",
    "monthly growth in 2025": "Revenue growth, month over month by month, 1 Jan 2025 to 31 Dec 2025",
    "which month had the highest monthly growth in 2025?": "Revenue growth, month over month by month, 1 Jan 2025 to 31 Dec 2025, "
    "top 1 by revenue growth, month over month",
    "YoY growth": "Revenue growth, year over year by year, 1 Jan 2025 to 31 Dec 2025",
    "what was the revenue growth, year over year, in June 2026?": "Revenue growth, year over year by month, 1 Jun 2026 to 30 Jun 2026",
    "annual growth last quarter by sales channel": "Revenue growth, year over year by sales channel and quarter, 1 Apr 2026 to 30 Jun 2026",
    "revenue against the start of the month in March 2026": "Revenue against the start of the month by day, 31 Mar 2026",
    "conversion rate": "Visit to order rate",
    "visits that led to an order by month in 2026": "Visits that led to an order by month, 1 Jan 2026 to 31 Dec 2026",
    "share of visits that order in Q2 2026 by device": "Visit to order rate by device, 1 Apr 2026 to 30 Jun 2026",
    "MRR at the end of 2025": "Monthly recurring revenue, until 31 Dec 2025",
    "churn by month": "Churned subscriptions by month",
    "P90 order value last year": "90th percentile of the order value, 1 Jan 2025 to 31 Dec 2025",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_over_time_is_answered_alike_on_both_engines(demo: Demo, question: str) -> None:
    answers = [ask(demo.deps, demo.caller(), question, source=engine).answer for engine in ENGINES]
    found = []
    for answer in answers:
        assert answer is not None
        assert (answer.outcome, answer.restated) == (Outcome.ANSWER, QUESTIONS[question])
        assert answer.result is not None
        assert any(row[-1] is not None for row in answer.result.rows())
        found.append((rows(list(answer.result.rows())), answer.text))
    assert found[0] == found[1]


@pytest.mark.parametrize("question", ["revenue growth", "revenue growth by country in 2025"])
def test_of_two_growths_one_is_to_be_chosen(demo: Demo, question: str) -> None:
    answer = ask(demo.deps, demo.caller(), question).answer
    assert answer is not None
    assert answer.outcome is Outcome.CLARIFY
    assert {choice.query.metrics for choice in answer.choices} == {("revenue_growth_month_over_month",), ("revenue_growth_year_over_year",)}
