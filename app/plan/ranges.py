"""The range of `metric_time` that a query covers.

The planner takes a range by the day, as it is said: the first month of "the last 90 days by month" holds a part of that month. Two things widen it:

- a metric kept by month is not cut in the middle of one (`widened`);
- MetricFlow's `--start-time` and `--end-time` mean the whole periods of the finest grain at which `metric_time` is asked for, or would be by default
  (`in_whole_periods`). The doors that speak its language write the wider range into the query, so that what is restated is what is counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from app.model.expr import Between, Binary, Expr, Literal
from app.model.periods import first_day, last_day
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.types import DataType, Grain
from app.plan.grains import settled
from app.plan.times import STANDARD_GRAINS
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

_LENGTHS = {grain: dt.timedelta(**{f"{grain}s": 1}) for grain in (Grain.HOUR, Grain.MINUTE, Grain.SECOND, Grain.MILLISECOND)}


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
    start = first_moment(time)
    if kind is DataType.DATE and time.start_clock is None and time.end_clock is None:
        end = None if time.end is None or time.end == dt.date.max else Literal(time.end.isoformat(), DataType.DATE)
        if start and end:
            return Between(at, start, end)
        return Binary(">=", at, start) if start else Binary("<=", at, end) if end else None
    after = _after(time)
    return conjunction(Binary(">=", at, start) if start else None, Binary("<", at, after) if after else None)


def first_moment(time: TimeRange) -> Literal | None:
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
    """The query with its range in whole periods of the finest grain of `metric_time` in its group-by, else of its metrics' default grain.

    A custom granularity stands on days. Raises what `settled` raises.
    """
    asked = [item for item in query.group_by if item.name == METRIC_TIME and not item.path and item.date_part is None]
    if query.time is None or not query.time.bounded or not (asked or query.asked_metrics):
        return query
    keys = settled(asked or [GroupBy(METRIC_TIME)], query.asked_metrics, joins).values()
    finest = min((Grain(key.grain) if key.grain in STANDARD_GRAINS else Grain.DAY for key in keys), key=lambda grain: grain.order)
    return msgspec.structs.replace(query, time=_whole(query.time, finest))


def _whole(time: TimeRange, grain: Grain) -> TimeRange:
    """The range from the start of its first period to the end of its last. Of days and longer periods clock times say nothing."""
    if grain.order >= Grain.DAY.order:
        start = first_day(time.start, grain) if time.start else None
        end = last_day(time.end, grain) if time.end else None
        return TimeRange(start, end, time.phrase)
    start_clock = _cut(time.start_clock, grain) if time.start_clock else None
    end_clock = time.end_clock
    if end_clock is not None and grain in _LENGTHS:
        last = dt.datetime.combine(dt.date(2000, 1, 1), _cut(end_clock, grain)) + _LENGTHS[grain] - dt.timedelta(microseconds=1)
        end_clock = last.time()
    return TimeRange(time.start, time.end, time.phrase, start_clock, end_clock)


def _cut(clock: dt.time, grain: Grain) -> dt.time:
    """The start of the hour, minute, second or millisecond; a finer grain leaves it as it is."""
    return dt.time.fromisoformat(clock.isoformat(f"{grain}s")) if grain in _LENGTHS else clock
