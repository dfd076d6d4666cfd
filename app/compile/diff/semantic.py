"""Semantic models with their parts, metrics, saved queries, exposures and groups of two layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.matching import Matched, match
from app.compile.diff.reach import ReachChange
from app.compile.diff.records import Difference, Records
from app.compile.diff.renames import Pairing, Parts
from app.compile.diff.report import Kind
from app.compile.formula import formula
from app.errors import Problem, Severity
from app.model.metrics import Metric, measure_inputs
from app.model.ontology import Ontology, SavedQuery
from app.model.semantics import SemanticModel

_KEEP = "keep the old name beside the new one until nobody uses it"


def compare_semantics(paired: Pairing, records: Records, problems: Sequence[Problem], changes: Changes) -> None:
    """All that differs between the definitions of metrics and what they stand on. `problems` are the new side's: they say why something is gone."""
    old, new = records.old.ontology, records.new.ontology
    used = {(i.semantic_model, i.measure) for metric in old.metrics for i in measure_inputs(metric.params)}
    for gone in paired.semantic_models.removed:
        changes.removed(Subject("semantic_model", gone.name), before=gone.model, hint=_why(gone.name, problems))
        _all_parts(gone, used, changes, gone=True)
    for come in paired.semantic_models.added:
        changes.added(Subject("semantic_model", come.name), after=come.model)
        _all_parts(come, used, changes, gone=False)
    for before, after in paired.semantic_models.renamed:
        changes.renamed(Subject("semantic_model", before.name), Subject("semantic_model", after.name), Kind.COSMETIC)
    for parts in paired.parts:
        if parts.old != parts.new:
            changes.all(Subject("semantic_model", parts.new.name), records.differences(parts.old, parts.new))
            _parts(parts, used, records, problems, changes)
    _reordered(paired.semantic_models, "semantic_models", changes)
    _metrics(paired.metrics, records, problems, changes)
    _saved_queries(paired.saved_queries, records, problems, changes)
    _named_for_queries(records, changes)
    _beside(old, new, records, changes)


def _all_parts(model: SemanticModel, used: set[tuple[str, str]], changes: Changes, *, gone: bool) -> None:
    """Each part of a semantic model that came or went."""
    for kind, items in (("entity", model.entities), ("dimension", model.dimensions), ("measure", model.measures)):
        for item in items:
            subject = Subject(kind, item.name, model.name)
            if gone:
                changes.removed(subject, _of_measure(used, model.name, item.name) if kind == "measure" else Kind.BREAKING)
            else:
                changes.added(subject)


def _of_measure(used: set[tuple[str, str]], owner: str, name: str) -> Kind:
    """Nobody asks for a measure by its name: one on which no metric stood goes unnoticed."""
    return Kind.BREAKING if (owner, name) in used else Kind.COSMETIC


def _parts(parts: Parts, used: set[tuple[str, str]], records: Records, problems: Sequence[Problem], changes: Changes) -> None:
    sections: tuple[tuple[str, str, Matched[Any]], ...] = (
        ("entity", "entities", parts.entities),
        ("dimension", "dimensions", parts.dimensions),
        ("measure", "measures", parts.measures),
    )
    owner = parts.new.name
    for kind, section, matched in sections:
        internal = kind == "measure"
        for gone in matched.removed:
            told = _of_measure(used, parts.old.name, gone.name) if internal else Kind.BREAKING
            changes.removed(Subject(kind, gone.name, owner), told, before=gone.expr, hint=_why(gone.name, problems))
        for come in matched.added:
            changes.added(Subject(kind, come.name, owner), after=come.expr)
        for before, after in matched.renamed:
            told, hint = (Kind.COSMETIC, "") if internal else (Kind.BREAKING, _KEEP)
            changes.renamed(Subject(kind, before.name, parts.old.name), Subject(kind, after.name, owner), told, hint)
        for before, after in (*matched.same, *matched.renamed):
            if before != after:
                changes.all(Subject(kind, after.name, owner), records.differences(before, after, home=(parts.old.name, owner)))
        if matched.reordered:
            changes.changed(Subject("semantic_model", owner), Difference(section, Kind.COSMETIC, None, None))


def _metrics(metrics: Matched[Metric], records: Records, problems: Sequence[Problem], changes: Changes) -> None:
    old, new = records.old.ontology, records.new.ontology
    for gone in metrics.removed:
        changes.removed(
            Subject("metric", gone.name), _of_metric(gone, Kind.BREAKING), before=formula(gone, old), hint=_why(gone.name, problems)
        )
    for come in metrics.added:
        changes.added(Subject("metric", come.name), _of_metric(come, Kind.ADDITIVE), after=formula(come, new))
    for before, after in metrics.renamed:
        hint = f"keep `{before.name}` beside it, as a derived metric with `expr: {after.name}`, until nobody uses it"
        changes.renamed(Subject("metric", before.name), Subject("metric", after.name), _of_metric(before, Kind.BREAKING), hint)
    for before, after in (*metrics.same, *metrics.renamed):
        if before != after:
            changes.all(Subject("metric", after.name), records.metric(before, after))
    _reordered(metrics, "metrics", changes)


def _of_metric(metric: Metric, kind: Kind) -> Kind:
    """A hidden metric is for others to stand on: who asks was told when it was hidden, and many are made by the compiler for its own use."""
    return Kind.COSMETIC if metric.hidden else kind


def _saved_queries(queries: Matched[SavedQuery], records: Records, problems: Sequence[Problem], changes: Changes) -> None:
    for gone in queries.removed:
        changes.removed(Subject("saved_query", gone.name), before=gone.metrics, hint=_why(gone.name, problems))
    for come in queries.added:
        changes.added(Subject("saved_query", come.name), after=come.metrics)
    for before, after in queries.renamed:
        changes.renamed(Subject("saved_query", before.name), Subject("saved_query", after.name), hint=_KEEP)
    for before, after in (*queries.same, *queries.renamed):
        if before == after:
            continue
        subject = Subject("saved_query", after.name)
        changes.all(subject, records.differences(before, after))
        exports = match(before.exports, after.exports, lambda export: export.name)
        for lost in exports.removed:
            changes.removed(Subject("export", lost.name, after.name), before=lost)
        for more in exports.added:
            changes.added(Subject("export", more.name, after.name), after=more)
        for one, other in exports.same:
            if one != other:
                changes.all(Subject("export", other.name, after.name), records.differences(one, other))
        if exports.reordered:
            changes.changed(subject, Difference("exports", Kind.COSMETIC, None, None))
    _reordered(queries, "saved_queries", changes)


def _named_for_queries(records: Records, changes: Changes) -> None:
    """Segments and hierarchies: names that queries use of a semantic model's metrics."""
    old, new = records.old, records.new
    segments = match(
        old.ontology.segments,
        new.ontology.segments,
        lambda segment: f"{old.called('semantic_model', segment.semantic_model)}.{segment.name}",
        lambda segment: repr(old.condition(segment.where, segment.semantic_model)),
        lambda segment: repr(new.condition(segment.where, segment.semantic_model)),
    )
    hierarchies = match(
        old.ontology.hierarchies,
        new.ontology.hierarchies,
        lambda hierarchy: f"{old.called('semantic_model', hierarchy.semantic_model)}.{hierarchy.name}",
        lambda hierarchy: repr(hierarchy.levels),
    )
    sections: tuple[tuple[str, str, str, Matched[Any]], ...] = (
        ("segment", "segments", "where", segments),
        ("hierarchy", "hierarchies", "levels", hierarchies),
    )
    for kind, section, held, matched in sections:
        for gone in matched.removed:
            changes.removed(Subject(kind, gone.name, gone.semantic_model), before=getattr(gone, held))
        for come in matched.added:
            changes.added(Subject(kind, come.name, come.semantic_model), after=getattr(come, held))
        for before, after in matched.renamed:
            changes.renamed(Subject(kind, before.name, before.semantic_model), Subject(kind, after.name, after.semantic_model), hint=_KEEP)
        for before, after in (*matched.same, *matched.renamed):
            if before != after:
                home = (before.semantic_model, after.semantic_model)
                changes.all(Subject(kind, after.name, after.semantic_model), records.differences(before, after, home=home))
        _reordered(matched, section, changes)


def _beside(old: Ontology, new: Ontology, records: Records, changes: Changes) -> None:
    """Who uses and who owns: nothing that is asked depends on it."""
    for section, kind in (("exposures", "exposure"), ("groups", "group")):
        items: Matched[Any] = match(getattr(old, section), getattr(new, section), lambda item: str(item.name))
        for gone in items.removed:
            changes.removed(Subject(kind, gone.name), Kind.COSMETIC)
        for come in items.added:
            changes.added(Subject(kind, come.name), Kind.COSMETIC)
        for before, after in items.same:
            if before != after:
                changes.all(Subject(kind, after.name), records.differences(before, after))
        _reordered(items, section, changes)


def _reordered(matched: Matched[Any], section: str, changes: Changes) -> None:
    if matched.reordered:
        changes.changed(Subject("layer", ""), Difference(section, Kind.COSMETIC, None, None))


def _why(name: str, problems: Sequence[Problem]) -> str:
    """The error for which the compiler left something of that name out, or ""."""
    found = next((p for p in problems if p.severity is Severity.ERROR and f"`{name}`" in p.message), None)
    return f"it is still written there, and left out: {found.code} {found.message}" if found else ""


def tell_reach(reached: Sequence[ReachChange], changes: Changes) -> None:
    """What metrics can be grouped by now, and could before, where joins make the difference."""
    for change in reached:
        subject = Subject("semantic_model", " + ".join(change.starts)) if change.starts else Subject("metric", change.metrics[0])
        named = _some(change.metrics)
        if change.lost:
            told = f"{named} can no longer be grouped or filtered by {_some(change.lost)}"
            changes.changed(subject, Difference("reach.lost", Kind.BREAKING, change.lost, None), _JOINS, told)
        if change.gained:
            told = f"{named} can now be grouped and filtered by {_some(change.gained)}"
            changes.changed(subject, Difference("reach.gained", Kind.ADDITIVE, None, change.gained), told=told)
        for name, before, after in change.moved:
            told = f"for {named}, `{name}` leads elsewhere"
            changes.changed(subject, Difference(f"reach.way.{name}", Kind.MEANING, before, after), _JOINS, told)
        if change.ambiguous:
            told = f"for {named}, {_some(change.ambiguous)} alone means several things now, and is refused"
            changes.changed(subject, Difference("reach.ambiguous", Kind.BREAKING, change.ambiguous, None), _ALONE, told)
        if change.settled:
            told = f"for {named}, {_some(change.settled)} alone means one thing now"
            changes.changed(subject, Difference("reach.settled", Kind.ADDITIVE, None, change.settled), told=told)
        for name, before, after in change.elsewhere:
            told = f"for {named}, `{name}` alone means something else"
            changes.changed(subject, Difference(f"reach.alone.{name}", Kind.BREAKING, before, after), _ALONE, told)


_JOINS = "an entity on the way was changed, or two ways lead there now"
_ALONE = "call the new one otherwise, give a default path, or have those who ask name the entity before it"
_SOME = 5


def _some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    listed = ", ".join(f"`{name}`" for name in names[:_SOME])
    return f"{listed} and {len(names) - _SOME} more" if len(names) > _SOME else listed
