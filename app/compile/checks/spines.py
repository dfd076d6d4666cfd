"""Metrics that are looked at along a time spine, where there is none or none with rows as fine as they need.

Cumulative metrics, offsets and `join_to_timespine` are joined to a time spine (docs/dbt-versions.md). How fine it must be at the least is the grain
at which the coarsest question about the metric is answered; a finer question that the spines do not allow is refused when it is asked (DM3010).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.compile.checks.ground import Ground, Times
from app.compile.report import Place, Report
from app.model.metrics import Conversion, Cumulative, Derived, Metric, MetricInput, Ratio, Simple
from app.model.types import Grain

_WHOLE = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)
"""Offsets by these go from one period to another where nothing finer is asked for: they need no days."""
_JOINED = "join_to_timespine"


def check_spines(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether there is a time spine for all that the metric needs one for; the first thing without is reported (DM2416)."""
    finest = ground.finest_spine()
    for what, needed, at in _needs(metric, ground, place):
        if finest is None:
            message = f"metric `{metric.name}` is left out: {what}, and the project has no time spine"
            report.error("DM2416", message, _written(at, report), f"declare `time_spine` on a model with one row per {needed or Grain.DAY}")
            return False
        if needed is not None and finest.order > needed.order:
            message = f"metric `{metric.name}` is left out: {what} and needs a time spine by {needed}, and the finest has rows by {finest}"
            report.error("DM2416", message, _written(at, report), f"declare a time spine by {needed}")
            return False
    return True


def _needs(metric: Metric, ground: Ground, place: Place) -> Iterator[tuple[str, Grain | None, Place]]:
    """What needs a time spine, how fine it must be (None: any will do), and where that is written."""
    at = place.at("type_params")
    match metric.params:
        case Cumulative(window=window, grain_to_date=to_date):
            counted = ground.standard(window.grain if window else to_date)
            yield "it is cumulative", _clock(ground.times(metric), counted), at
            if window is not None:
                yield f"its window is counted in {window.grain}s", counted, at.at("cumulative_type_params/window")
        case Simple(input=given) if given.join_to_timespine:
            yield "it joins to the time spine", None, at.at(_JOINED)
        case Conversion(base=base, conversion=conversion):
            for side, written in ((base, "base_measure"), (conversion, "conversion_measure")):
                if side.join_to_timespine:
                    yield "it joins to the time spine", None, at.at(f"conversion_type_params/{written}/join_to_timespine")
        case Ratio(numerator=numerator, denominator=denominator):
            yield from _offset(numerator, ground, at.at("numerator"))
            yield from _offset(denominator, ground, at.at("denominator"))
        case Derived(inputs=inputs):
            for number, given_metric in enumerate(inputs):
                yield from _offset(given_metric, ground, at.at(f"metrics/{number}"))


def _written(place: Place, report: Report) -> Place:
    """The place in YAML: what dbt ≥ 1.12 has on a simple metric itself stood on its measure before."""
    older = Place(place.key, place.file, f"type_params/measure/{_JOINED}")
    return older if place.path == f"type_params/{_JOINED}" and report.locations.holds(older.key, older.file, older.path) else place


def _offset(given: MetricInput, ground: Ground, place: Place) -> Iterator[tuple[str, Grain | None, Place]]:
    """What an input's offset needs: periods as fine as it counts, and where these are no whole months, those of the metric."""
    window, to_grain = given.offset_window, given.offset_to_grain
    grain = window.grain if window is not None else to_grain
    if not grain:
        return
    counted, at = ground.standard(grain), place.at("offset_window" if window is not None else "offset_to_grain")
    if window is not None:
        yield f"its input `{given.metric}` has an offset by {grain}s", counted, at
    else:
        yield f"its input `{given.metric}` has an offset to the start of the {grain}", counted, at
    if counted is not None and counted not in _WHOLE and grain == counted.value:
        yield f"its input `{given.metric}` has an offset", _clock(ground.times_below(given.metric), counted), at


def _clock(times: Iterable[Times], counted: Grain | None) -> Grain | None:
    """The grain by which metrics of these times are looked at, at the coarsest: their default or what is counted, and no finer than their times."""
    clocks = [max(min(default, counted or default, key=_order), kept, key=_order) for default, kept in times]
    return min(clocks, key=_order, default=None)


def _order(grain: Grain) -> int:
    return grain.order
