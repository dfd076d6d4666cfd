"""How far back a comparison looks: by periods where the query is grouped by time, else by its range."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from app.errors import Problem, UserError
from app.model.expr import Expr, Field
from app.model.metrics import Window
from app.model.periods import add_months, first_day, last_day, moved
from app.model.query import GroupBy, TimeRange
from app.model.shapes import MOST_PERIODS, Compared
from app.model.types import DataType, Grain
from app.plan.leaves import Leaf, is_time
from app.plan.ranges import time_filter
from app.plan.shapes.problems import needs_time, no_meaning
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

MOST_BACK = {"year": 500, "quarter": 2_000, "month": 6_000, "week": 26_000, "day": 180_000}
"""How far back there may be dates: engines fail, or go round, beyond."""
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_SECONDS = {Grain.HOUR: 3_600, Grain.MINUTE: 60}
_WEEKS = {Grain.WEEK: 1, Grain.MONTH: 4, Grain.QUARTER: 13, Grain.YEAR: 52}


def time_keys(metric: str, keys: Sequence[GroupBy], graph: JoinGraph) -> tuple[GroupBy, ...]:
    """The group-by items that are the time of each measure on which a metric stands."""
    leaves = []
    for given in graph.grouped_inputs(metric):
        time = graph.agg_time(given.semantic_model, given.measure)
        leaves.append(Leaf(given.semantic_model, time.name if time is not None else ""))
    return tuple(key for key in keys if all(is_time(key.name, key.path, leaf, graph) for leaf in leaves))


def finest(keys: Sequence[GroupBy], calendars: Collection[str]) -> GroupBy:
    """The item of the finest grain, a custom one before the standard ones; of those there is one at least."""
    return min(keys, key=lambda key: (key.grain not in calendars, -1 if key.grain in calendars else Grain(key.grain).order))


def by_period(shape: Compared, keys: Sequence[GroupBy], graph: JoinGraph) -> Window:
    """The window between a period and the one it is compared with. Raises UserError DM3132 where no period lies there, DM3006 for an unknown grain."""
    if any(key.date_part for key in keys):
        raise no_meaning("parts of dates have no period before them", "group by a grain of time, or compare a range without one")
    calendars = graph.custom_grains
    key = finest(keys, calendars)
    back = _known(shape.back, graph) or Window(1, key.grain)
    if key.grain in calendars or back.grain in calendars:
        if back.grain != key.grain or shape.same_weekday:
            raise no_meaning(f"periods by {key.grain} are compared with those some {key.grain}s before, not {_say(back)}")
        return back
    if shape.same_weekday:
        back = _weeks(back)
    grain, unit = Grain(key.grain), Grain(back.grain)
    days = back.count * {Grain.DAY: 1, Grain.WEEK: 7}.get(unit, 0)
    if grain is Grain.WEEK and unit in _MONTHS:
        raise no_meaning(f"no whole weeks lie {_say(back)} back", f"{_weeks(back).count} weeks, or `same weekday`")
    months = back.count * _MONTHS.get(unit, 0)
    whole = months % _MONTHS[grain] == 0 if months and grain in _MONTHS else grain is Grain.WEEK and days and days % 7 == 0
    if unit.order < grain.order and not whole:
        raise no_meaning(f"a {grain} has no {grain} that begins {_say(back)} before it", f"compare by {grain}s or longer periods")
    return back


def by_range(shape: Compared, time: TimeRange | None, graph: JoinGraph) -> Window:
    """The window between the range and the one it is compared with. Raises UserError DM3133 without a range, DM3132 for a custom granularity."""
    if time is None or not time.bounded:
        raise needs_time("a comparison needs a time", "group by `metric_time__month`, say, or give the query a range")
    back = _known(shape.back, graph) or _length(time)
    if back.grain in graph.custom_grains:
        raise no_meaning(f"a range is not moved by {back.grain}s", f"group by `metric_time__{back.grain}`")
    return _weeks(back) if shape.same_weekday else back


def shown_periods(time: TimeRange | None, keys: Sequence[GroupBy], calendars: Collection[str]) -> Expr | None:
    """That `metric_time` lies in one of the periods of a range, by the finest of the items; None without a range, and for calendars of their own, whose
    periods have no order but that of their days."""
    key = finest(keys, calendars)
    if time is None or key.grain in calendars:
        return None
    at, grain = Field(METRIC_TIME, "time_dimension", grain=key.grain), Grain(key.grain)
    if grain.order < Grain.DAY.order:
        return time_filter(at, DataType.TIMESTAMP, time)
    whole = TimeRange(first_day(time.start, grain) if time.start else None, time.end)
    return time_filter(at, DataType.DATE, whole)


def earlier(time: TimeRange | None, back: Sequence[Window]) -> TimeRange | None:
    """The range so much before; whole months stay whole."""
    try:
        for window in back:
            time = _moved(time, window, -1)
    except OverflowError:
        raise no_meaning("dates do not go so far back") from None
    return time


def longer(start: dt.date, time: TimeRange, grain: Grain, periods: int) -> TimeRange:
    """The range, begun at the start of the period that lies so many periods before the one in which its `start` does."""
    if grain.order < Grain.DAY.order:
        days = -(-periods * _SECONDS.get(grain, 1) // 86_400)
        return TimeRange(start - dt.timedelta(days=days), time.end, time.phrase, None, time.end_clock)
    try:
        begun = moved(first_day(start, grain), grain, -periods)
    except OverflowError:
        begun = None
    return TimeRange(begun, time.end, time.phrase, None, time.end_clock)


def known_window(window: Window, graph: JoinGraph) -> Window:
    """The window by a grain that there is. Raises UserError DM3006 for another, DM3132 for a count that leads nowhere."""
    found = _known(window, graph)
    return found if found is not None else window


def known_grain(grain: str, graph: JoinGraph) -> str:
    """A grain that there is, a custom one too. Raises UserError DM3006."""
    return known_window(Window(1, grain), graph).grain if grain else ""


def _known(back: Window | None, graph: JoinGraph) -> Window | None:
    """The window by a grain that there is. Raises UserError DM3006, DM3132 where it leads nowhere."""
    if back is None:
        return None
    if not 0 < back.count <= MOST_BACK.get(back.grain, MOST_PERIODS):
        raise no_meaning(f"{_say(back)} back there are no dates", f"at most {MOST_BACK.get(back.grain, MOST_PERIODS)} {back.grain}s")
    for grain in (back.grain, f"{back.grain}s"):  # a custom granularity's own name may end in s
        if grain in graph.custom_grains:
            return Window(back.count, grain)
    if back.grain not in set(Grain):
        known = ", ".join((*Grain, *graph.custom_grains))
        raise UserError(Problem("DM3006", f"`{back.grain}` is no grain", hint=f"grains: {known}"))
    return back


def _weeks(back: Window) -> Window:
    """The whole weeks nearest to a window."""
    unit = Grain(back.grain)
    if unit in _WEEKS:
        return Window(back.count * _WEEKS[unit], Grain.WEEK.value)
    if unit is not Grain.DAY:
        raise no_meaning(f"{_say(back)} back is no question of weekdays")
    return Window(max(1, round(back.count / 7)), Grain.WEEK.value)


def _length(time: TimeRange) -> Window:
    """How long a range is: whole months where it is made of them, else days."""
    if time.start is None or time.end is None:
        raise needs_time("a range that is open has no range of its length before it", "say how far back: `1 year`")
    if time.start_clock is not None or time.end_clock is not None:
        begin = dt.datetime.combine(time.start, time.start_clock or dt.time.min)
        length = dt.datetime.combine(time.end, time.end_clock or dt.time.max) - begin
        days = round(length / dt.timedelta(days=1))
        if not days or abs(length - dt.timedelta(days=days)) > dt.timedelta(minutes=1):
            raise needs_time("a range of some hours has no range of whole days before it", "say how far back: `1 day`")
        return Window(days, Grain.DAY.value)
    if time.start.day == 1 and time.end == last_day(time.end, Grain.MONTH):
        return Window((time.end.year - time.start.year) * 12 + time.end.month - time.start.month + 1, Grain.MONTH.value)
    return Window((time.end - time.start).days + 1, Grain.DAY.value)


def _moved(time: TimeRange | None, window: Window, sign: int) -> TimeRange | None:
    if time is None:
        return None
    if window.grain not in set(Grain):
        raise no_meaning(f"a range is not moved by {window.grain}s", f"group by `metric_time__{window.grain}`")
    grain, count = Grain(window.grain), sign * window.count
    if grain in _MONTHS:
        months = count * _MONTHS[grain]
        start = add_months(time.start, months) if time.start else None
        end = add_months(time.end, months) if time.end else None
        if time.end and end and (time.start is None or time.start.day == 1) and time.end == last_day(time.end, Grain.MONTH):
            end = last_day(end, Grain.MONTH)
        return TimeRange(start, end, time.phrase, time.start_clock, time.end_clock)
    if grain in (Grain.DAY, Grain.WEEK):
        days = dt.timedelta(days=count * (7 if grain is Grain.WEEK else 1))
        return TimeRange(
            time.start + days if time.start else None, time.end + days if time.end else None, time.phrase, time.start_clock, time.end_clock
        )
    raise no_meaning(f"a range is moved by whole days, not {grain}s", f"group by `metric_time__{grain}`")


def _say(back: Window) -> str:
    return f"{back.count} {back.grain}{'s' if back.count != 1 else ''}"
