"""Periods as people mean them: weeks that begin on the settings' day, and fiscal years."""

from __future__ import annotations

import datetime as dt

from app.model.moment import Moment
from app.model.periods import first_day
from app.model.types import Grain


def period_start(day: dt.date, grain: Grain, moment: Moment, *, fiscal: bool = False) -> dt.date:
    """The first day of the day, week, month, quarter or year that holds `day`; a fiscal quarter or year starts by `moment.fiscal_start`."""
    return first_day(day, grain, week_start=moment.week_start, year_start=moment.fiscal_start if fiscal else 1)


def fiscal_year_start(year: int, moment: Moment) -> dt.date:
    """The first day of fiscal year `year`, which is named after the calendar year in which it ends."""
    return dt.date(year if moment.fiscal_start == 1 else year - 1, moment.fiscal_start, 1)
