from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.periods import find_periods
from app.language.text import tokens
from app.model.answer import Outcome
from app.model.moment import Moment
from tests.unit.language.conftest import Desk

WORDS = """last this next 5 2025 month week q2 june since between and from to of the year fiscal
may 31 2025-02-30 until w53 h1 ago 9999-12-31 before after 0001-01-01"""
TODAY = dt.date(2026, 7, 15)  # a Wednesday


def moment(**more: int) -> Moment:
    return Moment(dt.datetime(2026, 7, 15, tzinfo=dt.UTC), TODAY, **more)  # type: ignore[arg-type]


def read(text: str, at: Moment | None = None) -> list[tuple[str, str]]:
    found = find_periods(tokens(text), text, at or moment())
    return [(str(p.range.start or ""), str(p.range.end or "")) for p in found]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", "2026-07-15", "2026-07-15"),
        ("yesterday", "2026-07-14", "2026-07-14"),
        ("the day before yesterday", "2026-07-13", "2026-07-13"),
        ("last 7 days", "2026-07-08", "2026-07-14"),
        ("in the last thirty days", "2026-06-15", "2026-07-14"),
        ("last week", "2026-07-06", "2026-07-12"),
        ("between 1 and 15 April 2026", "2026-04-01", "2026-04-15"),
        ("from the 1st to the 15th of June", "2026-06-01", "2026-06-15"),
        ("April 1 to 15", "2026-04-01", "2026-04-15"),
        ("April 1-15, 2025", "2025-04-01", "2025-04-15"),
        ("past 6 weeks", "2026-06-01", "2026-07-12"),
        ("last month", "2026-06-01", "2026-06-30"),
        ("last 12 months", "2025-07-01", "2026-06-30"),
        ("last quarter", "2026-04-01", "2026-06-30"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("this year", "2026-01-01", "2026-07-15"),
        ("this month so far", "2026-07-01", "2026-07-15"),
        ("YTD", "2026-01-01", "2026-07-15"),
        ("quarter to date", "2026-07-01", "2026-07-15"),
        ("in 2024", "2024-01-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("June 2025", "2025-06-01", "2025-06-30"),
        ("in August", "2025-08-01", "2025-08-31"),
        ("in July", "2026-07-01", "2026-07-31"),
        ("last June", "2026-06-01", "2026-06-30"),
        ("last August", "2025-08-01", "2025-08-31"),
        ("last year's June", "2025-06-01", "2025-06-30"),
        ("June of last year", "2025-06-01", "2025-06-30"),
        ("Q2 2026", "2026-04-01", "2026-06-30"),
        ("2026Q2", "2026-04-01", "2026-06-30"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("Q4", "2025-10-01", "2025-12-31"),
        ("second quarter of last year", "2025-04-01", "2025-06-30"),
        ("H2 2025", "2025-07-01", "2025-12-31"),
        ("5 June 2025", "2025-06-05", "2025-06-05"),
        ("June 5th, 2025", "2025-06-05", "2025-06-05"),
        ("2025-03-01", "2025-03-01", "2025-03-01"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("13/4/2026", "2026-04-13", "2026-04-13"),
        ("week 23 of 2026", "2026-06-01", "2026-06-07"),
        ("2026-W01", "2025-12-29", "2026-01-04"),
        ("since March 2026", "2026-03-01", "2026-07-15"),
        ("since the start of the year", "2026-01-01", "2026-07-15"),
        ("from January on", "2026-01-01", "2026-07-15"),
        ("until the end of March", "", "2026-03-31"),
        ("before 2025", "", "2024-12-31"),
        ("after June 2026", "2026-07-01", ""),
        ("as of 2026-01-31", "", "2026-01-31"),
        ("from March to June 2025", "2025-03-01", "2025-06-30"),
        ("from November to February", "2025-11-01", "2026-02-28"),
        ("between Nov 2025 and Feb", "2025-11-01", "2026-02-28"),
        ("between June 1 and June 15", "2026-06-01", "2026-06-15"),
        ("2025-03-01 to 2025-03-31", "2025-03-01", "2025-03-31"),
        ("3 months ago", "2026-04-01", "2026-04-30"),
        ("on Monday", "2026-07-13", "2026-07-13"),
        ("Valentine's Day", "2026-02-14", "2026-02-14"),
        ("in May", "2026-05-01", "2026-05-31"),
        ("What about May?", "2026-05-01", "2026-05-31"),
    ],
)
def test_a_period_is_the_dates_that_people_mean(text: str, start: str, end: str) -> None:
    assert read(text) == [(start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "what may we see",
        "more than 2025 orders",
        "top 2024",
        "3/4/2026",
        "last 0 days",
        "last 999999 years",
        "they march on",
        "99/99/2026",
        "2026-13",
    ],
)
def test_what_is_no_period_or_says_two_things_is_not_read(text: str) -> None:
    assert read(text) == []


def test_fiscal_years_start_by_the_moment() -> None:
    april = moment(fiscal_start=4)
    assert read("FY2026", april) == [("2025-04-01", "2026-03-31")]
    assert read("last fiscal year", april) == [("2025-04-01", "2026-03-31")]
    assert read("this fiscal quarter", moment(fiscal_start=2)) == [("2026-05-01", "2026-07-15")]
    assert read("fiscal Q1 2026", april) == [("2025-04-01", "2025-06-30")]
    assert read("fiscal year 2026") == [("2026-01-01", "2026-12-31")]


def test_weeks_start_by_the_moment() -> None:
    assert read("last week", moment(week_start=6)) == [("2026-07-05", "2026-07-11")]


def test_two_periods_stay_two() -> None:
    assert read("June and July") == [("2026-06-01", "2026-06-30"), ("2026-07-01", "2026-07-31")]


def test_a_month_ends_at_its_end_in_leap_years() -> None:
    assert read("February 2024") == [("2024-02-01", "2024-02-29")]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS.split()),
        max_size=8,
    ),
    st.dates(),
)
def test_no_sequence_of_time_words_raises_and_ranges_are_in_order(words: list[str], today: dt.date) -> None:
    text = " ".join(words)
    for period in find_periods(tokens(text), text, Moment(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), today)):
        assert period.range.start is None or period.range.end is None or period.range.start <= period.range.end


def test_a_flow_at_the_end_of_a_period_is_asked_back(ask_shop: Desk) -> None:
    """Over which time is not said; of a stock it need not be."""
    reading = ask_shop("revenue at the end of June")
    assert (reading.outcome, [choice.text for choice in reading.choices]) == (Outcome.CLARIFY, ["Revenue, until 30 Jun 2026"])
    assert ask_shop("revenue until the end of June").outcome is Outcome.ANSWER
