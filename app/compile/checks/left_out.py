"""What the project declares and the layer does not have: whatever stands on it names the cause once, in place of a problem of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.compile.dbt.semantic import MetricNode, SemanticModelNode
from app.model.semantics import DimensionType, SemanticModel
from app.sql.joins.reached import elements


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Names whose own problems were reported: semantic models, measures with the semantic models that declare them, dimensions and entities,
    and metrics whose own aggregation was refused."""

    semantic_models: frozenset[str]
    measures: Mapping[str, str]
    elements: frozenset[str]
    metrics: frozenset[str]
    timeless: frozenset[str]
    """Semantic models whose default time dimension is none, which was reported there."""

    @classmethod
    def of(cls, declared: Iterable[SemanticModelNode], metrics: Iterable[MetricNode], semantic_models: Sequence[SemanticModel]) -> LeftOut:
        """What is declared and enabled, less what was built."""
        nodes = [node for node in declared if not (node.config and node.config.enabled is False)]
        built = {model.name: model for model in semantic_models}
        kept = {measure.name for model in semantic_models for measure in model.measures}
        there = {name for model in semantic_models for name in elements(model)}
        measures = {measure.name: node.name for node in nodes for measure in node.measures or () if measure.name not in kept}
        names = {entity.name for node in nodes for entity in node.entities or ()}
        names |= {dimension.name for node in nodes for dimension in node.dimensions or ()}
        own = frozenset(
            metric.name
            for metric in metrics
            if (carried := metric.type_params.metric_aggregation_params)
            and metric.type_params.measure is None
            and carried.semantic_model in built
            and metric.name not in kept
        )
        timeless = frozenset(
            m.name
            for m in semantic_models
            if m.agg_time_dimension and all(d.name != m.agg_time_dimension or d.type is not DimensionType.TIME for d in m.dimensions)
        )
        return cls(frozenset({node.name for node in nodes} - set(built)), measures, frozenset(names - there), own, timeless)

    def measure_of(self, node: MetricNode) -> str:
        """In words, what of the metric's measures or semantic model was left out; "" where all are there, or were never declared."""
        params = node.type_params
        carried = params.metric_aggregation_params
        if carried and params.measure is None and carried.semantic_model in self.semantic_models:
            return f"its semantic model `{carried.semantic_model}`"
        if node.name in self.metrics and carried and not carried.agg_time_dimension and carried.semantic_model in self.timeless:
            return f"the default time dimension of `{carried.semantic_model}`"
        own = params.conversion_type_params
        for given in (params.measure, own.base_measure if own else None, own.conversion_measure if own else None):
            if given is not None and given.name in self.measures:
                model = self.measures[given.name]
                return f"its semantic model `{model}`" if model in self.semantic_models else f"its measure `{given.name}`"
        return ""
