"""The range of `metric_time` that a query covers.

The planner takes a range by the day, as it is said: the first month of "the last 90 days by month" holds a part of that month. Two things widen it:

- a metric kept by month is not cut in the middle of one (`widened`);
- MetricFlow's `--start-time` and `--end-time` mean the whole periods of the finest grain at which `metric_time` is asked for (`in_whole_periods`). The doors that
  speak its language write the wider range into the query, so that what is restated is what is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from app.model.query import SemanticQuery, TimeRange
from app.model.types import Grain
from app.plan.grains import settled
from app.plan.rows import STANDARD_GRAINS
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def widened(time: TimeRange | None, metrics: Sequence[str], joins: JoinGraph) -> TimeRange | None:
    """The range in whole periods of the coarsest grain in which one of the metrics is kept; None for no range."""
    if time is None or (time.start is None and time.end is None):
        return None
    times = (joins.agg_time(given.semantic_model, given.measure) for metric in metrics for given in joins.inputs(metric))
    kept = max((found.grain or Grain.DAY for found in times if found is not None), key=lambda g: g.order, default=Grain.DAY)
    return _whole(time, kept)


def in_whole_periods(query: SemanticQuery, joins: JoinGraph) -> SemanticQuery:
    """The query with its range stretched to whole periods of the finest grain of `metric_time` in its group-by. Raises what `settled` raises."""
    if query.time is None or (query.time.start is None and query.time.end is None):
        return query
    keys = settled(query.group_by, query.metrics, joins).values()
    asked = [Grain(key.grain) for key in keys if key.name == METRIC_TIME and key.grain in STANDARD_GRAINS]
    if not asked:
        return query
    return msgspec.structs.replace(query, time=_whole(query.time, min(asked, key=lambda g: g.order)))


def _whole(time: TimeRange, grain: Grain) -> TimeRange:
    """The range from the first day of its first period to the last day of its last."""
    start = first_day(time.start, grain) if time.start else None
    end = _last_day(time.end, grain) if time.end else None
    return TimeRange(start, end, time.phrase)


def _last_day(day: dt.date, grain: Grain) -> dt.date:
    """The last day of the period in which `day` lies; of the last period that dates know, the last date."""
    try:
        return first_day(day, grain, periods_later=1) - dt.timedelta(days=1)
    except (OverflowError, ValueError):
        return dt.date.max


def first_day(day: dt.date, grain: Grain, *, periods_later: int = 0) -> dt.date:
    """The first day of the period in which `day` lies, or of one some periods later; of days and finer grains the day itself."""
    if grain.order <= Grain.DAY.order:
        return day + dt.timedelta(days=periods_later)
    if grain is Grain.WEEK:
        return day - dt.timedelta(days=day.weekday()) + dt.timedelta(weeks=periods_later)
    length = _MONTHS[grain]
    months = (day.year * 12 + day.month - 1) // length * length + periods_later * length
    return dt.date(months // 12, months % 12 + 1, 1)
