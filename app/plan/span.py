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

from app.model.expr import Between, Binary, Expr, Literal
from app.model.query import SemanticQuery, TimeRange
from app.model.types import DataType, Grain
from app.plan.grains import settled
from app.plan.times import STANDARD_GRAINS
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def widened(time: TimeRange | None, metrics: Sequence[str], joins: JoinGraph) -> TimeRange | None:
    """The range in whole periods of the coarsest grain in which one of the metrics is kept; None for no range."""
    if time is None or not time.bounded:
        return None
    times = (joins.agg_time(given.semantic_model, given.measure) for metric in metrics for given in joins.grouped_inputs(metric))
    kept = max((found.grain or Grain.DAY for found in times if found is not None), key=lambda g: g.order, default=Grain.DAY)
    return _whole(time, kept) if kept.order > Grain.DAY.order else time


def time_filter(at: Expr, kind: DataType, time: TimeRange | None) -> Expr | None:
    """The closed range as a condition on a time of a type; a timestamp belongs to the last day until its end."""
    if time is None:
        return None
    start = _begin(time)
    if kind is DataType.DATE and time.start_clock is None and time.end_clock is None:
        end = None if time.end is None or time.end == dt.date.max else Literal(time.end.isoformat(), DataType.DATE)
        if start and end:
            return Between(at, start, end)
        return Binary(">=", at, start) if start else Binary("<=", at, end) if end else None
    after = _after(time)
    return conjunction(Binary(">=", at, start) if start else None, Binary("<", at, after) if after else None)


def _begin(time: TimeRange) -> Literal | None:
    """The first moment of the range."""
    if time.start is None:
        return None
    if time.start_clock is None or time.start_clock == dt.time.min:
        return Literal(time.start.isoformat(), DataType.DATE)
    return Literal(dt.datetime.combine(time.start, time.start_clock).isoformat(" "), DataType.TIMESTAMP)


def _after(time: TimeRange) -> Literal | None:
    """The first moment after the range; None where dates know of no later one."""
    if time.end is None:
        return None
    try:
        if time.end_clock is None:
            return Literal((time.end + dt.timedelta(days=1)).isoformat(), DataType.DATE)
        moment = dt.datetime.combine(time.end, time.end_clock) + dt.timedelta(microseconds=1)
    except OverflowError:
        return None
    if moment.time() == dt.time.min:
        return Literal(moment.date().isoformat(), DataType.DATE)
    return Literal(moment.isoformat(" "), DataType.TIMESTAMP)


def in_whole_periods(query: SemanticQuery, joins: JoinGraph) -> SemanticQuery:
    """The query with its range stretched to whole periods of the finest grain of `metric_time` in its group-by. Raises what `settled` raises."""
    if query.time is None or not query.time.bounded:
        return query
    keys = settled(query.group_by, query.metrics, joins).values()
    asked = [Grain(key.grain) for key in keys if key.name == METRIC_TIME and key.grain in STANDARD_GRAINS]
    if not asked:
        return query
    return msgspec.structs.replace(query, time=_whole(query.time, min(asked, key=lambda g: g.order)))


def _whole(time: TimeRange, grain: Grain) -> TimeRange:
    """The range from the start of its first period to the end of its last."""
    if grain.order >= Grain.DAY.order:
        start = first_day(time.start, grain) if time.start else None
        end = _last_day(time.end, grain) if time.end else None
        return TimeRange(start, end, time.phrase)
    start_clock = _cut(time.start_clock, grain) if time.start_clock else None
    if time.end_clock is None or grain not in _CLOCK:
        return TimeRange(time.start, time.end, time.phrase, start_clock, time.end_clock)
    length = dt.timedelta(**{f"{grain}s": 1})
    last = dt.datetime.combine(dt.date(2000, 1, 1), _cut(time.end_clock, grain)) + length - dt.timedelta(microseconds=1)
    return TimeRange(time.start, time.end, time.phrase, start_clock, last.time())


_CLOCK = (Grain.HOUR, Grain.MINUTE, Grain.SECOND, Grain.MILLISECOND)


def _cut(clock: dt.time, grain: Grain) -> dt.time:
    """The start of the hour, minute, second or millisecond; a finer grain leaves it as it is."""
    spec = {Grain.HOUR: "hours", Grain.MINUTE: "minutes", Grain.SECOND: "seconds", Grain.MILLISECOND: "milliseconds"}.get(grain)
    return dt.time.fromisoformat(clock.isoformat(spec)) if spec else clock


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
