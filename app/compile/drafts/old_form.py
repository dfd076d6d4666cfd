"""Drafts as top-level `semantic_models:` and `metrics:`, which dbt 1.6 to 1.11 parse (and 1.12 still does)."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.drafts.form import Form
from app.compile.drafts.models import DraftDimension, DraftEntity, DraftMeasure, DraftModel
from app.compile.drafts.noted import Group, Part, Section
from app.compile.emit.yaml_text import Data
from app.model.physical import Model
from app.sql.expressions.spell.reserved import RESERVED


def sections(drafts: Sequence[DraftModel], form: Form) -> list[Section]:
    """`semantic_models` and `metrics` of a file."""
    metrics = [_metric(measure) for draft in drafts for measure in draft.measures]
    return [Section("semantic_models", [_semantic_model(draft, form) for draft in drafts]), Section("metrics", metrics)]


def ref(model: Model) -> str:
    """How YAML names a model: `ref('orders')`, or `ref('package', 'orders')` where another has its name."""
    package, _, name = model.name.rpartition(".")
    return f"ref('{package}', '{name}')" if package else f"ref('{name}')"


def column_expr(column: str) -> str:
    """A column as an `expr` writes it: quoted where its name is a word of SQL."""
    return f'"{column}"' if column.lower() in RESERVED else column


def _expr(name: str, column: str) -> dict[str, Data]:
    """`expr`, where it says something."""
    expr = column_expr(column)
    return {} if expr == name else {"expr": expr}


def _semantic_model(draft: DraftModel, form: Form) -> Group:
    head: dict[str, Data] = {"name": draft.name, "description": draft.model.description, "model": ref(draft.model)}
    why = f"{draft.model.name}: {draft.described_in}"
    if draft.time:
        head["defaults"] = {"agg_time_dimension": draft.time.column}
        why += f"\nits rows are counted by {draft.time.column}: {draft.time.why}"
    if not any(entity.type == "primary" for entity in draft.entities):
        head["primary_entity"] = draft.primary
        why += f"\nno column is certain to be its key, so its dimensions are called {draft.primary}__… and nothing joins to it"
    return Group(
        head,
        (
            Section("entities", [_entity(entity) for entity in draft.entities]),
            Section("dimensions", [_dimension(dimension, form) for dimension in draft.dimensions]),
            Section("measures", [_measure(measure, draft) for measure in draft.measures]),
        ),
        why,
    )


def _entity(entity: DraftEntity) -> Part:
    return Part({"name": entity.name, "type": entity.type.value, **_expr(entity.name, entity.column)}, entity.why, entity.sure)


def _dimension(dimension: DraftDimension, form: Form) -> Part:
    kind = "time" if dimension.grain else "categorical"
    data: dict[str, Data] = {"name": dimension.name, "type": kind, **_expr(dimension.name, dimension.column)}
    if dimension.grain:
        data["type_params"] = {"time_granularity": dimension.grain.value}
    if form.labels:
        data["description"] = dimension.description
    return Part(data, dimension.why, dimension.sure)


def _measure(measure: DraftMeasure, draft: DraftModel) -> Part:
    data: dict[str, Data] = {"name": measure.name, "agg": measure.aggregation.value}
    data |= _expr(measure.name, measure.column) if measure.column else {"expr": 1}
    if measure.at_end and draft.time:
        data["non_additive_dimension"] = {"name": draft.time.column, "window_choice": "max"}
    data["description"] = measure.description
    return Part(data, measure.why, measure.sure)


def _metric(measure: DraftMeasure) -> Part:
    data: dict[str, Data] = {
        "name": measure.name,
        "label": measure.label,
        "description": measure.description,
        "type": "simple",
        "type_params": {"measure": measure.name},
    }
    return Part(data, "", measure.sure)
