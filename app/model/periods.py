"""Periods of the calendar: where the one in which a day lies begins and ends, and those before and after it.

Two weeks are told apart. dbt's weeks begin on Monday: what is grouped by week, counted in weeks or stretched to whole weeks goes by them, whoever asks, and
so does what is named no other start. The weeks of people begin on the day that the settings give: "last week" in words is seven days from there. Where
both meet, the days that were asked for stand: a metric that compares weeks is shown by day for a week that is none of dbt's.
"""

from __future__ import annotations

import calendar
import datetime as dt

from app.model.types import Grain

MONDAY = 0
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day of the month `count` months on, or that month's last day. Raises OverflowError outside the years 1 to 9999."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError("year out of range")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def moved(day: dt.date, grain: Grain, count: int) -> dt.date:
    """A day some periods later, or earlier; by grains finer than a day it is moved by days. Raises OverflowError where dates do not go so far."""
    if grain.order <= Grain.DAY.order:
        return day + dt.timedelta(days=count)
    if grain is Grain.WEEK:
        return day + dt.timedelta(weeks=count)
    return add_months(day, count * _MONTHS[grain])


def first_day(day: dt.date, grain: Grain, *, periods_later: int = 0, week_start: int = MONDAY, year_start: int = 1) -> dt.date:
    """The first day of the period in which `day` lies, or of one some periods later; of days and finer grains the day itself.

    `week_start` is the weekday (0 is Monday) with which weeks begin, `year_start` the month with which years and their quarters do. Raises OverflowError
    where dates do not go so far.
    """
    if grain is Grain.WEEK:
        day -= dt.timedelta(days=(day.weekday() - week_start) % 7)
    elif grain in _MONTHS:
        day = add_months(day.replace(day=1), -((day.month - year_start) % _MONTHS[grain]))
    return moved(day, grain, periods_later)


def last_day(day: dt.date, grain: Grain) -> dt.date:
    """The last day of the period in which `day` lies; of the last period that dates know, the last date."""
    try:
        return period_end(first_day(day, grain), grain)
    except OverflowError:
        return dt.date.max


def period_end(start: dt.date, grain: Grain, count: int = 1) -> dt.date:
    """The last day of `count` periods that begin at `start`. Raises OverflowError where dates do not go so far."""
    return moved(start, grain, count) - dt.timedelta(days=1)
