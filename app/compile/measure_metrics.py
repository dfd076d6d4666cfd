"""The simple metrics that MetricFlow makes of the measures of cumulative and conversion metrics, and hides
(ReplaceInputMeasuresWithSimpleMetricsTransformationRule with its MeasureFeaturesToMetricNameMapper): a query or a filter may name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from app.compile.created import metric_of
from app.compile.dbt.semantic import (
    MeasureInputNode,
    MeasureNode,
    MetricAggregation,
    MetricNode,
    MetricParamsNode,
    SemanticModelNode,
    WhereFilters,
)

Use = tuple[str, int | None, bool]
"""A measure as an input uses it: its name, `fill_nulls_with`, `join_to_timespine`."""


def measure_metrics(nodes: Iterable[MetricNode], declared: Iterable[SemanticModelNode]) -> list[MetricNode]:
    """What is missing of them among the metrics: one for each measure with its settings, where no metric is just that and none is named already.

    It bears the measure's name with the settings after it (`visits_fill_nulls_with_0_join_to_timespine`), and a number where that is taken.
    """
    nodes = list(nodes)
    used = list(dict.fromkeys(use for node in nodes if _enabled(node) for use in _unnamed(node)))
    if not used:
        return []
    measures = {measure.name: (owner, measure) for owner in declared if _enabled(owner) for measure in owner.measures or ()}
    standing: dict[str, list[MetricNode]] = defaultdict(list)
    for node in nodes:
        if node.type.lower() == "simple" and _enabled(node):
            standing[node.type_params.measure.name if node.type_params.measure else ""].append(node)
    names = {node.name for node in nodes}
    made: list[MetricNode] = []
    for use in used:
        if use[0] not in measures:
            continue
        owner, measure = measures[use[0]]
        if any(_is_just(node, use, owner, measure) for node in (*standing[use[0]], *standing[""])):
            continue
        name = _free(use, names)
        names.add(name)
        made.append(_measure_metric(name, use, owner, measure))
    return made


def _enabled(node: MetricNode | SemanticModelNode) -> bool:
    return not (node.config and node.config.enabled is False)


def _unnamed(node: MetricNode) -> Iterator[Use]:
    """The measures of a cumulative or conversion metric that do not say which metric stands for them."""
    params, kind = node.type_params, node.type.lower()
    if kind == "cumulative" and params.measure and not (params.cumulative_type_params and params.cumulative_type_params.metric):
        yield _use_of(params.measure)
    own = params.conversion_type_params
    if kind == "conversion" and own:
        if own.base_measure and not own.base_metric:
            yield _use_of(own.base_measure)
        if own.conversion_measure and not own.conversion_metric:
            yield _use_of(own.conversion_measure)


def _use_of(given: MeasureInputNode) -> Use:
    return given.name, given.fill_nulls_with, bool(given.join_to_timespine)


def _is_just(node: MetricNode, use: Use, owner: SemanticModelNode, measure: MeasureNode) -> bool:
    """Whether a simple metric is the measure with these settings and nothing else: no filter, no grain, no expression of its own."""
    params, own = node.type_params, node.type_params.measure
    name, fill, joined = use
    if own is None and params.metric_aggregation_params != _aggregation(owner, measure):
        return False
    if own is not None and (own.name != name or _filters(own.filter)):
        return False
    given = own.fill_nulls_with if own is not None and own.fill_nulls_with is not None else params.fill_nulls_with
    at_spine = bool(params.join_to_timespine or (own is not None and own.join_to_timespine))
    expr = str(measure.expr if measure.expr is not None else name)
    return (
        (given, at_spine) == (fill, joined)
        and (params.expr is None or str(params.expr) == expr)
        and not _filters(node.filter)
        and not node.time_granularity
    )


def _aggregation(owner: SemanticModelNode, measure: MeasureNode) -> MetricAggregation:
    return MetricAggregation(owner.name, measure.agg, measure.agg_params, measure.agg_time_dimension, measure.non_additive_dimension)


def _filters(given: WhereFilters | None) -> bool:
    return bool(given and given.where_filters)


def _free(use: Use, names: Collection[str]) -> str:
    measure, fill, joined = use
    parts = [measure]
    if fill is not None:
        parts.append(f"fill_nulls_with_{fill}" if fill >= 0 else f"fill_nulls_with_neg_{-fill}")
    if joined:
        parts.append("join_to_timespine")
    name = stem = "_".join(parts)
    count = 0
    while name in names:
        count += 1
        name = f"{stem}_{count}"
    return name


def _measure_metric(name: str, use: Use, owner: SemanticModelNode, measure: MeasureNode) -> MetricNode:
    measured = MeasureInputNode(use[0], fill_nulls_with=use[1], join_to_timespine=use[2])
    return replace(metric_of(owner, measure), name=name, type_params=MetricParamsNode(measure=measured, is_private=True))
