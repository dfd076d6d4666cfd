"""Grains that a metric speaks of: unknown ones, and ones finer than its time."""

from __future__ import annotations

from app.compile.checks.ground import Ground, Key
from app.compile.checks.written import metrics_written
from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.metrics import Conversion, Cumulative, Metric, MetricInput, Window
from app.model.types import Grain

_YEARS = 1_000
"""More than any engine's times go back."""
_A_YEAR = {
    Grain.NANOSECOND: 31_536_000_000_000_000,
    Grain.MICROSECOND: 31_536_000_000_000,
    Grain.MILLISECOND: 31_536_000_000,
    Grain.SECOND: 31_536_000,
    Grain.MINUTE: 525_600,
    Grain.HOUR: 8_760,
    Grain.DAY: 365,
    Grain.WEEK: 52,
    Grain.MONTH: 12,
    Grain.QUARTER: 4,
    Grain.YEAR: 1,
}


def check_grains(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether every grain of the metric exists and can be told: DM2414 finer than its time dimension, DM2415 unknown, DM2422 a window of no length or without end."""
    check = _Check(metric, ground, report)
    keys = ground.of(metric)
    good = metric.grain is None or check.told(metric.grain.value, keys, place.at("time_granularity"), "its default granularity")
    match metric.params:
        case Cumulative(window=window, grain_to_date=to_date):
            at = place.at("type_params/cumulative_type_params")
            good = check.counted(window, at.at("window")) and good
            good = check.told(to_date, keys, at.at("grain_to_date"), "its `grain_to_date`") and good
        case Conversion(window=window):
            good = check.counted(window, place.at("type_params/conversion_type_params/window")) and good
    for path, given in metrics_written(metric.params):
        good = check.offsets(given, place.at(path)) and good
    return good


class _Check:
    """The questions, each of which reports what it finds."""

    __slots__ = ("ground", "metric", "report")

    def __init__(self, metric: Metric, ground: Ground, report: Report) -> None:
        self.metric, self.ground, self.report = metric, ground, report

    def offsets(self, given: MetricInput, place: Place) -> bool:
        """Of an input: its window, and the grain to whose start it goes."""
        keys = self.ground.below(given.metric)
        window = self.counted(given.offset_window, place.at("offset_window"))
        return self.told(given.offset_to_grain, keys, place.at("offset_to_grain"), f"`offset_to_grain` of `{given.metric}`") and window

    def counted(self, window: Window | None, place: Place) -> bool:
        """Whether what a window counts exists, and it counts one at least and no more than make a thousand years."""
        if window is None:
            return True
        if not self.known(window.grain or "?", place):
            return False
        grain = self.ground.standard(window.grain) or Grain.DAY
        if 1 <= window.count <= _YEARS * _A_YEAR[grain]:
            return True
        self.report.error(
            "DM2422",
            f"metric `{self.metric.name}` is left out: a window can't be of {window.count} {grain}s",
            place,
            f"1 to {_YEARS * _A_YEAR[grain]:,} {grain}s",
        )
        return False

    def known(self, grain: str, place: Place) -> bool:
        """Whether the grain exists; "" is none."""
        if not grain or self.ground.standard(grain) is not None:
            return True
        hint = did_you_mean(grain, self.ground.grains()) or "one of " + ", ".join(Grain) + ", or a custom granularity of a time spine"
        self.report.error("DM2415", f"metric `{self.metric.name}` is left out: there is no grain `{grain}`", place, hint)
        return False

    def told(self, grain: str, keys: tuple[Key, ...], place: Place, what: str) -> bool:
        """Whether the grain exists and is no finer than the times of the measures."""
        if not self.known(grain, place):
            return False
        wanted, coarsest = self.ground.standard(grain), self.ground.coarsest(keys)
        if wanted is None or coarsest is None or wanted.order >= coarsest.order:
            return True
        self.report.error(*finer(self.metric.name, f"{what} is {grain}", coarsest, place))
        return False


def finer(metric: str, what: str, coarsest: Grain, place: Place) -> tuple[str, str, Place, str]:
    """What to report (DM2414) where a grain is finer than the time dimension that it is asked of."""
    message = f"metric `{metric}` is left out: {what}, and its time dimension is known by {coarsest} only"
    return "DM2414", message, place, f"take {coarsest} or coarser"
