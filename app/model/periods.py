"""Periods of the calendar: where the one in which a day lies begins and ends. Weeks begin on Monday, as dbt's do."""

from __future__ import annotations

import datetime as dt

from app.model.types import Grain

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def first_day(day: dt.date, grain: Grain, *, periods_later: int = 0) -> dt.date:
    """The first day of the period in which `day` lies, or of one some periods later; of days and finer grains the day itself.

    Raises OverflowError or ValueError where dates do not go so far.
    """
    if grain.order <= Grain.DAY.order:
        return day + dt.timedelta(days=periods_later)
    if grain is Grain.WEEK:
        return day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=periods_later)
    length = _MONTHS[grain]
    months = (day.year * 12 + day.month - 1) // length * length + periods_later * length
    return dt.date(months // 12, months % 12 + 1, 1)


def last_day(day: dt.date, grain: Grain) -> dt.date:
    """The last day of the period in which `day` lies; of the last period that dates know, the last date."""
    try:
        return first_day(day, grain, periods_later=1) - dt.timedelta(days=1)
    except (OverflowError, ValueError):
        return dt.date.max
