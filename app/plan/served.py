"""What the planner can't compute yet is said before anything else, by name."""

from __future__ import annotations

from app.model.metrics import Conversion, Cumulative, Derived, MetricInput, Ratio
from app.plan.problems import not_served
from app.sql.joins import JoinGraph


def check_served(name: str, joins: JoinGraph) -> None:
    """Raises UserError DM3020 for a metric that is, or stands on, a cumulative or conversion metric or an offset."""
    _check(name, joins, set())


def _check(name: str, joins: JoinGraph, checked: set[str]) -> None:
    """Check the metric and all below it, each once however many ways lead to it."""
    if name in checked:
        return
    checked.add(name)
    params = joins.metric(name).params
    match params:
        case Cumulative():
            raise not_served("cumulative metrics", f"`{name}`")
        case Conversion():
            raise not_served("conversion metrics", f"`{name}`")
        case Ratio(numerator=numerator, denominator=denominator):
            below: tuple[MetricInput, ...] = (numerator, denominator)
        case Derived(inputs=inputs):
            below = inputs
        case _:
            return
    for given in below:
        if given.offset_window is not None or given.offset_to_grain:
            raise not_served("metrics with an offset", f"`{given.metric}` in `{name}`")
        _check(given.metric, joins, checked)
