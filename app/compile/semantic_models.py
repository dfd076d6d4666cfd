"""dbt's semantic models, each bound to the model below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from app.compile.dbt.semantic import MetricNode, SemanticModelNode
from app.compile.dimensions import build_dimension, build_entity
from app.compile.expressions import Expressions
from app.compile.measures import build_measure, carried_measure
from app.compile.naming import project_file
from app.compile.report import Place
from app.model.physical import Model
from app.model.semantics import DimensionType, Measure, SemanticModel

ModelOf = Callable[[SemanticModelNode], Model | None]


def build_semantic_models(
    nodes: Iterable[SemanticModelNode], metrics: Iterable[MetricNode], model_of: ModelOf, parse: Expressions, root: str
) -> tuple[SemanticModel, ...]:
    """All semantic models, sorted by name, with the measures that metrics carry. One whose model is unknown is left out (DM2301), as is the
    second of a name (DM2302)."""
    carriers: dict[str, list[MetricNode]] = defaultdict(list)
    for metric in sorted(metrics, key=lambda m: (m.name, m.unique_id)):
        if metric.type_params.metric_aggregation_params:
            carriers[metric.type_params.metric_aggregation_params.semantic_model].append(metric)
    built: dict[str, SemanticModel] = {}
    for node in sorted(nodes, key=lambda n: (n.package_name != root, n.name, n.unique_id)):
        file = yaml_file(node, root)
        place = Place(f"semantic_model.{node.name}", file)
        if node.config and node.config.enabled is False:
            continue
        if node.name in built:
            parse.report.error("DM2302", f"two semantic models are called `{node.name}`; the second is left out", place, "rename one")
            continue
        model = model_of(node)
        if model is None:
            target = node.model or (node.node_relation.alias if node.node_relation else "nothing")
            parse.report.error(
                "DM2301",
                f"semantic model `{node.name}` stands on `{target}`, which is not in the layer; it is left out",
                place.at("model"),
                "is the model disabled?",
            )
            continue
        built[node.name] = _build(node, model, carriers.get(node.name, ()), file, parse)
    return tuple(built[name] for name in sorted(built))


def yaml_file(node: SemanticModelNode | MetricNode, root: str) -> str:
    """The YAML file that declares the node, "" where the artifact does not say."""
    if node.original_file_path:
        return project_file(node.original_file_path, node.package_name, root)
    return (node.metadata.repo_file_path or node.metadata.file or "") if node.metadata else ""


def _build(node: SemanticModelNode, model: Model, carriers: Iterable[MetricNode], file: str, parse: Expressions) -> SemanticModel:
    entities = [e for e in (build_entity(n, node, file, parse) for n in node.entities or ()) if e]
    dimensions = [d for d in (build_dimension(n, node, file, model, parse) for n in node.dimensions or ()) if d]
    times = {d.name for d in dimensions if d.type is DimensionType.TIME}
    default = (node.defaults.agg_time_dimension if node.defaults else None) or ""
    measures: dict[str, Measure] = {}
    for written in node.measures or ():
        place = Place(f"measure.{node.name}.{written.name}", file)
        if measure := build_measure(written, place, f"measure `{written.name}`", times, default, parse):
            measures[measure.name] = measure
    for metric in carriers:
        carried = carried_measure(metric)
        if carried is not None and carried.name not in measures:
            place = Place(
                f"metric.{metric.name}", file if metric.original_file_path == node.original_file_path else metric.original_file_path
            )
            if measure := build_measure(carried, place, f"metric `{metric.name}`", times, default, parse):
                measures[measure.name] = measure
    return SemanticModel(
        name=node.name,
        model=model.name,
        entities=tuple(sorted(entities, key=lambda e: e.name)),
        dimensions=tuple(sorted(dimensions, key=lambda d: d.name)),
        measures=tuple(measures[name] for name in sorted(measures)),
        primary_entity=node.primary_entity or "",
        agg_time_dimension=default,
        description=node.description or "",
        label=node.label or "",
        group=node.group or (node.config.group if node.config else None) or "",
        file=file,
    )


def by_unique_id(models: Mapping[str, Model]) -> ModelOf:
    """Finds a semantic model's model by what it depends on, as the manifest says."""

    def model_of(node: SemanticModelNode) -> Model | None:
        return next((models[unique_id] for unique_id in node.depends_on.nodes if unique_id in models), None)

    return model_of
