"""A query with one thing changed, and all that hangs on it: a metric's order and calculations, a group's place among the first groups and in the order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from app.language.restate import said_filter
from app.model.metrics import Window
from app.model.periods import add_months, first_day, last_day
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.shapes import Calculation, Compared, MetricValue, Shape, Show, Totals, metric_of
from app.model.types import Grain
from app.sql.calculations import default_name
from app.sql.expressions.walk import fields

_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_UNITS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def with_metric(query: SemanticQuery, old: str, new: str) -> SemanticQuery | None:
    """The query of another metric in the place of one; None where a condition on metrics stands in the way."""
    if any(field.kind == "metric" for field in fields(query.having)) or new in query.asked_metrics:
        return None
    calculations = tuple(_calculated(one, old, new) for one in query.calculations)
    names = {old: new} | {was.name: now.name for was, now in zip(query.calculations, calculations, strict=True)}
    top = msgspec.structs.replace(query.top, by=names.get(query.top.by, query.top.by)) if query.top is not None else None
    return msgspec.structs.replace(
        query,
        metrics=tuple(new if name == old else name for name in query.metrics),
        calculations=calculations,
        order_by=tuple(OrderBy(names.get(one.name, one.name), one.descending) for one in query.order_by),
        top=top,
    )


def without_metric(query: SemanticQuery, name: str) -> SemanticQuery | None:
    """The query without one of several metrics; None where it is the only one, or something else hangs on it."""
    hangs = {metric_of(one.shape) for one in query.calculations} | {field.name for field in fields(query.having)}
    if len(query.metrics) < 2 or name in hangs or (query.top is not None and query.top.by == name):
        return None
    order = tuple(one for one in query.order_by if one.name != name)
    return msgspec.structs.replace(query, metrics=tuple(one for one in query.metrics if one != name), order_by=order)


def with_group(query: SemanticQuery, at: int, item: GroupBy) -> SemanticQuery:
    """The query by another item in the place of one."""
    old = query.group_by[at]
    names = {old.column: item.column}
    return _regrouped(query, (*query.group_by[:at], item, *query.group_by[at + 1 :]), names)


def without_group(query: SemanticQuery, at: int) -> SemanticQuery | None:
    """The query without one of its items; None where nothing would be left to ask for."""
    rest = (*query.group_by[:at], *query.group_by[at + 1 :])
    return _regrouped(query, rest, {query.group_by[at].column: ""}) if rest or query.asked_metrics else None


def split_by(query: SemanticQuery, item: GroupBy) -> SemanticQuery:
    """The query by one more item. What was one number has no order yet: the greatest comes first."""
    order = query.order_by
    if not query.group_by and len(query.metrics) == 1 and item.name != "metric_time":
        order = (OrderBy(query.metrics[0], True),)
    return msgspec.structs.replace(query, group_by=(*query.group_by, item), order_by=order, limit=query.limit if query.group_by else None)


def compared(query: SemanticQuery, back: Window | None) -> SemanticQuery:
    """The query with what each metric was before, the difference and the percentage."""
    shapes = [Compared(MetricValue(name), back, show) for name in query.metrics for show in Show]
    return msgspec.structs.replace(query, calculations=tuple(Calculation(default_name(shape), shape) for shape in shapes))


def bare(query: SemanticQuery) -> SemanticQuery:
    """What the query asks of its metrics and rows, as one number each: that its groups are known is no condition any more."""
    return SemanticQuery(query.asked_metrics, where=said_filter(query), time=query.time, segments=query.segments)


def unit_of(span: TimeRange) -> tuple[Grain, int] | None:
    """The longest unit of the calendar of which a closed range is a whole number: `(month, 1)`, `(quarter, 2)`; days where it is no whole other."""
    if span.start is None or span.end is None or span.start_clock or span.end_clock or span.end == dt.date.max or span.end < span.start:
        return None
    after = span.end + dt.timedelta(days=1)
    for unit, months in sorted(_MONTHS.items(), key=lambda one: -one[1]):
        if first_day(span.start, unit) == span.start and first_day(after, unit) == after:
            return unit, ((after.year - span.start.year) * 12 + after.month - span.start.month) // months
    return Grain.DAY, (after - span.start).days


def before(span: TimeRange, *, running: bool = False) -> tuple[TimeRange, Window] | None:
    """The range before a closed one, of as many whole months, quarters, years or days, and how far back it lies; None where dates do not go so far.

    One that is `running` (it ends today) and began with a month, quarter or year is met by the same days of the one before.
    """
    found = unit_of(span)
    if found is None or span.start is None or span.end is None:
        return None
    unit, count = found
    try:
        if running and unit is Grain.DAY:
            begun = next(
                (one for one in _MONTHS if first_day(span.start, one) == span.start and first_day(span.end, one) == span.start), None
            )
            if begun is not None:
                months = _MONTHS[begun]
                return TimeRange(add_months(span.start, -months), add_months(span.end, -months)), Window(1, begun.value)
        if unit is Grain.DAY:
            days = dt.timedelta(days=count)
            return TimeRange(span.start - days, span.end - days), Window(count, "day")
        start = add_months(span.start, -count * _MONTHS[unit])
        return TimeRange(start, span.start - dt.timedelta(days=1)), Window(count, unit.value)
    except OverflowError:
        return None


def moved_back(span: TimeRange, back: Window) -> TimeRange | None:
    """A closed range some units of the calendar earlier: whole months stay whole. None for a unit of another calendar, or where dates do not go so far."""
    if span.start is None or span.end is None or back.grain not in set(Grain):
        return None
    grain = Grain(back.grain)
    whole = unit_of(span)
    try:
        if grain in _MONTHS:
            months = back.count * _MONTHS[grain]
            end = add_months(span.end, -months)
            if whole is not None and whole[0] in _MONTHS:
                end = last_day(end, Grain.MONTH)
            return TimeRange(add_months(span.start, -months), end)
        days = dt.timedelta(days=back.count * (7 if grain is Grain.WEEK else 1))
        return TimeRange(span.start - days, span.end - days)
    except OverflowError:
        return None


def wider(span: TimeRange) -> list[TimeRange]:
    """The quarter and the year in which a closed range lies, where they are longer."""
    if span.start is None or span.end is None:
        return []
    found = []
    for unit in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
        start = first_day(span.start, unit)
        whole = TimeRange(start, last_day(start, unit))
        if first_day(span.end, unit) == start and (whole.start, whole.end) != (span.start, span.end):
            found.append(whole)
    return found


def grains_of(span: TimeRange | None) -> tuple[Grain, ...]:
    """By which units of time a range makes between two and about a hundred periods, the most telling first."""
    if span is None or span.start is None or span.end is None:
        return (Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.WEEK)
    days = (span.end - span.start).days + 1
    sizes = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 30, Grain.QUARTER: 91, Grain.YEAR: 365}
    found = [unit for unit in _UNITS if 2 <= days / sizes[unit] <= 100]
    return tuple(sorted(found, key=lambda unit: abs(days / sizes[unit] - 12)))


def _calculated(one: Calculation, old: str, new: str) -> Calculation:
    shape = _of(one.shape, old, new)
    return Calculation(default_name(shape) if one.name == default_name(one.shape) else one.name, shape)


def _of(shape: Shape, old: str, new: str) -> Shape:
    if isinstance(shape, MetricValue):
        return MetricValue(new) if shape.name == old else shape
    return msgspec.structs.replace(shape, of=_of(shape.of, old, new))


def _regrouped(query: SemanticQuery, items: tuple[GroupBy, ...], names: Mapping[str, str]) -> SemanticQuery:
    """By these items; what named one that is gone (mapped to "") goes with it."""
    items = tuple(dict.fromkeys(items))
    order = tuple(OrderBy(name, one.descending) for one in query.order_by if (name := names.get(one.name, one.name)))
    top = query.top
    if top is not None:
        of, per = (tuple(name for one in given if (name := names.get(one, one))) for given in (top.of, top.per))
        top = msgspec.structs.replace(top, of=of, per=per) if any(item.name != "metric_time" for item in items) else None
    return msgspec.structs.replace(
        query,
        group_by=items,
        order_by=order if items else (),
        limit=query.limit if items else None,
        top=top,
        totals=query.totals if items else Totals.NONE,
    )
