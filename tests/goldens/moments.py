"""The time spine as the oracle sees it: the moments at which a metric is looked at, and where offsets and windows lead from there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from app.model import expr as x
from app.model.metrics import Window
from app.model.query import GroupBy
from app.model.types import Grain
from tests.goldens.evaluate import moment, shifted, start
from tests.goldens.names import Names


class Offset(NamedTuple):
    """An input's `offset_window` or `offset_to_grain`."""

    window: Window | None
    to_grain: str


class Span(NamedTuple):
    """What a cumulative metric adds up."""

    window: Window | None
    to_grain: str


class Clock(NamedTuple):
    """A moment at which a metric is looked at: the start of a period of the timeline, and where its offsets lead (None: nowhere)."""

    now: dt.datetime
    then: dt.datetime | None
    period: str = ""
    """The custom period, where whole ones are counted."""
    then_period: str = ""


class Moments:
    """The time spines of an ontology, with their calendars."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._spines = sorted(names.ontology.time_spines, key=lambda spine: spine.grain.order)

    def of(self, unit: str) -> list[dt.datetime]:
        """The starts of the periods of a grain, in order."""
        if unit in self._names.custom:
            return [days[0] for days in self._calendar(unit).values()]
        spine = [s for s in self._spines if s.grain.order <= Grain(unit).order][-1]
        return sorted({start(moment(row[spine.column]), unit) for row in self._names.rows[spine.model]})

    def clocks(self, unit: str, offsets: Iterable[Offset]) -> Iterator[Clock]:
        """Every period of the timeline, with the moment to which the offsets lead."""
        offsets = list(offsets)
        if unit in self._names.custom:
            names = list(self._calendar(unit))
            for number, (name, days) in enumerate(self._calendar(unit).items()):
                back = number - sum(o.window.count for o in offsets if o.window is not None)
                if back >= 0:
                    yield Clock(days[0], self._calendar(unit)[names[back]][0], name, names[back])
            return
        for now in self.of(unit):
            then: dt.datetime | None = now
            for offset in offsets:
                then = self.back(then, offset.window) if offset.window is not None else self.begin(then, offset.to_grain)
            yield Clock(now, then)

    def days_of_periods(self, whole: str, unit: str, offsets: Iterable[Offset]) -> Iterator[Clock]:
        """Every period of the grain `whole`, with each moment by `unit` of the period to which the offsets lead."""
        moments = self.of(unit)
        for now in self.of(whole):
            then: dt.datetime | None = now
            for offset in offsets:
                then = self.back(then, offset.window) if offset.window is not None else then
            yield from (Clock(now, at) for at in moments if start(at, whole) == then)

    def back(self, then: dt.datetime | None, window: Window) -> dt.datetime | None:
        """A window before a moment; of a custom period the same day of an earlier one, if that is long enough."""
        if then is None or window.grain not in self._names.custom:
            return then and shifted(then, -window.count, window.grain)
        periods = list(self._calendar(window.grain).values())
        day = moment(then.date())
        at = next((n for n, days in enumerate(periods) if day in days), -1)
        if at - window.count < 0:
            return None
        place, earlier = periods[at].index(day), periods[at - window.count]
        return earlier[place] if place < len(earlier) else None

    def begin(self, then: dt.datetime | None, grain: str) -> dt.datetime | None:
        """The start of the period in which a moment lies."""
        if then is None or grain not in self._names.custom:
            return then and start(then, grain)
        day = moment(then.date())
        return next((days[0] for days in self._calendar(grain).values() if day in days), None)

    def within(self, at: dt.datetime, then: dt.datetime | None, span: Span) -> bool:
        """Whether a time counts at a moment: not later, and not before the window or the period begins."""
        if then is None or at > then:
            return False
        if span.window is not None:
            edge = self.back(then, span.window)
            return edge is not None and at > edge
        if span.to_grain:
            edge = self.begin(then, span.to_grain)
            return edge is not None and at >= edge
        return True

    def base(self, grain: str) -> str:
        """A standard grain itself; of a custom one the grain of its calendar."""
        return self._names.custom[grain].grain.value if grain in self._names.custom else grain

    def unit(self, times: list[GroupBy | x.Field], offsets: tuple[Offset, ...], span: Span | None, default: Grain, kept: Grain) -> str:
        """By which periods the timeline goes (docs/semantics.md, "Which periods are compared").

        Offsets by months, quarters or years, of nothing but months, quarters and years, go from period to period; so do offsets by the custom
        periods that alone are asked for. Everything else is looked at by the metric's own grain, or by what is finer.
        """
        asked = [t.grain for t in times if t.grain]
        windows = [o.window.grain for o in offsets if o.window is not None]
        starts = [o.to_grain for o in offsets if o.window is None]
        if span is None and not any(t.date_part for t in times):
            if not starts and len(set(windows)) == 1 and set(windows) == set(asked) and windows[0] in self._names.custom:
                return windows[0]
            if not any(g in self._names.custom for g in (*asked, *windows, *starts)):
                finest = _finest(asked)
                if all(Grain(s).order >= Grain(finest).order for s in starts):
                    unit = _finest([finest, *windows])
                    if unit in ("month", "quarter", "year"):
                        return unit
        counted = [*windows, *starts]
        if span is not None:
            counted += [span.window.grain if span.window is not None else span.to_grain or default.value]
        parts = ["day" for t in times if t.date_part]
        finest = shared([default.value, *map(self.base, (*asked, *counted)), *parts])
        return finest if Grain(finest).order > kept.order else kept.value

    def _calendar(self, grain: str) -> dict[str, list[dt.datetime]]:
        """The periods of a custom calendar in the order of their first days, each with its days in order."""
        spine = self._names.custom[grain]
        days: dict[str, list[dt.datetime]] = {}
        for row in sorted(self._names.rows[spine.model], key=lambda row: row[spine.column]):
            days.setdefault(row[grain], []).append(moment(row[spine.column]))
        return days


def shared(grains: list[str]) -> str:
    """The longest grain whose periods lie within one period of each: the finest, or days where weeks meet months."""
    months = set(grains) & {"month", "quarter", "year"}
    return "day" if _finest(grains) == "week" and months else _finest(grains)


def _finest(grains: list[Any]) -> str:
    return min(grains, key=lambda g: Grain(g).order)
