"""Calendar arithmetic on closed ranges of dates."""

from __future__ import annotations

import calendar
import datetime as dt

from app.model.moment import Moment
from app.model.types import Grain

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day of the month `count` months on, or that month's last day. Raises OverflowError outside the years 1 to 9999."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_start(day: dt.date, grain: Grain, moment: Moment, *, fiscal: bool = False) -> dt.date:
    """The first day of the day, week, month, quarter or year that holds `day`; a fiscal quarter or year starts by `moment.fiscal_start`."""
    if grain is Grain.DAY:
        return day
    if grain is Grain.WEEK:
        return day - dt.timedelta(days=(day.weekday() - moment.week_start) % 7)
    size = _MONTHS[grain]
    first = moment.fiscal_start if fiscal else 1
    back = (day.month - first) % size if size < 12 else (day.month - first) % 12
    return add_months(day.replace(day=1), -back)


def shift(start: dt.date, grain: Grain, count: int) -> dt.date:
    """The start of the period `count` periods after the one that starts at `start`."""
    if grain is Grain.DAY:
        return start + dt.timedelta(days=count)
    if grain is Grain.WEEK:
        return start + dt.timedelta(weeks=count)
    return add_months(start, count * _MONTHS[grain])


def period_end(start: dt.date, grain: Grain, count: int = 1) -> dt.date:
    """The last day of `count` periods that begin at `start`."""
    return shift(start, grain, count) - dt.timedelta(days=1)


def fiscal_year_start(year: int, moment: Moment) -> dt.date:
    """The first day of fiscal year `year`, which is named after the calendar year in which it ends."""
    return dt.date(year if moment.fiscal_start == 1 else year - 1, moment.fiscal_start, 1)
