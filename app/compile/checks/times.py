"""Metrics that need a time dimension that is not there, or a time spine."""

from __future__ import annotations

from collections.abc import Iterator

from app.compile.checks.ground import Ground, Key, key_of
from app.compile.checks.spines import check_spines
from app.compile.report import Place, Report
from app.model.metrics import Conversion, Cumulative, Derived, Metric, MetricInput, Ratio, Simple


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
    match metric.params:
        case Simple(input=given) if given.join_to_timespine:
            yield "it joins to the time spine", (key_of(given),), place.at("type_params")
        case Cumulative(input=given):
            yield "it is cumulative", (key_of(given),), place.at("type_params/measure")
        case Conversion(base=base, conversion=conversion):
            at = place.at("type_params/conversion_type_params")
            yield "conversions follow base events in time", (key_of(base),), at.at("base_measure")
            yield "conversions follow base events in time", (key_of(conversion),), at.at("conversion_measure")
        case Ratio(numerator=numerator, denominator=denominator):
            yield from _offset(numerator, ground, place.at("type_params/numerator"))
            yield from _offset(denominator, ground, place.at("type_params/denominator"))
        case Derived(inputs=inputs):
            for number, item in enumerate(inputs):
                yield from _offset(item, ground, place.at(f"type_params/metrics/{number}"))


def _offset(given: MetricInput, ground: Ground, place: Place) -> Iterator[tuple[str, tuple[Key, ...], Place]]:
    if given.offset_window is not None or given.offset_to_grain:
        path = "offset_window" if given.offset_window is not None else "offset_to_grain"
        yield f"its input `{given.metric}` has an offset", ground.below(given.metric), place.at(path)
