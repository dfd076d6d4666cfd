"""Compiles the artifacts of a dbt project's targets into one Layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.checks.grain_names import check_grain_names
from app.compile.checks.keys import check_keys
from app.compile.checks.unique_keys import check_unique_keys, read_unique_tests
from app.compile.columns import add_read_columns
from app.compile.dbt.catalog import Catalog, read_catalog
from app.compile.dbt.manifest import Manifest, read_sound_manifest
from app.compile.dbt.parts import Fault
from app.compile.dbt.run_results import RunResults, read_run_results
from app.compile.dbt.short_forms import read_semantic_manifest
from app.compile.default_access import read_default_access
from app.compile.default_paths import with_sound_paths
from app.compile.derive.build import Derived, Surroundings, derive
from app.compile.derive.disproved import read_disproved
from app.compile.derive.report import report_derived
from app.compile.derive.scope import Derive, in_scope, read_derive
from app.compile.exposures import build_exposures
from app.compile.expressions import Expressions, Guards
from app.compile.faults import report_faults
from app.compile.from_columns import with_columns
from app.compile.groups import build_groups
from app.compile.guarantees import read_guarantees
from app.compile.inherited import without_inherited
from app.compile.lineage.code import ProjectCode
from app.compile.lineage.project import ProjectLineage
from app.compile.lint.linted import Linted, linted_project
from app.compile.lint.run import report_findings
from app.compile.lint.traps import TRAPS
from app.compile.locations import LocationIndex
from app.compile.metrics import build_metrics
from app.compile.models import build_models
from app.compile.naming import Named, name_models
from app.compile.newer import report_newer
from app.compile.on_failure import read_on_failure
from app.compile.period_agg import with_last
from app.compile.pii.inherit import with_inherited_pii
from app.compile.placements import build_placement, unite_shared
from app.compile.policies.misplaced import deny_misplaced
from app.compile.proofs import doubted
from app.compile.report import Place, Report
from app.compile.saved_queries import build_saved_queries
from app.compile.segments import with_segments
from app.compile.semantic_models import build_semantic_models, by_unique_id
from app.compile.time_spines import LEGACY_MODEL, merge_spines, spines_of_configuration, spines_of_models
from app.errors import Problem, UserError, Where
from app.model.lineage import ModelLineage
from app.model.ontology import Layer, Ontology, TimeSpine
from app.model.physical import Model, Placement
from app.model.semantics import SemanticModel
from app.model.types import Dialect


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of a compile: the layer, and every problem by file and line. An error among them means that something was left out or denied.
    `linted` is what lint rules look at, `lineage` what the models' SQL says, as far as it was read."""

    layer: Layer
    problems: tuple[Problem, ...]
    linted: Linted = field(repr=False, compare=False)
    lineage: ProjectLineage = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Target:
    """One target's artifacts, read."""

    engine: str
    manifest: Manifest
    faults: tuple[Fault, ...]
    catalog: Catalog


def compile_project(
    targets: Sequence[TargetArtifacts],
    sources: ProjectSources | None = None,
    guards: Guards | None = None,
    *,
    located: bool = True,
    held: Iterable[ModelLineage] = (),
    parsed: bool = False,
) -> Compilation:
    """Compile. The first target gives the Ontology, each gives its placement.

    Raises UserError where an artifact as a whole cannot be read (DM2001 to DM2006), or two targets are of one engine (DM2007) or of different
    projects (DM2008). Anything smaller is a Problem of the result, and the rest of the layer loads. `sources` gives problems their lines and
    the project its default access; without them problems name files alone. What `guards` say of an expression leaves it out (DM2313), of
    a row filter closes its model (DM2513).
    What was `held` of lineage stands for models of which nothing changed. Where it is only `parsed` no SQL is read: PII classes are inherited by name, whatever the
    artifacts hold.
    Without `located` the layer does not tell where everything is written, which takes reading all YAML; problems have their places all the same.
    """
    sources, guards = sources or ProjectSources(), guards or Guards()
    read = [
        Target(
            t.engine,
            *read_sound_manifest(t.manifest, _label(t, targets, "manifest.json")),
            read_catalog(t.catalog, _label(t, targets, "catalog.json")),
        )
        for t in targets
    ]
    _check_targets(read)
    runs = [
        (r.manifest, read_run_results(t.run_results, _label(t, targets, "run_results.json"))) for r, t in zip(read, targets, strict=True)
    ]
    manifest, catalog = read[0].manifest, read[0].catalog
    root = manifest.metadata.project_name or ""
    locations = LocationIndex(sources.files)
    report = Report(locations)
    report_newer(sources, manifest, root, report)
    report_faults(read[0].faults, _label(targets[0], targets, "manifest.json"), root, report)
    named = name_models(manifest, report)
    placements = tuple(sorted((build_placement(t.engine, t.manifest, t.catalog, named, report) for t in read), key=lambda p: p.engine))
    owners = {group.name: group.owner.text for group in sorted(manifest.groups.values(), key=lambda g: g.name)}
    adapters = {r.manifest.metadata.adapter_type or "" for r in read}
    guarantees = read_guarantees(manifest, named, report, adapters, doubted(runs))
    models = build_models(manifest, catalog, named, guarantees, owners, report, adapters, guards.row_filter)
    nodes = with_columns(without_inherited(manifest.semantic_models.values()), manifest)
    places = {item.name: item.place for item in named.values()}
    models = deny_misplaced(models, nodes, root, report)
    models = unite_shared(models, placements, places, report)
    parse = Expressions(dialect_of(manifest.metadata.adapter_type), report, guards.expression)
    own_placement = next(p for p in placements if p.engine == read[0].engine)
    spines = _spines(targets[0], named, own_placement, report)
    semantic_models = build_semantic_models(nodes, manifest.metrics.values(), by_unique_id({m.unique_id: m for m in models}), parse, root)
    by_name = {model.name: model for model in models}
    check_keys(semantic_models, by_name, report)
    check_grain_names(semantic_models, spines, report)
    check_unique_keys(semantic_models, by_name, placements, read_unique_tests(runs, named), report)
    semantic_models = with_sound_paths(semantic_models, models, report)
    metrics = build_metrics(with_last(manifest.metrics.values(), root, report), nodes, semantic_models, spines, owners, parse, root, models)
    derived = _derived(read[0], models, named, semantic_models, spines, runs, read_derive(sources, root, report))
    report_derived(derived, places, report)
    if not nodes and not metrics and not derived.metrics:
        report.note(
            "DM2310",
            "the project has no semantic models and no metrics: its models can be read, but nothing can be asked by metric",
            Place("", "manifest.json"),
        )
    complete = {item.name for unique_id, item in named.items() if catalog.table(unique_id)}
    ontology = Ontology(
        project=root,
        adapter=manifest.metadata.adapter_type or "",
        models=add_read_columns(models, semantic_models, spines, complete, report),
        semantic_models=tuple(sorted((*semantic_models, *derived.semantic_models), key=lambda model: model.name)),
        metrics=tuple(sorted((*metrics, *derived.metrics), key=lambda metric: metric.name)),
        saved_queries=build_saved_queries(
            manifest.saved_queries.values(), {m.name for m in metrics}, {m.name for m in manifest.metrics.values()}, report, root
        ),
        time_spines=spines,
        exposures=build_exposures(manifest.exposures.values()),
        groups=build_groups(manifest.groups.values()),
        default_access=read_default_access(sources, root, report),
        on_failure=read_on_failure(sources, root, report),
    )
    ontology = with_segments(ontology, manifest.semantic_models.values(), parse, root)
    lineage = ProjectLineage(ontology, ProjectCode(() if parsed else targets), held)
    ontology = with_inherited_pii(ontology, lineage, placements, named, report)
    linted = linted_project(ontology, manifest.semantic_models.values(), manifest.metrics.values(), locations, manifest)
    report_findings(TRAPS, linted, report)
    problems = report.sorted()
    left_out = report.left_out("metric", {metric.name for metric in ontology.metrics})
    layer = Layer(ontology, placements, locations.all() if located else (), problems, left_out=left_out)
    return Compilation(layer, problems, linted, lineage)


def _derived(
    target: Target,
    models: Sequence[Model],
    named: Mapping[str, Named],
    semantic_models: Sequence[SemanticModel],
    spines: Sequence[TimeSpine],
    runs: Sequence[tuple[Manifest, RunResults]],
    mode: Derive,
) -> Derived:
    """What is derived beside what the project defines. A semantic model that was left out covers its model all the same: its faults are to be mended."""
    manifest = target.manifest
    covered = {named[n].name for node in manifest.semantic_models.values() for n in node.depends_on.nodes if n in named}
    faulty = {fault.name for fault in target.faults if fault.kind == "metric"}
    defines = bool(manifest.semantic_models) or any(fault.kind == "semantic_model" for fault in target.faults)
    scope = in_scope(mode, models, named, covered, {LEGACY_MODEL, *(spine.model for spine in spines)}, defines=defines)
    if not scope:
        return Derived()
    nodes = {item.name: item.node for item in named.values()}
    around = Surroundings(
        defined=semantic_models,
        metrics={node.name for node in manifest.metrics.values()} | faulty,
        models={model.name: model for model in models},
        disproved=read_disproved(runs, named),
        event_times={model.name: nodes[model.name].config.event_time or "" for model in scope},
    )
    return derive(scope, around)


def dialect_of(adapter: str | None) -> Dialect:
    """The dialect in which a project's expressions are written; PostgreSQL's where the adapter is none of ours."""
    return Dialect.CLICKHOUSE if adapter == "clickhouse" else Dialect.POSTGRES


def _spines(target: TargetArtifacts, named: dict[str, Named], placement: Placement, report: Report) -> tuple[TimeSpine, ...]:
    from_models = spines_of_models(named, report)
    places = {item.name: item.place for item in named.values()}
    if target.semantic_manifest is None:
        return merge_spines(report, places, from_models)
    configuration = read_semantic_manifest(target.semantic_manifest)[0].project_configuration
    at = {(relation.schema, relation.name): name for name, relation in placement.relations}
    return merge_spines(
        report, places, from_models, spines_of_configuration(configuration, lambda schema, name: at.get((schema, name)), report)
    )


def _label(target: TargetArtifacts, targets: Sequence[TargetArtifacts], artifact: str) -> str:
    """How Problems call an artifact: by its name, and by its engine too where there are several targets."""
    return artifact if len(targets) == 1 else f"{target.engine}: {artifact}"


def _check_targets(read: Sequence[Target]) -> None:
    if not read:
        raise UserError(
            Problem(
                "DM2001",
                "there is no dbt target to compile",
                where=Where(file="manifest.json"),
                hint="run `dbt parse` or `dbt build` first",
            )
        )
    engines = [target.engine for target in read]
    twice = next((engine for engine in engines if engines.count(engine) > 1), None)
    if twice is not None:
        raise UserError(Problem("DM2007", f"two dbt targets are given for the engine `{twice}`", hint="name one target an engine"))
    first = read[0].manifest.metadata.project_name
    other = next((t for t in read if t.manifest.metadata.project_name != first), None)
    if other is not None:
        name = other.manifest.metadata.project_name
        raise UserError(
            Problem(
                "DM2008",
                f"the target of `{other.engine}` is of the project `{name}`, the first one of `{first}`",
                hint="give the target paths of one project",
            )
        )
