"""Models, columns and code of two layers, and the time spines on them."""

from __future__ import annotations

from collections.abc import Iterable

from app.compile.diff.changes import Changes, Subject
from app.compile.diff.code import CodeChanges
from app.compile.diff.matching import Matched, match
from app.compile.diff.records import Difference, Records
from app.compile.diff.report import Kind
from app.model.ontology import TimeSpine
from app.model.physical import Model, ModelColumn


def match_models(old: Iterable[Model], new: Iterable[Model]) -> Matched[Model]:
    """Models by name; a model under another name is the same where its columns, what it is built from and its contract are."""
    return match(old, new, lambda model: model.name, _same_model)


def compare_models(models: Matched[Model], records: Records, codes: CodeChanges, changes: Changes) -> None:
    """All that differs between models, their protection aside."""
    for gone in models.removed:
        changes.removed(Subject("model", gone.name), _of_model(gone, Kind.BREAKING))
    for come in models.added:
        changes.added(Subject("model", come.name), _of_model(come, Kind.ADDITIVE))
    for old, new in models.renamed:
        changes.renamed(Subject("model", old.name), Subject("model", new.name), hint=f"keep `{old.name}` as a view of `{new.name}`")
    for old, new in (*models.same, *models.renamed):
        known = old.unique_id == new.unique_id and new.unique_id in codes
        code = codes[new.unique_id] if known else None
        if old == new and code is None:
            continue
        subject = Subject("model", new.name)
        for found in records.differences(old, new):
            told_by_code = found.field == "depends_on" and known
            changes.changed(subject, found._replace(kind=Kind.COSMETIC, possible=False) if told_by_code else found)
        if code is not None:
            possible = code is Kind.MEANING
            told = "its SQL or the config of its rows is changed" if possible else "its SQL is spelled otherwise"
            changes.changed(subject, Difference("code", code, None, None, possible), _COMPARE if possible else "", told)
        _columns(old, new, records, changes)


_COMPARE = "numbers on this model may be others: compare them on both states before you publish"


def _of_model(model: Model, kind: Kind) -> Kind:
    """What no query can name comes and goes unseen."""
    return Kind.COSMETIC if model.materialized in ("ephemeral", "inline") else kind


def _same_model(model: Model) -> str | None:
    if not model.columns:
        return None
    columns = [(column.name, column.type, column.native_type) for column in model.columns]
    return repr((model.resource_type, columns, model.depends_on, model.contract_enforced, model.description))


def _columns(old: Model, new: Model, records: Records, changes: Changes) -> None:
    if old.columns == new.columns:
        return
    columns = match(old.columns, new.columns, lambda column: column.name, _same_column)
    for gone in columns.removed:
        changes.removed(Subject("column", gone.name, new.name), before=gone.native_type)
    for come in columns.added:
        changes.added(Subject("column", come.name, new.name), after=come.native_type)
    for before, after in columns.renamed:
        changes.renamed(Subject("column", before.name, new.name), Subject("column", after.name, new.name), hint=_KEEP)
    for before, after in (*columns.same, *columns.renamed):
        if before != after:
            changes.all(Subject("column", after.name, new.name), records.differences(before, after))
    if columns.reordered:
        changes.changed(Subject("model", new.name), Difference("columns", Kind.COSMETIC, _names(old.columns), _names(new.columns)))


_KEEP = "keep the old name beside the new one until nobody uses it"


def _same_column(column: ModelColumn) -> str | None:
    """A column is known again by what is said of it, and only where something is."""
    if not column.description or not column.native_type:
        return None
    return repr((column.native_type, column.description, column.tags, column.accepted_values, column.references, column.grain))


def _names(columns: Iterable[ModelColumn]) -> str:
    return ", ".join(column.name for column in columns)


def compare_spines(old: tuple[TimeSpine, ...], new: tuple[TimeSpine, ...], records: Records, changes: Changes) -> None:
    """Time spines, by model, else by grain. One more of a grain that there was already may be the one that is used now."""
    if old == new:
        return
    spines = match(old, new, lambda spine: spine.model, lambda spine: spine.grain)
    grains = {spine.grain for spine in old}
    for gone in spines.removed:
        changes.removed(Subject("time_spine", gone.model), before=gone.grain)
    for come in spines.added:
        changes.added(Subject("time_spine", come.model), Kind.MEANING if come.grain in grains else Kind.ADDITIVE, after=come.grain)
    for before, after in spines.renamed:
        changes.changed(Subject("time_spine", after.model), Difference("model", Kind.MEANING, before.model, after.model))
    for before, after in (*spines.same, *spines.renamed):
        if before != after:
            changes.all(Subject("time_spine", after.model), records.differences(before, after))
    if spines.reordered:
        changes.changed(Subject("layer", ""), Difference("time_spines", Kind.COSMETIC, None, None))
