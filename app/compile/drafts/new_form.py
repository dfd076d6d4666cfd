"""Drafts inside models, as dbt 1.12 has them: `semantic_model:`, `entity:` and `dimension:` of columns, a model's `metrics:`."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.drafts.models import DraftDimension, DraftEntity, DraftMeasure, DraftModel
from app.compile.drafts.noted import Group, Part, Section
from app.compile.drafts.old_form import column_expr
from app.compile.emit.yaml_text import Data

Keys = dict[str, Data]
"""Keys of a mapping with their values."""


def sections(drafts: Sequence[DraftModel]) -> list[Section]:
    """`models` of a file."""
    return [Section("models", [_model(draft) for draft in drafts])]


def model_keys(draft: DraftModel) -> Keys:
    """What stands in the model itself, beside its columns and metrics."""
    named = draft.name == draft.model.name.rpartition(".")[2]
    keys: Keys = {"semantic_model": True if named else {"name": draft.name, "enabled": True}}
    if draft.time:
        keys["agg_time_dimension"] = draft.time.column
    if not any(entity.type == "primary" for entity in draft.entities):
        keys["primary_entity"] = draft.primary
    own = _by_column(draft)
    entities: list[Data] = [
        {"name": e.name, "type": e.type.value, "expr": column_expr(e.column)}
        for e in draft.entities
        if e.sure and (own.get(e.column) is not e or _is_word(e.column))
    ]
    dimensions: list[Data] = [
        {"name": d.name, "type": "categorical", "expr": column_expr(d.column)}
        if d.grain is None
        else {"name": d.name, "type": "time", "granularity": d.grain.value, "expr": column_expr(d.column)}
        for d in draft.dimensions
        if d.sure and _is_word(d.column)
    ]
    others: Keys = {key: held for key, held in (("entities", entities), ("dimensions", dimensions)) if held}
    if others:
        keys["derived_semantics"] = others
    return keys


def model_why(draft: DraftModel) -> str:
    """What speaks for the keys of a model, in lines."""
    return f"its rows are counted by {draft.time.column}: {draft.time.why}" if draft.time else ""


def column_keys(draft: DraftModel) -> dict[str, list[Part]]:
    """Column → what stands in it, as mappings with one or two keys."""
    found: dict[str, list[Part]] = {}
    for name, entity in _by_column(draft).items():
        if _is_word(name):
            continue
        found.setdefault(name, []).append(Part({"entity": _entity(entity)}, entity.why, entity.sure))
    for dimension in draft.dimensions:
        if _is_word(dimension.column):
            continue
        found.setdefault(dimension.column, []).append(Part(_dimension(dimension), dimension.why, dimension.sure))
    return found


def metric_parts(draft: DraftModel) -> list[Part]:
    """The simple metrics of a model."""
    return [Part(_metric(measure, draft), measure.why, measure.sure) for measure in draft.measures]


def _model(draft: DraftModel) -> Group:
    columns = []
    for name, parts in column_keys(draft).items():
        data: Keys = {"name": name}
        sure = [part for part in parts if part.sure]
        for part in sure or parts:
            data.update(part.data if isinstance(part.data, dict) else {})
        columns.append(Part(data, "\n".join(part.why for part in parts), bool(sure)))
    head: Keys = {"name": draft.model.name.rpartition(".")[2], **model_keys(draft)}
    why = f"these keys belong to the model's own entry: {draft.described_in}\n{model_why(draft)}".strip()
    return Group(head, (Section("columns", columns), Section("metrics", metric_parts(draft))), why)


def _is_word(column: str) -> bool:
    """Whether a column's name is a word of SQL: as what stands on a column is its bare name, that has to say so elsewhere."""
    return column_expr(column) != column


def _by_column(draft: DraftModel) -> dict[str, DraftEntity]:
    """The one entity that a column can bear: the primary one, or the first."""
    found: dict[str, DraftEntity] = {}
    for entity in sorted(draft.entities, key=lambda e: (e.type != "primary", e.type == "unique", e.name)):
        found.setdefault(entity.column, entity)
    return found


def _entity(entity: DraftEntity) -> Keys:
    return {"name": entity.name, "type": entity.type.value}


def _dimension(dimension: DraftDimension) -> Keys:
    own: Keys = {"type": "time" if dimension.grain else "categorical"}
    if dimension.name != dimension.column:
        own["name"] = dimension.name
    return ({"granularity": dimension.grain.value} if dimension.grain else {}) | {"dimension": own}


def _metric(measure: DraftMeasure, draft: DraftModel) -> Keys:
    data: Keys = {
        "name": measure.name,
        "label": measure.label,
        "description": measure.description,
        "type": "simple",
        "agg": measure.aggregation.value,
        "expr": column_expr(measure.column) if measure.column else 1,
    }
    if measure.at_end and draft.time:
        data["non_additive_dimension"] = {"name": draft.time.column, "window_agg": "max"}
    return data
