"""Drafts semantic YAML for models that no semantic model covers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.dbt.catalog import read_catalog
from app.compile.dbt.manifest import Manifest, read_sound_manifest
from app.compile.derive.build import Surroundings, derive
from app.compile.derive.scope import Derive, in_scope
from app.compile.derive.words import identifier, subject_of_key
from app.compile.drafts.document import document
from app.compile.drafts.evidence import Evidence
from app.compile.drafts.form import Form, form_of
from app.compile.drafts.merge import merge
from app.compile.drafts.models import Drafter, DraftModel
from app.compile.drafts.spine import NAME, spine_sql
from app.compile.locations import LocationIndex
from app.compile.naming import Named, name_models
from app.compile.report import Report
from app.errors import Problem, Severity, UserError
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.types import Grain


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A draft. `head` says where it is from; `spine` is the SQL of a time spine that the project lacks, "" where it has one; `places` are each model's
    location key and the file that describes it; `notes` say which of the selected models were passed over."""

    form: Form
    drafts: tuple[DraftModel, ...]
    head: tuple[str, ...]
    spine: str
    places: Mapping[str, tuple[str, str]]
    notes: tuple[Problem, ...] = ()

    @property
    def yaml(self) -> str:
        """All of it as one document. dbt ≥ 1.12 takes one entry a model, so what of it belongs to entries that are there goes there (`merged`)."""
        return document(self.drafts, self.form, self.head, spine=bool(self.spine))

    def merged(self, files: Mapping[str, str], rest: str) -> dict[str, str]:
        """YAML by file, with each draft in the entry of its model; what has no entry to go to is in the new file `rest`."""
        found = merge(self.drafts, files, self.places)
        others = {rest: document(found.others, self.form, self.head, spine=bool(self.spine))} if found.others or self.spine else {}
        return {**found.files, **others}


def suggest(
    target: TargetArtifacts, sources: ProjectSources, ontology: Ontology, ids: Collection[str] | None = None, dbt_version: str = ""
) -> Suggestion:
    """Draft for the models of these unique ids, or for None for all that no semantic model of the project covers.

    `ontology` is what the project was compiled to. Raises UserError DM2350 for a dbt version that has no semantic models, DM2353 where nothing is left
    to draft.
    """
    manifest, _ = read_sound_manifest(target.manifest)
    form = form_of(manifest.metadata.dbt_version or "", dbt_version)
    locations = LocationIndex(sources.files)
    named = name_models(manifest, Report(locations))
    defined = [model for model in ontology.semantic_models if not model.derived]
    covered = {model.model for model in defined}
    spines = {spine.model for spine in ontology.time_spines} | {NAME}
    scope = in_scope(Derive.UNCOVERED, ontology.models, named, covered, spines, defines=bool(defined))
    chosen, notes = (scope, ()) if ids is None else _chosen(ids, scope, ontology, covered)
    if not chosen:
        hint = "semantic models of the project cover all of them" if ids is None else "select models that no semantic model covers"
        raise UserError(Problem("DM2353", "there is no model to draft a semantic model for", hint=hint), *notes)
    around = Surroundings(
        defined=defined,
        metrics={metric.name for metric in ontology.metrics if not metric.derived},
        models={model.name: model for model in ontology.models},
        event_times={model.name: named[model.unique_id].node.config.event_time or "" for model in scope},
    )
    derived = {model.model: model for model in derive(scope, around).semantic_models}
    catalog = read_catalog(target.catalog)
    told = {(named[n].name, c.name) for n in named for c in catalog.table(n) if not _typed(named[n], c.name)}
    drafter = Drafter(Evidence(manifest, named, locations), _taken(ontology, manifest), _keys(scope), told)
    events = around.event_times or {}
    drafts = [drafter.draft(model, derived[model.name], events.get(model.name, ""), Grain.DAY) for model in chosen]
    missing = not any(spine.grain.order <= Grain.DAY.order for spine in ontology.time_spines)
    spine = spine_sql(manifest.metadata.adapter_type or "") if missing else ""
    places = {named[model.unique_id].name: (named[model.unique_id].place.key, named[model.unique_id].place.file) for model in chosen}
    return Suggestion(form, tuple(drafts), _head(form, target, manifest), spine, places, notes)


def _typed(item: Named, column: str) -> bool:
    """Whether YAML tells the type of the column."""
    found = item.node.columns.get(column)
    return bool(found and found.data_type)


def _chosen(
    ids: Collection[str], scope: Sequence[Model], ontology: Ontology, covered: Collection[str]
) -> tuple[tuple[Model, ...], tuple[Problem, ...]]:
    """The models of these unique ids that a semantic model can be drafted for, and a note on each other one."""
    found = tuple(model for model in scope if model.unique_id in ids)
    notes = []
    for model in sorted((m for m in ontology.models if m.unique_id in ids and m not in found), key=lambda model: model.name):
        if model.name in covered:
            by = ", ".join(f"`{m.name}`" for m in ontology.semantic_models if m.model == model.name and not m.derived)
            notes.append(Problem("DM2351", f"`{model.name}` has a semantic model already: {by}", Severity.NOTE, hint="change that one"))
        else:
            hint = "sources, time spines, ephemeral, private and closed models have no semantic models"
            notes.append(Problem("DM2352", f"`{model.name}` is no model that queries start from", Severity.NOTE, hint=hint))
    return found, tuple(notes)


def _taken(ontology: Ontology, manifest: Manifest) -> set[str]:
    """Names of measures and metrics that the project has."""
    measures = {m.name for model in ontology.semantic_models if not model.derived for m in model.measures}
    return measures | {metric.name for metric in manifest.metrics.values()}


def _keys(models: Sequence[Model]) -> dict[str, tuple[str, str]]:
    """What keys are called → whose they are, where only one model has a key of that name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for model in models:
        if len(model.primary_key) == 1 and (subject := subject_of_key(model.primary_key[0])):
            found.setdefault(subject, []).append((model.name, model.primary_key[0]))
    return {identifier(subject): owners[0] for subject, owners in found.items() if len(owners) == 1}


def _head(form: Form, target: TargetArtifacts, manifest: Manifest) -> tuple[str, ...]:
    read = "manifest.json" + (
        " and catalog.json" if target.catalog else "; no catalog.json: `dbt docs generate` tells the types of columns"
    )
    return (
        f"Drafted by `datamind suggest` for dbt {form} from {manifest.metadata.project_name or 'the project'}'s {read}.",
        "Each entry says what speaks for it; what is commented out is a guess. Read all of it before you keep it.",
    )
