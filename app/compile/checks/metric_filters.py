"""Metrics that filter by metrics (`{{ Metric('orders', ['customer']) }}`): what they filter by must be there, and not stand on them."""

from __future__ import annotations

from collections.abc import Mapping

from app.compile.order import arranged, circle
from app.compile.report import Place, Report
from app.model.metrics import Derived, Metric, Ratio


def without_unserved(
    metrics: Mapping[str, Metric], by: Mapping[str, set[str]], places: Mapping[str, Place], report: Report
) -> Mapping[str, Metric]:
    """The metrics, of which some filter `by` metrics (names in lower case), without those that filter by a metric that was left out (DM2407) or
    by themselves, by way of others (DM2408), and without what stands on those."""
    spelled = {name.lower(): name for name in metrics}
    filtered = {name: {spelled.get(n, n) for n in found} for name, found in by.items() if name in metrics}
    if not filtered:
        return metrics
    inputs = {name: _inputs(metric) | filtered.get(name, set()) for name, metric in metrics.items()}
    order, circles = arranged({name: {i for i in found if i in metrics} for name, found in inputs.items()})
    kept: dict[str, Metric] = {}
    for name in order:
        place = places.get(name, Place(f"metric.{name}", metrics[name].file))
        cause = next((given for given in sorted(inputs[name]) if given not in kept), None)
        if name in circles:
            report.error("DM2408", circle(name, circles[name]), place.at("filter"), "break the circle")
        elif cause is not None:
            why = "by which it filters" if cause in filtered.get(name, ()) else "of which it is made"
            report.note("DM2407", f"metric `{name}` is left out, since `{cause}`, {why}, is", place, f"mend `{cause}`")
        else:
            kept[name] = metrics[name]
    return kept


def _inputs(metric: Metric) -> set[str]:
    match metric.params:
        case Ratio(numerator=numerator, denominator=denominator):
            return {numerator.metric, denominator.metric}
        case Derived(inputs=inputs):
            return {given.metric for given in inputs}
        case _:
            return set()
