"""Metrics on the clock of a time spine (offsets, windows, to date, of all time): what a question in words means that says little of time.

By time they have values for days to come as well, as far as the time spine goes: of those nothing is shown. Most of them have a value only by
time; where a question names none to group by, this is taken to be meant, and the restatement shows it:

- A metric over a window or to date is a figure of a day: that of the last day of the period asked for, of yesterday where no period is or the
  period goes on (the last day that is complete, as for "the last 28 days"). So is what was at the start of a period.
- A metric that compares with a while ago is one of whole periods: the period asked for is cut into the coarsest ones that fill it and are no longer
  than the while, and what has not ended is left out: a month of which half is to come is compared with no whole one. Without a period it is
  the last one that is complete.
  Periods are dbt's, whose weeks begin on Monday: of a week that begins on another day, as the settings may have it, the days are compared.
- Beside metrics that need no time, a figure of a day is shown by day, for the others mean the whole period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.model.metrics import Cumulative, MeasureInput, Metric, MetricInput, Window, measure_inputs, metric_inputs
from app.model.ontology import Ontology
from app.model.periods import first_day
from app.model.query import TimeRange
from app.model.semantics import Dimension
from app.model.types import Grain
from app.sql.clock import kept_grain

_PERIODS = (Grain.YEAR, Grain.QUARTER, Grain.MONTH, Grain.WEEK, Grain.DAY)


@dataclass(frozen=True, slots=True)
class Timing:
    """How a metric is looked at by time: a figure of a day (`daily`) kept by `grain`, else a comparison over a while of that grain.

    `times` are the dimensions besides `metric_time` by which it is grouped by time, as dunder names; `needed` says that it has no value without.
    """

    grain: Grain
    daily: bool
    times: frozenset[str] = frozenset()
    needed: bool = True


def timing(metric: Metric, ontology: Ontology) -> Timing | None:
    """The metric's timing, None where it stands on its own rows' times alone."""
    return _timing(metric, ontology, frozenset())


def looks_at_time(metric: Metric, others: Sequence[Metric], ontology: Ontology) -> tuple[Metric, ...]:
    """Those of the others that look at time (accumulate, or compare with a while ago) and stand on nothing else than the metric does."""
    ground = set(_ground(metric, ontology))
    found = (one for one in others if one.name != metric.name and _timing(one, ontology, frozenset()) is not None)
    return tuple(one for one in found if ground and set(_ground(one, ontology)) == ground)


def by_now(span: TimeRange | None, today: dt.date) -> TimeRange:
    """The range without days to come, or the whole of one that lies in the future."""
    if span is not None and span.start is not None and span.start > today:
        return span
    return TimeRange(span.start if span is not None else None, last_day(span, today), span.phrase if span is not None else "")


def is_single(grain: Grain, span: TimeRange | None) -> bool:
    """Whether the range is one period of the grain."""
    if span is None or span.start is None or span.end is None or span.end == dt.date.max:
        return False
    return first_day(span.start, grain) == first_day(span.end, grain)


def looked_at(timings: Sequence[Timing], mixed: bool, span: TimeRange | None, today: dt.date) -> tuple[Grain, TimeRange | None]:
    """The grain of `metric_time` to group by and the period to ask for; `mixed` says that other metrics are asked for too."""
    daily = [one for one in timings if one.daily]
    if not daily:
        return _compared(min((one.grain for one in timings), key=lambda grain: grain.order), span, today)
    grain = max((one.grain for one in daily), key=lambda grain: grain.order)
    if mixed or len(daily) < len(timings):
        return grain, by_now(span, today)
    day = last_day(span, today)
    return grain, TimeRange(day, day, span.phrase if span is not None else "")


def last_day(span: TimeRange | None, today: dt.date) -> dt.date:
    """The last complete day of the period, today where the period begins with it, else the period's own last one."""
    yesterday = today - dt.timedelta(days=1)
    start, end = (span.start, span.end) if span is not None else (None, None)
    last = yesterday if end is None or end > yesterday else end
    if start is not None and start > last:
        return today if start <= today else start
    return last


def _compared(unit: Grain, span: TimeRange | None, today: dt.date) -> tuple[Grain, TimeRange | None]:
    """The coarsest periods that fill what was asked for, and the range of those that have ended."""
    if unit.order < Grain.DAY.order:
        return unit, span
    if span is None or not span.bounded:
        start, end = first_day(today, unit, periods_later=-1), first_day(today, unit) - dt.timedelta(days=1)
        return unit, TimeRange(start, end)
    if span.start is None:
        return unit, span
    after = min(span.end + dt.timedelta(days=1), today) if span.end is not None and span.end < dt.date.max else today
    for grain in _PERIODS:
        if grain.order <= unit.order and first_day(span.start, grain) == span.start and first_day(after, grain) > span.start:
            return grain, TimeRange(span.start, first_day(after, grain) - dt.timedelta(days=1), span.phrase)
    return Grain.DAY, span


def _timing(metric: Metric, ontology: Ontology, above: frozenset[str]) -> Timing | None:
    params = metric.params
    if isinstance(params, Cumulative):
        needed = params.window is not None or bool(params.grain_to_date)
        return Timing(_kept([params.input], ontology), daily=True, times=_times([params.input], ontology), needed=needed)
    return _of_inputs(metric_inputs(params), ontology, above | {metric.name})


def _of_inputs(inputs: Collection[MetricInput], ontology: Ontology, above: frozenset[str]) -> Timing | None:
    """What the inputs make of a metric: one figure of a day makes it one, else the shortest while counts."""
    found: list[Timing] = []
    for given in inputs:
        metric = ontology.metric(given.metric)
        if metric is None or metric.name in above:
            continue
        below = _timing(metric, ontology, above)
        found += [below] if below is not None else []
        if given.offset_window is not None or given.offset_to_grain:
            measures = _measures(metric, ontology, above)
            kept, unit = _kept(measures, ontology), _unit(given.offset_window)
            grain = kept if unit is None else max(unit, kept, key=lambda one: one.order)
            found.append(Timing(grain, daily=unit is None, times=_times(measures, ontology)))
    if not found:
        return None
    needed = [one for one in found if one.needed]
    daily = [one for one in needed or found if one.daily]
    times = frozenset.intersection(*(one.times for one in found))
    if daily:
        return Timing(max((one.grain for one in daily), key=lambda grain: grain.order), daily=True, times=times, needed=bool(needed))
    return Timing(min((one.grain for one in needed), key=lambda grain: grain.order), daily=False, times=times)


def _unit(window: Window | None) -> Grain | None:
    """The grain by which an offset counts; None for the start of a period and for custom granularities, which are a matter of days."""
    return Grain(window.grain) if window is not None and window.grain in set(Grain) else None


def _measures(metric: Metric, ontology: Ontology, above: frozenset[str]) -> list[MeasureInput]:
    """The measures at the bottom of a metric."""
    below = above | {metric.name}
    metrics = (ontology.metric(given.metric) for given in metric_inputs(metric.params) if given.metric not in below)
    found = [given for one in metrics if one is not None for given in _measures(one, ontology, below)]
    return [*measure_inputs(metric.params), *found]


def _ground(metric: Metric, ontology: Ontology) -> list[tuple[str, str]]:
    """The measures at the bottom of a metric, by model and name."""
    return [(given.semantic_model, given.measure) for given in _measures(metric, ontology, frozenset())]


def _kept(measures: Sequence[MeasureInput], ontology: Ontology) -> Grain:
    """The coarsest grain by which the measures' times are kept, a day at least."""
    return kept_grain(found[1] for found in (_time(given, ontology) for given in measures) if found)


def _times(measures: Sequence[MeasureInput], ontology: Ontology) -> frozenset[str]:
    """The dunder names of time dimensions that are the time of all the measures."""
    names = [frozenset({found[0]} if found else ()) for found in (_time(given, ontology) for given in measures)]
    return frozenset.intersection(*names) if names else frozenset()


def _time(given: MeasureInput, ontology: Ontology) -> tuple[str, Dimension] | None:
    """The time dimension of a measure under its dunder name."""
    model = ontology.semantic_model(given.semantic_model)
    measure = model.measure(given.measure) if model is not None else None
    if model is None or measure is None:
        return None
    name = model.time_of(measure)
    dimension = next((one for one in model.dimensions if one.name == name), None)
    return (model.dunder(name), dimension) if dimension is not None else None
