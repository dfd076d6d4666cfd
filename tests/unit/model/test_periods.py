"""The arithmetic of periods: against the days themselves, for every start of weeks and years."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.periods import add_months, first_day, last_day, moved, period_end
from app.model.types import Grain

DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2050, 12, 31))
LONG = (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def begins(day: dt.date, grain: Grain, week_start: int, year_start: int) -> bool:
    """Whether a period of the grain begins with the day."""
    if grain is Grain.WEEK:
        return day.weekday() == week_start
    months = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}[grain]
    return day.day == 1 and (day.month - year_start) % months == 0


@given(DAYS, st.sampled_from(LONG), st.integers(0, 6), st.integers(1, 12))
def test_a_period_begins_with_the_last_day_that_begins_one(day: dt.date, grain: Grain, week_start: int, year_start: int) -> None:
    expected = day
    while not begins(expected, grain, week_start, year_start):
        expected -= dt.timedelta(days=1)
    assert first_day(day, grain, week_start=week_start, year_start=year_start) == expected
    following = day + dt.timedelta(days=1)
    while not begins(following, grain, week_start, year_start):
        following += dt.timedelta(days=1)
    assert first_day(day, grain, periods_later=1, week_start=week_start, year_start=year_start) == following
    assert period_end(expected, grain) == following - dt.timedelta(days=1)


@given(DAYS, st.sampled_from(LONG))
def test_weeks_begin_on_monday_and_years_in_january_where_nobody_says(day: dt.date, grain: Grain) -> None:
    assert first_day(day, grain) == first_day(day, grain, week_start=0, year_start=1)
    assert begins(first_day(day, grain), grain, 0, 1)
    assert last_day(day, grain) == period_end(first_day(day, grain), grain) >= day


@given(DAYS, st.sampled_from([Grain.HOUR, Grain.DAY]), st.integers(-9, 9))
def test_days_are_their_own_periods(day: dt.date, grain: Grain, count: int) -> None:
    assert first_day(day, grain, periods_later=count) == moved(day, grain, count) == day + dt.timedelta(days=count)


def test_months_are_as_long_as_they_are() -> None:
    assert add_months(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)
    assert add_months(dt.date(2024, 3, 31), -4) == dt.date(2023, 11, 30)
    assert moved(dt.date(2024, 2, 29), Grain.YEAR, 1) == dt.date(2025, 2, 28)


@pytest.mark.parametrize("grain", LONG)
def test_the_calendar_ends(grain: Grain) -> None:
    assert last_day(dt.date.max, grain) == dt.date.max
    with pytest.raises(OverflowError):
        first_day(dt.date.max, grain, periods_later=1)
    with pytest.raises(OverflowError):
        first_day(dt.date.min, grain, periods_later=-1)
