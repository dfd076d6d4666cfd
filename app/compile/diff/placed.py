"""Placements of two layers: which engine keeps which model, and of which types its columns are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.matching import match
from app.compile.diff.records import Difference
from app.compile.diff.report import Kind
from app.compile.diff.types import type_changed
from app.model.physical import Placement, Relation


def compare_placements(old: Sequence[Placement], new: Sequence[Placement], sources: Collection[str], changes: Changes) -> None:
    """An engine that goes takes the models with it for those who name it; a relation of another name or schema is one that nobody asks by.

    A source (`sources` are their names) is not built but found: in another place there are other rows.
    """
    if old == new:
        return
    engines = match(old, new, lambda placement: placement.engine)
    for gone in engines.removed:
        changes.removed(Subject("placement", gone.engine))
    for come in engines.added:
        changes.added(Subject("placement", come.engine))
    for before, after in engines.same:
        _relations(before, after, sources, changes)
        _types(before, after, changes)


def _relations(old: Placement, new: Placement, sources: Collection[str], changes: Changes) -> None:
    """Models that an engine has now or has no more; those that are built in another schema, as each target has its own, are told in one line."""
    before, after = dict(old.relations), dict(new.relations)
    subject = Subject("placement", new.engine)
    moved: list[tuple[Relation, Relation]] = []
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if one and other and name in sources:
            told = f"it reads another table on {new.engine}"
            changes.changed(Subject("model", name), Difference("relation", Kind.MEANING, one, other), _OTHER_ROWS, told)
            continue
        if one and other and one.name == other.name:
            moved.append((one, other))
            continue
        kind = Kind.COSMETIC if one and other else Kind.BREAKING if one else Kind.ADDITIVE
        changes.changed(subject, Difference(f"relations.{name}", kind, one, other))
    if moved:
        told = f"{len(moved)} model{' is' if len(moved) == 1 else 's are'} in another schema or database"
        places = [sorted({".".join(filter(None, (place.database, place.schema))) for place in side}) for side in zip(*moved, strict=True)]
        changes.changed(subject, Difference("relations", Kind.COSMETIC, tuple(places[0]), tuple(places[1])), told=told)


_OTHER_ROWS = "make sure that the rows there are those that are meant"


def _types(old: Placement, new: Placement, changes: Changes) -> None:
    """Types as the engine's catalog has them; columns that came or went are told by the model."""
    before = {(model, column): kind for model, column, kind in old.column_types}
    after = {(model, column): kind for model, column, kind in new.column_types}
    for key in sorted(before.keys() & after.keys()):
        if before[key] != after[key]:
            difference = Difference(f"column_types.{'.'.join(key)}", type_changed(before[key], after[key]), before[key], after[key])
            changes.changed(Subject("placement", new.engine), difference)
