"""dbt's metrics, inputs first: one that is refused takes along only those that stand on it, each with the cause named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext

from msgspec.structs import replace

from app.compile.checks.compared import check_compared
from app.compile.checks.conversions import check_type
from app.compile.checks.filters import KnownNames, check_filters, known_names
from app.compile.checks.grains import check_grains
from app.compile.checks.ground import Ground
from app.compile.checks.left_out import LeftOut
from app.compile.checks.metric_filters import well_grouped, without_unserved
from app.compile.checks.times import check_times
from app.compile.created import with_created
from app.compile.dbt.semantic import MetricNode, SemanticModelNode
from app.compile.dimensions import field_meta
from app.compile.expressions import Expressions
from app.compile.measure_metrics import measure_metrics
from app.compile.meta import merged_meta, meta_text, tags_of, text_of
from app.compile.metric_params import ParamsBuilder, Refused, measure_owners
from app.compile.order import circle, input_names, inputs_first
from app.compile.report import Place, Report
from app.compile.semantic_models import yaml_file
from app.errors import did_you_mean
from app.model.metrics import Metric, Simple
from app.model.ontology import TimeSpine
from app.model.physical import Model
from app.model.semantics import SemanticModel
from app.model.types import Grain
from app.sql.expressions.walk import conjunction

_GRAINS = frozenset(Grain)


def build_metrics(
    nodes: Iterable[MetricNode],
    declared: Iterable[SemanticModelNode],
    semantic_models: Sequence[SemanticModel],
    spines: Sequence[TimeSpine],
    owners: Mapping[str, str],
    parse: Expressions,
    root: str,
    models: Sequence[Model] = (),
) -> tuple[Metric, ...]:
    """All metrics that can be served, sorted by name, those that measures make included. `owners` gives each group's owner; `models`, where they are
    given, say what joins can be told alike and can't be made."""
    by_name: dict[str, MetricNode] = {}
    declared = list(declared)
    listed = with_created(nodes, declared, root)
    made = measure_metrics(listed, declared)
    for node in sorted((*listed, *made), key=lambda n: (n.package_name != root, n.name, n.unique_id)):
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
    left_out = LeftOut.of(declared, by_name.values(), semantic_models)
    known = known_names(semantic_models, by_name, (name for spine in spines for name, _ in spine.custom), left_out.elements)
    order, cycles = inputs_first(by_name)
    built: dict[str, Metric] = {}
    ground = Ground(semantic_models, spines, models)
    builder = ParamsBuilder(parse, measure_owners(semantic_models), built, {name.lower() for spine in spines for name, _ in spine.custom})
    places = {name: Place(f"metric.{name}", yaml_file(node, root)) for name, node in by_name.items()}
    nobodys = {node.name for node in made}
    for name in order:
        node, place = by_name[name], places[name]
        if name in cycles:
            parse.report.error("DM2408", circle(name, cycles[name]), place, "break the circle")
            continue
        with parse.report.unsaid() if name in nobodys else nullcontext():
            if not _inputs_stand(node, by_name, built, left_out, place, parse):
                continue
            metric = _build(node, place, builder, owners, parse)
            if metric and _can_be_served(metric, known, ground, place, parse.report):
                built[name] = metric
                ground.add(metric)
    grouped = well_grouped(built, ground, places, parse.report)
    fit = {name: metric for name, metric in built.items() if name in grouped or name not in ground.filtered_by}
    kept = without_unserved(fit, ground.filtered_by, places, parse.report)
    return tuple(_with_one_filter(kept[name]) for name in sorted(kept))


def _can_be_served(metric: Metric, known: KnownNames, ground: Ground, place: Place, report: Report) -> bool:
    """Whether nothing that is known now stands against the metric; all that does is reported."""
    checks = (
        check_times(metric, ground, place, report),
        check_grains(metric, ground, place, report),
        check_type(metric, ground, place, report),
        check_filters(metric, known, ground, place, report),
    )
    return all(checks) and check_compared(metric, ground, place, report)


def _inputs_stand(
    node: MetricNode, nodes: Mapping[str, MetricNode], built: Mapping[str, Metric], left_out: LeftOut, place: Place, parse: Expressions
) -> bool:
    """Whether what the metric is made of is there. What was left out has a problem of its own, and is only named here (DM2407)."""
    for name in input_names(node):
        if name in built:
            continue
        if name in nodes:
            parse.report.note(
                "DM2407", f"metric `{node.name}` is left out, since its input `{name}` is", place.at("type_params"), f"mend `{name}`"
            )
        else:
            hint = did_you_mean(name, nodes) or "is the metric disabled?"
            parse.report.error(
                "DM2405", f"metric `{node.name}` is made of `{name}`, and there is no such metric", place.at("type_params"), hint
            )
        return False
    cause = left_out.measure_of(node)
    if cause:
        parse.report.note("DM2407", f"metric `{node.name}` is left out, since {cause} is", place.at("type_params"), "mend that")
    return not cause and node.name not in left_out.metrics


def _build(node: MetricNode, place: Place, builder: ParamsBuilder, owners: Mapping[str, str], parse: Expressions) -> Metric | None:
    meta = merged_meta("manifest.json", node.meta, *([node.config.meta] if node.config else []))
    words = field_meta(meta, f"metric `{node.name}`", place, parse)
    condition, read = parse.filter(node.filter, place.at("filter"), f"metric `{node.name}`")
    grain = (node.time_granularity or "").lower()
    if grain and grain not in _GRAINS:
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
        tags=tags_of(node.tags, node.config.tags if node.config else None),
        file=place.file,
        meta=meta_text(meta),
        hidden=bool(node.type_params.is_private),
    )


def _with_one_filter(metric: Metric) -> Metric:
    """A simple metric's filter and that of its measure as one, the metric's: MetricFlow moves it there (FlattenSimpleMetricsWithMeasureInputsRule),
    and leaves both on the measure as well."""
    if not isinstance(metric.params, Simple) or metric.params.input.filter is None:
        return metric
    given = metric.params.input
    return replace(metric, params=Simple(replace(given, filter=None)), filter=conjunction(given.filter, metric.filter))
