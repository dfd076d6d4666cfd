"""The clock by which a measure is looked at, where that is not the times of its own rows: running totals and offsets go along a time spine.

Its grain is as fine as is asked for or as offsets and windows count, and never coarser than the metric's own default. Offsets by whole months,
quarters or years (or by periods of a custom granularity) go from period to period where nothing finer is asked for: the month before March is all of
February, although no day of February is a month before the 31st. A compile finds out here whether a metric can be asked at all, a plan how.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from app.model.metrics import Metric, MetricInput
from app.model.ontology import TimeSpine
from app.model.semantics import Dimension
from app.model.types import Grain

Calendars = Mapping[str, TimeSpine]
"""Custom granularities, each with its time spine."""

_CALENDAR = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a measure is looked at.

    `default` is the grain of the metric over it, `kept` that of its times; `counted` and `starts` are what its offsets and window count, and to whose
    starts they go, by name, custom granularities too; `filtered` are the grains by which its filters speak of its time. `running` says that it is
    accumulated.
    """

    default: Grain = Grain.DAY
    kept: Grain = Grain.DAY
    running: bool = False
    counted: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()

    @property
    def is_needed(self) -> bool:
        """Whether it is another than the times of the measure's own rows."""
        return self.running or bool(self.counted or self.starts)

    def moved(self, given: MetricInput) -> Clock:
        """The clock under the offset that a metric's input has, itself where it has none."""
        if given.offset_window is not None:
            return replace(self, counted=self.counted | {given.offset_window.grain})
        return replace(self, starts=self.starts | {given.offset_to_grain}) if given.offset_to_grain else self

    def filtered_by(self, grains: Iterable[str]) -> Clock:
        """The clock under filters that speak of its time by these grains, itself where they are none."""
        found = self.filtered.union(grains)
        return replace(self, filtered=found) if found != self.filtered else self


def clock_unit(clock: Clock, asked: Collection[str], calendars: Calendars) -> str:
    """The grain of the clock by its name, where time is asked for by these grains; a date part asks for days."""
    named = {*asked, *clock.filtered}
    if not clock.running:
        whole = _whole_periods(clock, named, calendars)
        if whole:
            return whole
    grains = (base_grain(grain, calendars) for grain in (*named, *clock.counted, *clock.starts))
    return coarsest((shared_grain((clock.default, *grains)), clock.kept)).value


def unit_at_the_coarsest(clocks: Collection[Clock], calendars: Calendars) -> Grain | None:
    """How fine a time spine must be so that a metric over measures of these clocks can be asked at one grain at least; None where any will do."""
    looked = [clock for clock in clocks if clock.is_needed]
    if not looked:
        return None
    kept = coarsest(clock.kept for clock in clocks)
    asked = [name for name in (*Grain, *calendars) if base_grain(name, calendars).order >= kept.order]
    return coarsest(finest(base_grain(clock_unit(clock, (name,), calendars), calendars) for clock in looked) for name in asked)


def default_grain(metric: Metric, times: Iterable[Dimension | None]) -> Grain:
    """A metric's default grain: its own `time_granularity`, else the coarsest of the times of the measures on which it stands, a day at least.

    The defaults of metrics that it is derived from don't count (MetricFlow's rule).
    """
    return metric.grain if metric.grain is not None else kept_grain(times)


def kept_grain(times: Iterable[Dimension | None]) -> Grain:
    """The coarsest grain in which the times are kept, a day at least; a measure without a time says nothing."""
    return coarsest((Grain.DAY, *(time.grain or Grain.DAY for time in times if time is not None)))


def shared_grain(grains: Iterable[Grain]) -> Grain:
    """The coarsest grain whose periods lie within one period of each of the grains: the finest of them, or days where weeks meet months."""
    found = set(grains)
    least = finest(found)
    return Grain.DAY if least is Grain.WEEK and found & set(_CALENDAR) else least


def base_grain(grain: str, calendars: Calendars) -> Grain:
    """A standard grain itself, of a custom one that of its time spine. Raises ValueError for what is neither."""
    spine = calendars.get(grain)
    return spine.grain if spine is not None else Grain(grain)


def finest(grains: Iterable[Grain]) -> Grain:
    """The finest of the grains, of which there is one at least."""
    return min(grains, key=_order)


def coarsest(grains: Iterable[Grain]) -> Grain:
    """The coarsest of the grains, of which there is one at least."""
    return max(grains, key=_order)


def _order(grain: Grain) -> int:
    return grain.order


def _whole_periods(clock: Clock, asked: Collection[str], calendars: Calendars) -> str:
    """The grain by whose periods offsets lead from one to another, "" where days are counted.

    A window may count finer periods than are asked for; what was at the start of a grain is asked by that grain or by one within it, else it is
    a matter of days.
    """
    if not asked:
        return ""
    if not clock.starts and len(clock.counted) == 1 and clock.counted == set(asked) and clock.counted <= calendars.keys():
        return next(iter(clock.counted))
    if any(grain in calendars for grain in (*asked, *clock.counted, *clock.starts)):
        return ""
    least = finest(map(Grain, asked))
    if any(Grain(start).order < least.order for start in clock.starts):
        return ""
    unit = finest((least, *map(Grain, clock.counted)))
    return unit.value if unit in _CALENDAR else ""
