"""dbt's metrics, inputs first: one that is refused takes along only those that stand on it, each with the cause named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.compile.dbt.semantic import MeasureNode, MetricNode, SemanticModelNode
from app.compile.dimensions import field_meta
from app.compile.expressions import Expressions
from app.compile.filters import check_fields, known_names
from app.compile.meta import merged_meta, meta_text, text_of
from app.compile.metric_params import ParamsBuilder, Refused, measure_owners
from app.compile.order import input_names, inputs_first
from app.compile.report import Place
from app.compile.semantic_models import yaml_file
from app.errors import did_you_mean
from app.model.metrics import MeasureInput, Metric, Simple
from app.model.semantics import SemanticModel
from app.model.types import Grain


def build_metrics(
    nodes: Iterable[MetricNode],
    declared: Iterable[SemanticModelNode],
    semantic_models: Sequence[SemanticModel],
    custom_grains: Iterable[str],
    owners: Mapping[str, str],
    parse: Expressions,
    root: str,
) -> tuple[Metric, ...]:
    """All metrics that can be served, sorted by name, those of `create_metric: true` included. `owners` gives each group's owner."""
    by_name: dict[str, MetricNode] = {}
    for node in sorted(nodes, key=lambda n: (n.package_name != root, n.name, n.unique_id)):
        if node.config and node.config.enabled is False:
            continue
        if node.name in by_name:
            parse.report.error(
                "DM2411",
                f"two metrics are called `{node.name}`; the second is left out",
                Place(f"metric.{node.name}", yaml_file(node, root)),
                "rename one",
            )
            continue
        by_name[node.name] = node
    known = known_names(semantic_models, by_name, custom_grains)
    order, cycles = inputs_first(by_name)
    built: dict[str, Metric] = {}
    builder = ParamsBuilder(parse, measure_owners(semantic_models), built)
    for name in order:
        node = by_name[name]
        place = Place(f"metric.{name}", yaml_file(node, root))
        if name in cycles:
            parse.report.error(
                "DM2408",
                f"metric `{name}` is left out: it is made of itself, by way of {', '.join(f'`{n}`' for n in cycles[name])}",
                place,
                "break the circle",
            )
            continue
        if not _inputs_stand(node, by_name, built, place, parse):
            continue
        metric = _build(node, place, builder, owners, parse)
        if metric and check_fields(metric, known, place, parse.report):
            built[name] = metric
    for metric in _created(declared, semantic_models, by_name, root):
        built.setdefault(metric.name, metric)
    return tuple(built[name] for name in sorted(built))


def _inputs_stand(node: MetricNode, nodes: Mapping[str, MetricNode], built: Mapping[str, Metric], place: Place, parse: Expressions) -> bool:
    for name in input_names(node):
        if name in built:
            continue
        if name in nodes:
            parse.report.error(
                "DM2407", f"metric `{node.name}` is left out, since its input `{name}` is", place.at("type_params"), f"mend `{name}`"
            )
        else:
            hint = did_you_mean(name, nodes) or "is the metric disabled?"
            parse.report.error(
                "DM2405", f"metric `{node.name}` is made of `{name}`, and there is no such metric", place.at("type_params"), hint
            )
        return False
    return True


def _build(node: MetricNode, place: Place, builder: ParamsBuilder, owners: Mapping[str, str], parse: Expressions) -> Metric | None:
    meta = merged_meta("manifest.json", node.meta, *([node.config.meta] if node.config else []))
    words = field_meta(meta, f"metric `{node.name}`", place, parse)
    condition, read = parse.filter(node.filter, place.at("filter"), f"metric `{node.name}`")
    grain = (node.time_granularity or "").lower()
    if grain and grain not in list(Grain):
        parse.report.warning(
            "DM2412", f"metric `{node.name}` has the default granularity `{grain}`, which is no standard one", place.at("time_granularity")
        )
        grain = ""
    try:
        params = builder.build(node, place)
    except Refused:
        return None
    if words is None or not read:
        return None
    group = node.group or (node.config.group if node.config else None) or ""
    return Metric(
        name=node.name,
        params=params,
        description=node.description or "",
        label=node.label or "",
        filter=condition,
        grain=Grain(grain) if grain else None,
        group=group,
        owner=text_of(meta, "owner") or owners.get(group, ""),
        unit=words.unit,
        format=words.format,
        synonyms=tuple(words.synonyms),
        tags=tuple(sorted(set(node.tags or ()))),
        file=place.file,
        meta=meta_text(meta),
    )


def _created(
    declared: Iterable[SemanticModelNode], semantic_models: Sequence[SemanticModel], nodes: Mapping[str, MetricNode], root: str
) -> Iterable[Metric]:
    """The simple metrics of measures with `create_metric: true` that the artifact does not list."""
    kept = {(s.name, m.name) for s in semantic_models for m in s.measures}
    for node in sorted(declared, key=lambda n: (n.package_name != root, n.name, n.unique_id)):
        for measure in node.measures or ():
            if measure.create_metric and measure.name not in nodes and (node.name, measure.name) in kept:
                yield _simple(measure, node, root)


def _simple(measure: MeasureNode, node: SemanticModelNode, root: str) -> Metric:
    return Metric(
        name=measure.name,
        params=Simple(MeasureInput(node.name, measure.name)),
        description=measure.description or "",
        label=measure.label or "",
        file=yaml_file(node, root),
    )
