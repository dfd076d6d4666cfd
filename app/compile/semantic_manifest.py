"""semantic_manifest.json alone, without manifest.json: models are made from what semantic models and time spines say of their relations."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from app.compile.checks.keys import check_keys
from app.compile.columns import add_read_columns
from app.compile.dbt.semantic import NodeRelation, SemanticManifest, SemanticModelNode
from app.compile.dbt.short_forms import read_semantic_manifest
from app.compile.default_paths import with_sound_paths
from app.compile.expressions import Expressions
from app.compile.faults import report_faults
from app.compile.inherited import without_inherited
from app.compile.lineage.code import ProjectCode
from app.compile.lineage.project import ProjectLineage
from app.compile.lint.linted import linted_project
from app.compile.lint.run import report_findings
from app.compile.lint.traps import TRAPS
from app.compile.locations import LocationIndex
from app.compile.metrics import build_metrics
from app.compile.policies.misplaced import misplaced_key
from app.compile.policies.rows import denied
from app.compile.project import Compilation
from app.compile.report import Place, Report
from app.compile.saved_queries import build_saved_queries
from app.compile.semantic_models import build_semantic_models, yaml_file
from app.compile.time_spines import merge_spines, spines_of_configuration
from app.compile.transform import transformed
from app.model.ontology import Layer, Ontology
from app.model.physical import Model, Placement, Relation
from app.model.types import Dialect


def ontology_from_semantic_manifest(data: bytes, engine: str = "postgres", dialect: Dialect = Dialect.POSTGRES) -> Compilation:
    """Compile a semantic manifest, transformed by MetricFlow or not, into a layer with one placement: either gives the same Ontology.

    A model bears its relation's name, or `schema.name` where two schemas have the name. Raises UserError DM2001, DM2002, DM2004, DM2005 or
    DM2006 where the artifact as a whole cannot be read.
    """
    read, faults = read_semantic_manifest(data)
    manifest = transformed(read)
    report = Report(LocationIndex({}))
    report_faults(faults, "semantic_manifest.json", "", report)
    parse = Expressions(dialect, report)
    models = _models(manifest)
    names = {(r.schema, r.name): model.name for model, r in models}
    by_name = {model.name: model for model, _ in models}

    def model_of(node: SemanticModelNode) -> Model | None:
        relation = node.node_relation
        return by_name[names[relation.schema_name, relation.alias]] if relation else None

    wrong: set[str] = set()
    for node in manifest.semantic_models:
        key, model = misplaced_key(node), model_of(node)
        if key and model:
            report.error(
                "DM2508",
                f"`meta.{key}` of the semantic model `{node.name}` is not read, so nobody sees its model",
                Place("", yaml_file(node, "")),
            )
            wrong.add(model.name)
    semantic_models = build_semantic_models(without_inherited(manifest.semantic_models), manifest.metrics, model_of, parse, "")
    check_keys(semantic_models, by_name, report)
    semantic_models = with_sound_paths(semantic_models, by_name.values(), report)
    configured = spines_of_configuration(manifest.project_configuration, lambda schema, name: names.get((schema, name)), report)
    spines = merge_spines(report, {}, configured)
    metrics = build_metrics(manifest.metrics, manifest.semantic_models, semantic_models, spines, {}, parse, "")
    guarded = [replace(model, row_policies=(denied(model.name),)) if model.name in wrong else model for model, _ in models]
    ontology = Ontology(
        project="",
        adapter=engine,
        models=add_read_columns(guarded, semantic_models, spines, (), report),
        semantic_models=semantic_models,
        metrics=metrics,
        saved_queries=build_saved_queries(
            manifest.saved_queries, {m.name for m in metrics}, {m.name for m in manifest.metrics}, report, ""
        ),
        time_spines=spines,
    )
    linted = linted_project(ontology, manifest.semantic_models, manifest.metrics, report.locations)
    report_findings(TRAPS, linted, report)
    problems = report.sorted()
    placement = Placement(engine, tuple(sorted((model.name, relation) for model, relation in models)))
    return Compilation(Layer(ontology, (placement,), problems=problems), problems, linted, ProjectLineage(ontology, ProjectCode(())))


def _models(manifest: SemanticManifest) -> list[tuple[Model, Relation]]:
    """One model a relation, sorted by name."""
    relations = {_relation(node.node_relation) for node in manifest.semantic_models if node.node_relation}
    configuration = manifest.project_configuration
    relations |= {_relation(spine.node_relation) for spine in configuration.time_spines or ()}
    known = {(r.schema, r.name) for r in relations}
    for legacy in configuration.time_spine_table_configurations or ():
        parts = [part.strip('"`') for part in legacy.location.split(".")]
        if len(parts) > 1 and (parts[-2], parts[-1]) not in known:
            relations.add(Relation(parts[-2], parts[-1], parts[-3] if len(parts) > 2 else ""))
    schemas: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        schemas[relation.name].add(relation.schema)
    found: dict[str, tuple[Model, Relation]] = {}
    for relation in sorted(relations, key=lambda r: (r.schema, r.name, r.database)):
        name = relation.name if len(schemas[relation.name]) == 1 else f"{relation.schema}.{relation.name}"
        found.setdefault(name, (Model(name, f"model..{name}", alias=relation.name), relation))
    return [found[name] for name in sorted(found)]


def _relation(node: NodeRelation) -> Relation:
    return Relation(node.schema_name, node.alias, node.database or "")
