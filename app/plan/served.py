"""What the planner can't compute yet is said before anything else, by name."""

from __future__ import annotations

from app.model.metrics import Conversion, Cumulative, Derived, MetricInput, Ratio
from app.plan.problems import not_served
from app.sql.joins import JoinGraph


def check_served(name: str, joins: JoinGraph) -> None:
    """Raises UserError DM3020 for a metric that is, or stands on, a cumulative or conversion metric or an offset."""
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
        check_served(given.metric, joins)
