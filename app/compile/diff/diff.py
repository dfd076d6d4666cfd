"""Compares two layers: `diff_ready(old, new)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.code import CodeChanges
from app.compile.diff.matching import Matched
from app.compile.diff.physical import compare_models, compare_spines, match_models
from app.compile.diff.placed import compare_placements
from app.compile.diff.places import owner_of
from app.compile.diff.reach import reach_changes
from app.compile.diff.ready import Ready
from app.compile.diff.records import Difference, Records
from app.compile.diff.renames import Pairing, pair
from app.compile.diff.repointed import compare_repointed
from app.compile.diff.report import Action, Change, DiffReport, Kind, in_order
from app.compile.diff.security import compare_protection
from app.compile.diff.semantic import compare_semantics, tell_reach
from app.compile.diff.side import Side
from app.compile.diff.touching import touched
from app.errors import Where
from app.model.ontology import Layer, Ontology
from app.model.physical import Model
from app.sql.joins.reached import elements


def diff_layers(old: Layer, new: Layer, codes: CodeChanges | None = None) -> DiffReport:
    """The same of two layers that are compared once."""
    return diff_ready(Ready(old), Ready(new), codes)


def diff_ready(before: Ready, after: Ready, codes: CodeChanges | None = None) -> DiffReport:
    """Every difference between what two layers mean, classed, with what it touches in either.

    Of equal layers nothing is reported. Beside the Ontologies the placements are compared (which engine keeps which model); times, statistics, test
    results and line numbers are not. `codes` tells what became of the models' code, where manifests were read: a layer does not hold it. `where` is the place of the
    subject as the new layer's locations have it, else the file alone. Pure, and never raises for what a project wrote.
    """
    old, new = before.layer, after.layer
    report = DiffReport(old.version, new.version)
    if old.ontology == new.ontology and old.placements == new.placements and not codes:
        return report
    sides = Side(before), Side(after)
    changes = Changes()
    models = match_models(old.ontology.models, new.ontology.models)
    records = Records(*sides)
    paired = pair(*sides)
    changes.all(Subject("layer", ""), records.differences(old.ontology, new.ontology))
    compare_models(models, records, codes or {}, changes)
    compare_spines(old.ontology.time_spines, new.ontology.time_spines, records, changes)
    compare_semantics(paired, records, new.problems, changes)
    if models.reordered:
        changes.changed(Subject("layer", ""), Difference("models", Kind.COSMETIC, None, None))
    tell_reach(reach_changes(*sides, paired.metrics, _told(paired)), changes)
    compare_protection(models, old.ontology, new.ontology, changes)
    compare_repointed(paired, old.ontology, new.ontology, changes)
    sources = {model.name for model in new.ontology.models if model.resource_type == "source"}
    compare_placements(old.placements, new.placements, sources, changes)
    if not changes.found:
        if old.ontology == new.ontology:
            return report
        changes.changed(Subject("layer", ""), Difference("content", Kind.MEANING, old.version, new.version))
    former = _former(paired, models)
    found = _with_touches(changes.found, before, after, former)
    locations = dict(new.locations)
    placed = [
        replace(change, where=_where(change, locations, old, new), former=change.former or former.get(change.subject, ""))
        for change in found
    ]
    return replace(report, changes=in_order(placed))


def _told(paired: Pairing) -> frozenset[str]:
    """Dimensions and entities (`orders.status`) of which it is told on their own that they came, went or are called otherwise."""
    whole = (*paired.semantic_models.removed, *paired.semantic_models.added)
    told = {f"{model.name}.{name}" for model in whole for name in elements(model)}
    for parts in paired.parts:
        for matched in (parts.entities, parts.dimensions):
            told |= {f"{parts.new.name}.{name}" for name in _moved(matched)}
    return frozenset(told)


def _moved(matched: Matched[Any]) -> Iterator[str]:
    yield from (item.name for item in (*matched.removed, *matched.added))
    yield from (after.name for _, after in matched.renamed)


def _former(paired: Pairing, models: Matched[Model]) -> dict[str, str]:
    """What the old layer calls the things of the new one that were renamed, by key."""
    former: dict[str, str] = {}
    for section, kind in ((paired.semantic_models, "semantic_model"), (paired.metrics, "metric"), (paired.saved_queries, "saved_query")):
        former |= {f"{kind}.{after.name}": f"{kind}.{before.name}" for before, after in section.renamed}
    former |= {f"model.{after.name}": f"model.{before.name}" for before, after in models.renamed}
    sections: tuple[tuple[str, Matched[Any]], ...]
    for parts in paired.parts:
        sections = (("entity", parts.entities), ("dimension", parts.dimensions), ("measure", parts.measures))
        for kind, matched in sections:
            pairs = [*matched.same, *matched.renamed]
            if parts.old.name != parts.new.name or matched.renamed:
                former |= {f"{kind}.{parts.new.name}.{b.name}": f"{kind}.{parts.old.name}.{a.name}" for a, b in pairs}
    return former


def _with_touches(changes: list[Change], old: Ready, new: Ready, former: Mapping[str, str]) -> list[Change]:
    if all(change.kind is Kind.COSMETIC for change in changes):
        return changes
    before, after = old.dependents, new.dependents
    hidden = before.hidden & after.hidden
    known: dict[tuple[str, ...], Change] = {}
    found = []
    for change in changes:
        if change.kind is Kind.COSMETIC:  # nothing that is asked is touched
            found.append(change)
            continue
        keys = _keys(change, old.layer.ontology, new.layer.ontology)
        memo = (change.field.partition(".")[0] if change.field.startswith("reach") else "", *keys)
        if memo not in known:
            if change.field.startswith("reach") and change.subject.startswith("semantic_model."):
                reading = after.starting(key.partition(".")[2] for key in keys)
                reached = reading | after.reached(reading)
            elif change.field == "default_access":
                reached = _unprotected(old) | _unprotected(new)
            else:
                added = change.action is Action.ADDED
                reached = before.reached((former.get(key, key) for key in keys), new=added) | after.reached(keys, new=added)
            known[memo] = replace(change, touches=touched(reached - hidden, keys))
        found.append(replace(change, touches=known[memo].touches))
    return found


def _keys(change: Change, *ontologies: Ontology) -> tuple[str, ...]:
    """The keys from which a change spreads: a policy touches what reads its model."""
    kind, _, name = change.subject.partition(".")
    if kind == "policy":
        model = name
        while model and not any(ontology.model(model) for ontology in ontologies):
            model = model.rpartition(".")[0]
        return (change.subject, f"model.{model}")
    if kind == "semantic_model" and " + " in name:
        return tuple(f"{kind}.{part}" for part in name.split(" + "))
    return (change.subject,)


def _unprotected(side: Ready) -> frozenset[str]:
    """All that stands on a model that follows the default access."""
    keys = [f"model.{m.name}" for m in side.layer.ontology.models if not m.is_governed]
    return side.dependents.reached(keys)


def _where(change: Change, locations: Mapping[str, Where], old: Layer, new: Layer) -> Where | None:
    """The place of the subject in the new layer, or of what it is a part of; else the file in which either layer has it."""
    owner = owner_of(change.subject)
    found = locations.get(change.subject) or locations.get(owner)
    if found is not None:
        return found
    kind, _, name = owner.partition(".")
    file = _file(new, kind, name) or _file(old, kind, name)
    return Where(file) if file else None


_SECTIONS = {
    "metric": "metrics",
    "semantic_model": "semantic_models",
    "saved_query": "saved_queries",
    "exposure": "exposures",
    "model": "models",
}


def _file(layer: Layer, kind: str, name: str) -> str:
    items = getattr(layer.ontology, _SECTIONS[kind]) if kind in _SECTIONS else ()
    return next((item.file for item in items if item.name == name), "")
