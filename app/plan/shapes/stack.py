"""Rows that stand for one group, for the rest, and for many, one under the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.model.expr import Cast, Expr, Literal
from app.model.plan import Named, Select, Union
from app.model.shapes import GROUPING, Grouping
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.shapes.table import Table, reopened, type_in
from app.sql.expressions.infer import infer


def grouping_column(key: str) -> str:
    """The column that tells what an item of a row stands for."""
    return f"{key}{GROUPING}"


@dataclass(frozen=True, slots=True)
class Level:
    """A table whose rows stand for `missing` in the items that it does not have."""

    table: Table
    missing: Grouping = Grouping.VALUE


def stacked(draft: Draft, levels: Sequence[Level], keys: Sequence[str], told: Sequence[str], values: Sequence[str]) -> Table:
    """All levels as one table with `values`; the first has all of `keys`. What an item of `told` stands for is told by a column beside it."""
    first = levels[0].table
    kinds: Mapping[str, DataType] = {name: type_in(draft, first, name) for name in (*keys, *values)}
    parts = tuple(_part(draft, level, keys, told, values, kinds) for level in levels)
    name = draft.name("with_totals")
    draft.add(Union(name, parts))
    return Table(name, tuple(keys), {column: column for column in (*map(grouping_column, told), *values)})


def _part(
    draft: Draft, level: Level, keys: Sequence[str], told: Sequence[str], values: Sequence[str], kinds: Mapping[str, DataType]
) -> Select:
    """The rows of one level."""
    scans, alias, exprs = reopened(draft, level.table)
    held = frozenset(level.table.keys)

    def nothing(name: str) -> Expr:
        kind = kinds[name]
        return Literal(None, kind) if kind is DataType.OTHER else Cast(Literal(None, kind), kind)

    named = tuple(Named(key, scans.column(alias, key) if key in held else nothing(key), kinds[key]) for key in keys)
    columns = [
        Named(grouping_column(key), Literal((Grouping.VALUE if key in held else level.missing).value, DataType.TEXT), DataType.TEXT)
        for key in told
    ]
    for name in values:
        expr = exprs.get(name) or nothing(name)
        columns.append(Named(name, expr, infer(expr, scans.type_of) if name in exprs else kinds[name]))
    return Select(f"{level.table.step}_rows", scans.finish(None), named, tuple(columns))
