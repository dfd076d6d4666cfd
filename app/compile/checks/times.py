"""Metrics that need a time dimension that is not there, or a time spine."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.checks.ground import Ground, Key, key_of
from app.compile.checks.spines import check_spines
from app.compile.checks.written import measures_written, metrics_written
from app.compile.report import Place, Report
from app.model.metrics import Conversion, Cumulative, Metric


def check_times(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether the metric has the times it needs: DM2416 no time spine that is fine enough, DM2417 a measure without a time dimension."""
    good = True
    for why, keys, at in _needs(metric, ground, place):
        timeless = next((key for key in keys if ground.time(key) is None), None)
        if timeless is not None:
            report.error(
                "DM2417",
                f"metric `{metric.name}` is left out: {why}, and the measure `{timeless[1]}` of `{timeless[0]}` has no time dimension",
                at,
                "set `agg_time_dimension` on the measure, or `defaults.agg_time_dimension` on its semantic model",
            )
            good = False
    return check_spines(metric, ground, place, report) and good


def _needs(metric: Metric, ground: Ground, place: Place) -> Iterator[tuple[str, tuple[Key, ...], Place]]:
    """Why a time is needed, of which measures, and where that is written."""
    for path, measure in measures_written(metric.params):
        match metric.params:
            case Cumulative():
                yield "it is cumulative", (key_of(measure),), place.at(path)
            case Conversion():
                yield "conversions follow base events in time", (key_of(measure),), place.at(path)
            case _ if measure.join_to_timespine:
                yield "it joins to the time spine", (key_of(measure),), place.at("type_params")
    for path, given in metrics_written(metric.params):
        if given.offset_window is not None or given.offset_to_grain:
            key = "offset_window" if given.offset_window is not None else "offset_to_grain"
            yield f"its input `{given.metric}` has an offset", ground.below(given.metric), place.at(f"{path}/{key}")
