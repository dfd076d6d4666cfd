"""The range of `metric_time` that a query covers: whole periods, as MetricFlow has it.

A range is widened to the whole periods of the finest grain at which `metric_time` is asked for, else of the coarsest in which a queried metric is
kept: a month that is shown is a whole month, and a metric kept by month is not cut in the middle of one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.model.query import GroupBy, TimeRange
from app.model.types import Grain
from app.plan.rows import STANDARD_GRAINS
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def widened(time: TimeRange | None, keys: Sequence[GroupBy], metrics: Sequence[str], joins: JoinGraph) -> TimeRange | None:
    """The range in whole periods."""
    if time is None or (time.start is None and time.end is None):
        return None
    asked = [Grain(key.grain) for key in keys if key.name == METRIC_TIME and key.grain in STANDARD_GRAINS]
    if asked:
        grain = min(asked, key=lambda g: g.order)
    else:
        times = (joins.agg_time(given.semantic_model, given.measure) for metric in metrics for given in joins.inputs(metric))
        grain = max((found.grain or Grain.DAY for found in times if found is not None), key=lambda g: g.order, default=Grain.DAY)
    start = first_day(time.start, grain) if time.start else None
    end = first_day(time.end, grain, periods_later=1) - dt.timedelta(days=1) if time.end else None
    return TimeRange(start, end, time.phrase)


def first_day(day: dt.date, grain: Grain, *, periods_later: int = 0) -> dt.date:
    """The first day of the period in which `day` lies, or of one some periods later; of days and finer grains the day itself."""
    if grain.order <= Grain.DAY.order:
        return day + dt.timedelta(days=periods_later)
    if grain is Grain.WEEK:
        return day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=periods_later)
    length = _MONTHS[grain]
    months = (day.year * 12 + day.month - 1) // length * length + periods_later * length
    return dt.date(months // 12, months % 12 + 1, 1)
