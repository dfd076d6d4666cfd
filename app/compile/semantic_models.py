"""dbt's semantic models, each bound to the model below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from app.compile.checks.validity import check_validity
from app.compile.dbt.semantic import MetricNode, SemanticModelNode
from app.compile.default_paths import read_default_paths
from app.compile.dimensions import build_dimension, build_entity
from app.compile.expressions import Expressions
from app.compile.measures import Around, build_measure, carried_measure
from app.compile.meta import merged_meta, meta_text
from app.compile.naming import project_file
from app.compile.report import Place
from app.errors import did_you_mean
from app.model.physical import Model
from app.model.semantics import DimensionType, Measure, SemanticModel

ModelOf = Callable[[SemanticModelNode], Model | None]


def build_semantic_models(
    nodes: Iterable[SemanticModelNode], metrics: Iterable[MetricNode], model_of: ModelOf, parse: Expressions, root: str
) -> tuple[SemanticModel, ...]:
    """All semantic models, sorted by name, with the measures that metrics carry. One whose model is unknown is left out (DM2301), as is the
    second of a name (DM2302) and one with half a validity window (DM2312)."""
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
        if not check_validity(node, file, parse.report):
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
    left_out = {d.name for d in node.dimensions or ()} - {d.name for d in dimensions}
    around = Around(times, left_out, default, {*(e.name for e in entities), *([node.primary_entity] if node.primary_entity else [])})
    carried = [(metric, own) for metric in carriers if (own := carried_measure(metric)) is not None]
    if around.default_is_wrong and not all(m.agg_time_dimension for m in (*(node.measures or ()), *(own for _, own in carried))):
        _wrong_default(node.name, around, file, parse)
    measures: dict[str, Measure] = {}
    for written in node.measures or ():
        place = Place(f"measure.{node.name}.{written.name}", file)
        if measure := build_measure(written, place, f"measure `{written.name}`", around, parse):
            measures[measure.name] = measure
    for metric, own in carried:
        if own.name not in measures:
            own_file = file if metric.original_file_path == node.original_file_path else metric.original_file_path
            place = Place(f"metric.{metric.name}", own_file)
            if measure := build_measure(own, place, f"metric `{metric.name}`", around, parse):
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
        meta=meta_text(merged_meta("manifest.json", node.config.meta)) if node.config else "{}",
        default_paths=read_default_paths(node, Place(f"semantic_model.{node.name}", file), parse.report),
    )


def _wrong_default(name: str, around: Around, file: str, parse: Expressions) -> None:
    """Say once that the default time dimension of a semantic model is none: every measure without one of its own goes with it."""
    place = Place(f"semantic_model.{name}", file, "defaults/agg_time_dimension")
    if around.default in around.left_out:
        message = f"measures of `{name}` are left out, since their default time dimension `{around.default}` is"
        parse.report.note("DM2407", message, place, f"mend `{around.default}`")
        return
    parse.report.error(
        "DM2307",
        f"semantic model `{name}` aggregates over `{around.default}` by default, which is no time dimension of it; measures without one of their"
        " own are left out",
        place,
        did_you_mean(around.default, around.times) or "name a time dimension of the same semantic model",
    )


def by_unique_id(models: Mapping[str, Model]) -> ModelOf:
    """Finds a semantic model's model by what it depends on, as the manifest says."""

    def model_of(node: SemanticModelNode) -> Model | None:
        return next((models[unique_id] for unique_id in node.depends_on.nodes if unique_id in models), None)

    return model_of
