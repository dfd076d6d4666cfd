"""The simple metrics that measures with `create_metric: true` ask for (MetricFlow's CreateProxyMeasureRule; dbt lists them in its manifest)."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.dbt.semantic import MeasureInputNode, MeasureNode, MetricNode, MetricParamsNode, SemanticModelNode


def with_created(nodes: Iterable[MetricNode], declared: Iterable[SemanticModelNode], root: str) -> list[MetricNode]:
    """The metrics, and those that measures ask for and the artifact does not list: others may stand on them. Of two measures of a name the root
    project's, or the first by its semantic model, gives the metric."""
    listed = list(nodes)
    names = {node.name for node in listed}
    for owner in sorted(declared, key=lambda n: (n.package_name != root, n.name, n.unique_id)):
        if owner.config and owner.config.enabled is False:
            continue
        for measure in owner.measures or ():
            if measure.create_metric and measure.name not in names:
                names.add(measure.name)
                listed.append(metric_of(owner, measure))
    return listed


def metric_of(owner: SemanticModelNode, measure: MeasureNode) -> MetricNode:
    """The simple metric that is a measure, by its name and in its words."""
    return MetricNode(
        name=measure.name,
        type="simple",
        type_params=MetricParamsNode(measure=MeasureInputNode(measure.name)),
        description=measure.description,
        label=measure.label,
        package_name=owner.package_name,
        original_file_path=owner.original_file_path,
        config=measure.config,
        metadata=owner.metadata,
    )
