"""Columns → dimensions: times by their type, and what has few enough values to group by."""

from __future__ import annotations

from collections.abc import Collection

from app.compile.derive.words import free, identifier
from app.model.expr import Column
from app.model.physical import Model, ModelColumn
from app.model.semantics import Dimension, DimensionType
from app.model.types import DataType, Grain

_GROUPED = frozenset({DataType.TEXT, DataType.BOOLEAN, DataType.OTHER})
_CODES = ("id", "key", "code", "number", "no", "year", "month", "week", "day", "hour", "quarter", "dow", "version", "rank", "level")
"""Last words of whole numbers that name something, and are nothing to add up."""


def derive_dimensions(model: Model, without: Collection[str], taken: Collection[str]) -> tuple[Dimension, ...]:
    """The dimensions of a model, by name. `without` are columns that entities stand for, `taken` the names of entities.

    A protected column keeps its class and tells no values; its policies go with the column wherever it is read.
    """
    guarded = model.guarded_columns
    found: dict[str, Dimension] = {}
    for column in model.columns:
        if column.name in without or not column.name.isidentifier():
            continue
        kind = kind_of(column)
        name = identifier(column.name)
        if kind is None or not name:
            continue
        name = free(name, {*found, *taken})
        found[name] = Dimension(
            name=name,
            type=kind,
            expr=Column(column.name),
            grain=grain_of(column) if kind is DimensionType.TIME else None,
            description=column.description,
            label=column.label,
            synonyms=column.synonyms,
            pii=column.pii,
            values=column.accepted_values if column.name not in guarded else (),
        )
    return tuple(found[name] for name in sorted(found))


def kind_of(column: ModelColumn) -> DimensionType | None:
    """Whether a column is a time, or something to group by; None for amounts, and for what no engine groups by.

    Where nothing tells the type it is taken as it is: grouping by it is right whatever it holds, truncating it to a month would not be.
    """
    if column.type.is_temporal:
        return DimensionType.TIME
    if column.accepted_values or column.type in _GROUPED:
        return DimensionType.CATEGORICAL
    if column.type is DataType.INTEGER and identifier(column.name).rpartition("_")[2] in _CODES:
        return DimensionType.CATEGORICAL
    return None


def grain_of(column: ModelColumn) -> Grain:
    """The grain that YAML gives the column, else a day for dates and a second for timestamps."""
    return column.grain or (Grain.DAY if column.type is DataType.DATE else Grain.SECOND)
