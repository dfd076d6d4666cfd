"""A timeline: the periods at which a metric is looked at, where those are not the times of its own rows.

Offsets and cumulative metrics are defined by it (dbt: "joined to the time spine"): for each period of the clock, the rows that count are those
whose time is the `moment` to which offsets lead from there, or which lie in a span that ends at it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.model.expr import Binary, Column, Expr, Literal, Shift, Truncate
from app.model.metrics import Window
from app.model.plan import JoinKind
from app.model.types import DataType, Grain
from app.plan.scans import Scans
from app.plan.spines import Calendar, calendar, custom_periods, periods, spine_for
from app.sql.clock import base_grain


@dataclass(frozen=True, slots=True)
class Offset:
    """dbt's `offset_window` (the same metric a while ago) or `offset_to_grain` (the same metric at the start of the period)."""

    window: Window | None = None
    to_grain: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """How a cumulative metric accumulates: over a window, since the start of a grain, or over all time where neither is given."""

    window: Window | None = None
    grain_to_date: str = ""


@dataclass(frozen=True, slots=True)
class Ends:
    """A step with the last moment of each period that is asked for, and its column."""

    step: str
    column: str


class Timeline:
    """Opened in the scans of a step before its own rows are joined.

    `clock` is the period's start. `unit` is the grain of the clock, a standard one or, for offsets by whole periods of it, a custom one. With `ends` only
    these moments are looked at.
    """

    def __init__(self, scans: Scans, unit: str, ends: Ends | None = None) -> None:
        self._scans, self.unit = scans, unit
        graph = scans.draft.graph
        self.grain = base_grain(unit, graph.custom_grains)
        self.clock: Column
        self._period: Column | None = None
        self.alias = ""
        """Of the step that is read, "" where a time spine itself is."""
        if ends is not None:
            self.alias = scans.step(ends.step, "periods")
            self.clock = scans.column(self.alias, ends.column)
        elif unit in graph.custom_grains:
            step, days = custom_periods(scans.draft, unit)
            self.alias = scans.step(step)
            self._period = self.clock = scans.column(self.alias, days.period)
        else:
            spine = spine_for(graph, self.grain)
            if spine.grain is self.grain:
                self.clock = scans.column(scans.model(spine.model, spine.model.rpartition(".")[2]), spine.column)
            else:
                step, name = periods(scans.draft, self.grain)
                self.clock = scans.column(scans.step(step), name)
        self.moment: Expr = self.clock

    def period(self, grain: str) -> Column | None:
        """The clock's own period, where `grain` is the custom granularity that it counts by."""
        return self._period if grain == self.unit else None

    def move(self, offset: Offset) -> None:
        """Look from the present moment to where the offset leads."""
        if offset.window is not None:
            self.moment = self._back(self.moment, offset.window)
        elif offset.to_grain:
            self.moment = self._start(self.moment, offset.to_grain)

    def reaches(self, time: Expr) -> tuple[Expr, ...]:
        """What holds for rows whose time is the moment."""
        return (Binary("=", self.moment, Truncate(time, self.grain)),)

    def spans(self, time: Expr, span: Span, *, cut: bool = False) -> tuple[Expr, ...]:
        """What holds for rows whose time lies in the span that ends with the moment; a window leaves out the moment at which it begins.

        `cut` says that the time is one of the timeline's grain already.
        """
        at = time if cut else Truncate(time, self.grain)
        upto = Binary("<=", at, self.moment)
        if span.window is not None:
            return (upto, Binary(">", at, self._back(self.moment, span.window)))
        if span.grain_to_date:
            return (upto, Binary(">=", at, self._start(self.moment, span.grain_to_date)))
        return (upto,)

    def _back(self, moment: Expr, window: Window) -> Expr:
        """A window before a moment. A custom granularity leads to the same place of an earlier period, or nowhere if that one is shorter."""
        if window.grain not in self._scans.draft.graph.custom_grains:
            return Shift(moment, -window.count, Grain(window.grain))
        earlier, days = Literal(window.count, DataType.INTEGER), calendar(self._scans.draft, window.grain)
        if self._period is not None and moment == self.clock:
            then, number = self._open(days), self._scans.column(self.alias, days.number)
            self._inner(then, Binary("=", self._scans.column(then, days.number), Binary("-", number, earlier)))
            return self._scans.column(then, days.day)
        here, then = self._here(moment, days, window.grain), self._open(days)
        before = Binary("=", self._scans.column(then, days.number), Binary("-", self._scans.column(here, days.number), earlier))
        self._inner(then, before, Binary("=", self._scans.column(then, days.place), self._scans.column(here, days.place)))
        return self._scans.column(then, days.day)

    def _start(self, moment: Expr, grain: str) -> Expr:
        """The start of the period in which a moment lies."""
        if grain not in self._scans.draft.graph.custom_grains:
            return Truncate(moment, Grain(grain))
        days = calendar(self._scans.draft, grain)
        here, then = self._here(moment, days, grain), self._open(days)
        same = Binary("=", self._scans.column(then, days.number), self._scans.column(here, days.number))
        self._inner(then, same, Binary("=", self._scans.column(then, days.place), Literal(1, DataType.INTEGER)))
        return self._scans.column(then, days.day)

    def _here(self, moment: Expr, days: Calendar, grain: str) -> str:
        """The calendar's row of a moment; the alias."""
        here = self._open(days)
        cut = Truncate(moment, base_grain(grain, self._scans.draft.graph.custom_grains))
        self._inner(here, Binary("=", self._scans.column(here, days.day), cut))
        return here

    def _open(self, days: Calendar) -> str:
        """The calendar of a custom granularity, opened; the alias."""
        return self._scans.step(days.step, "calendar")

    def _inner(self, alias: str, *on: Expr) -> None:
        """Join the calendar; what it does not have is not looked at."""
        self._scans.join(alias, on, JoinKind.INNER)
