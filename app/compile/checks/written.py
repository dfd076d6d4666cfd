"""Where a metric's inputs are written in YAML."""

from __future__ import annotations

from collections.abc import Iterator

from app.model.metrics import Conversion, Derived, MeasureInput, MetricInput, MetricParams, measure_inputs, metric_inputs

_CONVERSION = ("type_params/conversion_type_params/base_measure", "type_params/conversion_type_params/conversion_measure")
_RATIO = ("type_params/numerator", "type_params/denominator")


def measures_written(params: MetricParams) -> Iterator[tuple[str, MeasureInput]]:
    """The path of each measure input, and the input."""
    paths = _CONVERSION if isinstance(params, Conversion) else ("type_params/measure",)
    yield from zip(paths, measure_inputs(params), strict=False)


def metrics_written(params: MetricParams) -> Iterator[tuple[str, MetricInput]]:
    """The path of each metric input, and the input."""
    for number, given in enumerate(metric_inputs(params)):
        yield (f"type_params/metrics/{number}" if isinstance(params, Derived) else _RATIO[number]), given
