"""Measures: those of semantic models, and the ones that metrics carry themselves (dbt ≥ 1.12)."""

from __future__ import annotations

from collections.abc import Collection

from app.compile.dbt.semantic import AggregationParams, MeasureNode, MetricNode, NonAdditiveNode
from app.compile.expressions import Expressions
from app.compile.report import Place
from app.errors import did_you_mean
from app.model.expr import Column
from app.model.semantics import Measure, NonAdditive
from app.model.types import Aggregation


def build_measure(
    node: MeasureNode, place: Place, subject: str, time_dimensions: Collection[str], default_time: str, parse: Expressions
) -> Measure | None:
    """A measure; None where its aggregation (DM2305), percentile (DM2306), time dimension (DM2307), choice (DM2308) or `expr` is refused.

    The aggregation stays as written: COUNT is not yet a sum of ones, `sum_boolean` not yet a sum, whether or not dbt has transformed others.
    Without `expr` the measure is over the column of its name. `agg_time_dimension` is its own or the semantic model's default.
    """
    report = parse.report
    agg = node.agg.lower()
    if agg not in list(Aggregation):
        report.error("DM2305", f"{subject} has the unknown aggregation `{node.agg}`", place.at("agg"), "one of " + ", ".join(Aggregation))
        return None
    params = node.agg_params or AggregationParams()
    if agg == Aggregation.PERCENTILE and not (params.percentile is not None and 0 <= params.percentile <= 1):
        report.error(
            "DM2306", f"{subject} is a percentile without a `percentile` from 0 to 1", place.at("agg_params"), "set `agg_params.percentile`"
        )
        return None
    time = node.agg_time_dimension or default_time
    if time and time not in time_dimensions:
        hint = did_you_mean(time, time_dimensions) or "name a time dimension of the same semantic model"
        report.error(
            "DM2307",
            f"{subject} is aggregated over `{time}`, which is no time dimension of its semantic model",
            place.at("agg_time_dimension"),
            hint,
        )
        return None
    non_additive, readable = _non_additive(node.non_additive_dimension, time_dimensions, place, subject, parse)
    expr = Column(node.name) if node.expr is None else parse.expression(node.expr, place.at("expr"), subject)
    if expr is None or not readable:
        return None
    return Measure(
        name=node.name,
        agg=Aggregation(agg),
        expr=expr,
        agg_time_dimension=time,
        percentile=params.percentile,
        discrete=bool(params.use_discrete_percentile),
        approximate=bool(params.use_approximate_percentile),
        non_additive=non_additive,
        description=node.description or "",
        label=node.label or "",
    )


def carried_measure(node: MetricNode) -> MeasureNode | None:
    """The measure that a metric carries itself, under the metric's name; None where it uses one of a semantic model."""
    carried = node.type_params.metric_aggregation_params
    if carried is None or node.type_params.measure is not None:
        return None
    return MeasureNode(
        name=node.name,
        agg=carried.agg,
        expr=node.type_params.expr,
        agg_params=carried.agg_params,
        agg_time_dimension=carried.agg_time_dimension,
        non_additive_dimension=carried.non_additive_dimension,
        description=node.description,
        label=node.label,
    )


def _non_additive(
    node: NonAdditiveNode | None, time_dimensions: Collection[str], place: Place, subject: str, parse: Expressions
) -> tuple[NonAdditive | None, bool]:
    if node is None:
        return None, True
    choice = (node.window_choice or "min").lower()
    if choice not in ("min", "max"):
        parse.report.error(
            "DM2308", f"{subject} has the unknown window choice `{node.window_choice}`", place.at("non_additive_dimension"), "min or max"
        )
        return None, False
    if node.name not in time_dimensions:
        hint = did_you_mean(node.name, time_dimensions)
        parse.report.error(
            "DM2307",
            f"{subject} is not additive over `{node.name}`, which is no time dimension of its semantic model",
            place.at("non_additive_dimension"),
            hint,
        )
        return None, False
    return NonAdditive(node.name, choice, tuple(sorted(node.window_groupings or ()))), True
