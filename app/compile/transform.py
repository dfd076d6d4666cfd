"""MetricFlow's transformations of a semantic manifest, so that one that dbt has just written and one that MetricFlow has made ready say the same.

Each rule is named after MetricFlow's (0.213, package `metricflow_semantic_interfaces.transformations`; dbt_semantic_interfaces 0.9 has the same
for measures). All of them leave alone what is transformed already. What other rules do is done where the layer is built, for every artifact:
defaults of `agg_time_dimension` and percentiles, `create_metric`, hidden metrics of measures, window and grain of a cumulative metric, settings that
stand on a measure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

from msgspec.structs import replace

from app.compile.dbt.semantic import (
    AggregationParams,
    DimensionNode,
    EntityNode,
    MeasureInputNode,
    MeasureNode,
    MetricNode,
    SemanticManifest,
    SemanticModelNode,
    WhereFilters,
)
from app.compile.period_agg import with_first
from app.model.types import Aggregation

ONE = "1"
MEDIAN = 0.5

Named = TypeVar("Named", DimensionNode, EntityNode)
Aggregated = tuple[str, str | None, AggregationParams | None]
"""Aggregation, `expr` and parameters."""


def transformed(manifest: SemanticManifest) -> SemanticManifest:
    """The manifest as MetricFlow would have made it ready."""
    semantic_models = [_semantic_model(node) for node in manifest.semantic_models]
    measures = {measure.name for node in semantic_models for measure in node.measures or ()}
    metrics = [_metric(_without_lost_measures(with_first(node), measures)) for node in manifest.metrics]
    return replace(manifest, semantic_models=semantic_models, metrics=metrics)


def _semantic_model(node: SemanticModelNode) -> SemanticModelNode:
    """LowerCaseNamesRule, then the rules for each measure."""
    time = node.defaults.agg_time_dimension if node.defaults else None
    return replace(
        node,
        name=node.name.lower(),
        entities=[_lower(entity) for entity in node.entities or ()],
        dimensions=[_lower(dimension) for dimension in node.dimensions or ()],
        measures=[_measure(measure) for measure in node.measures or ()],
        defaults=replace(node.defaults, agg_time_dimension=time.lower()) if node.defaults and time else node.defaults,
    )


def _lower(node: Named) -> Named:
    return node if node.name.islower() else replace(node, name=node.name.lower())


def _measure(node: MeasureNode) -> MeasureNode:
    name = node.name.lower()
    agg, expr, params = _aggregated((node.agg.lower(), _text(node.expr), node.agg_params), name)
    return replace(node, name=name, agg=agg, expr=expr, agg_params=params)


def _metric(node: MetricNode) -> MetricNode:
    """The same rules for a metric that carries its own aggregation; one whose measure is there takes that measure's."""
    carried = node.type_params.metric_aggregation_params
    if carried is None:
        return node
    agg, expr, params = _aggregated((carried.agg.lower(), _text(node.type_params.expr), carried.agg_params), node.name)
    own = replace(carried, agg=agg, agg_params=params, semantic_model=carried.semantic_model.lower())
    return replace(node, type_params=replace(node.type_params, expr=expr, metric_aggregation_params=own))


def _without_lost_measures(node: MetricNode, measures: Collection[str]) -> MetricNode:
    """Where a manifest has dropped its measures, what MetricFlow put in the place of each: the aggregation of a simple metric, the metric of a
    cumulative or conversion metric. Measures are found by their names in lower case, which LowerCaseNamesRule has given them."""
    params = node.type_params
    measure = _found(params.measure, measures)
    if measure is None and params.measure is not None and params.metric_aggregation_params:
        filters = [*(params.measure.filter or WhereFilters()).where_filters, *(node.filter or WhereFilters()).where_filters]
        fill = params.fill_nulls_with if params.fill_nulls_with is not None else params.measure.fill_nulls_with
        joined = bool(params.join_to_timespine or params.measure.join_to_timespine)
        own = replace(params, measure=None, fill_nulls_with=fill, join_to_timespine=joined)
        return replace(node, filter=WhereFilters(filters), type_params=own)
    cumulative, conversion = params.cumulative_type_params, params.conversion_type_params
    if measure is None and cumulative and cumulative.metric:
        return replace(node, type_params=replace(params, measure=None))
    if conversion:
        base, converted = _found(conversion.base_measure, measures), _found(conversion.conversion_measure, measures)
        conversion = replace(
            conversion,
            base_measure=base if base or conversion.base_metric is None else None,
            conversion_measure=converted if converted or conversion.conversion_metric is None else None,
        )
    return replace(node, type_params=replace(params, measure=measure or params.measure, conversion_type_params=conversion))


def _found(given: MeasureInputNode | None, measures: Collection[str]) -> MeasureInputNode | None:
    """The input under the name that its measure has now; None where there is no such measure."""
    if given is None or given.name in measures:
        return given
    return replace(given, name=given.name.lower()) if given.name.lower() in measures else None


def _aggregated(given: Aggregated, name: str) -> Aggregated:
    rule = _RULES.get(given[0])
    return rule(given, name) if rule else given


def _count(given: Aggregated, _name: str) -> Aggregated:
    """ConvertCountToSumRule: the count of all rows is the sum of `1`. Without `expr` there is nothing to count, as the layer then reports."""
    _, expr, params = given
    if expr is None:
        return given
    return Aggregation.SUM, expr if expr == ONE else f"CASE WHEN {expr} IS NOT NULL THEN 1 ELSE 0 END", params


def _boolean(given: Aggregated, name: str) -> Aggregated:
    """BooleanMeasureAggregationRule and BooleanAggregationRule."""
    _, expr, params = given
    return Aggregation.SUM, f"CASE WHEN {expr or name} THEN 1 ELSE 0 END", params


def _median(given: Aggregated, _name: str) -> Aggregated:
    """ConvertMedianToPercentileRule. MetricFlow refuses a median with another percentile or a discrete one; here the word decides."""
    _, expr, params = given
    return Aggregation.PERCENTILE, expr, AggregationParams(MEDIAN, False, bool(params and params.use_approximate_percentile))


_RULES: dict[str, Callable[[Aggregated, str], Aggregated]] = {
    Aggregation.COUNT: _count,
    Aggregation.SUM_BOOLEAN: _boolean,
    Aggregation.MEDIAN: _median,
}


def _text(expr: object) -> str | None:
    return None if expr is None else str(expr).lower() if isinstance(expr, bool) else str(expr)
