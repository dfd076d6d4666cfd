"""How far back a comparison looks: by periods where the query is grouped by time, else by its range."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from app.errors import Problem, UserError
from app.model.metrics import Window
from app.model.periods import add_months, first_day, last_day, moved
from app.model.query import GroupBy, TimeRange
from app.model.shapes import Compared
from app.model.types import Grain
from app.plan.leaves import Leaf, is_time
from app.plan.shapes.problems import needs_time, no_meaning
from app.sql.joins import JoinGraph

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
    if unit.order < grain.order and not (grain is Grain.WEEK and days and days % 7 == 0):
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


def earlier(time: TimeRange | None, back: Sequence[Window]) -> TimeRange | None:
    """The range so much before: its last day is the last of a month where it was one, so that whole months stay whole."""
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
    return TimeRange(moved(first_day(start, grain), grain, -periods), time.end, time.phrase, None, time.end_clock)


def _known(back: Window | None, graph: JoinGraph) -> Window | None:
    """The window by a grain that there is. Raises UserError DM3006."""
    if back is None:
        return None
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
    if time.start_clock is None and time.end_clock is None and time.start.day == 1 and time.end == last_day(time.end, Grain.MONTH):
        return Window((time.end.year - time.start.year) * 12 + time.end.month - time.start.month + 1, Grain.MONTH.value)
    return Window((time.end - time.start).days + 1, Grain.DAY.value)


def _moved(time: TimeRange | None, window: Window, sign: int) -> TimeRange | None:
    if time is None:
        return None
    grain, count = Grain(window.grain), sign * window.count
    if grain in _MONTHS:
        months = count * _MONTHS[grain]
        start = add_months(time.start, months) if time.start else None
        end = add_months(time.end, months) if time.end else None
        if time.end and end and time.end == last_day(time.end, Grain.MONTH):
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
