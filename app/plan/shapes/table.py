"""A table as it grows: a step with one row for each combination of its keys, and named values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.model.expr import Expr
from app.model.plan import JoinKind, Named, Rows, Select, Windowed
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.nulls import same_group
from app.plan.scans import Scans
from app.sql.expressions.infer import infer


@dataclass(frozen=True, slots=True)
class Table:
    """A step, its keys and the columns of its values by the names that the query gives them."""

    step: str
    keys: tuple[str, ...]
    columns: Mapping[str, str]


def join_groups(scans: Scans, base: str, other: str, keys: Sequence[str], kind: JoinKind = JoinKind.LEFT) -> None:
    """Join a step that was opened as `other`, which has one row for each combination of the keys, to `base`; without keys its only row."""
    if not keys:
        scans.join(other, (), JoinKind.CROSS)
        return
    pairs = ((scans.column(base, key), scans.column(other, key)) for key in keys)
    on = tuple(part for mine, its in pairs for part in same_group(mine, its, scans.type_of(mine)))
    scans.join(other, on, kind, ", ".join(keys))


def select(
    draft: Draft,
    scans: Scans,
    wanted: str,
    table: Table,
    alias: str,
    exprs: Mapping[str, Expr],
    where: Expr | None = None,
    windows: Iterable[Windowed] = (),
) -> Table:
    """A table over what was opened: the keys of the one opened as `alias`, and expressions by name."""
    keys = tuple(scans.named(alias, key) for key in table.keys)
    columns = tuple(Named(name, expr, infer(expr, scans.type_of)) for name, expr in exprs.items())
    made = tuple(windows)
    name = draft.name(wanted)
    draft.add(Select(name, scans.finish(where), keys, columns, made))
    return Table(name, table.keys, {given: given for given in (*exprs, *(window.name for window in made))})


def reopened(draft: Draft, table: Table) -> tuple[Scans, str, dict[str, Expr]]:
    """Scans that begin with a table, its alias, and its values."""
    scans = Scans(draft)
    alias = scans.step(table.step)
    return scans, alias, {name: scans.column(alias, column) for name, column in table.columns.items()}


def rows_of(draft: Draft, table: Table) -> tuple[Rows, tuple[Named, ...], tuple[Named, ...]]:
    """A table as rows, with its keys and values."""
    scans, alias, exprs = reopened(draft, table)
    keys = tuple(scans.named(alias, key) for key in table.keys)
    values = tuple(Named(name, expr, infer(expr, scans.type_of)) for name, expr in exprs.items())
    return scans.finish(None), keys, values


def type_in(draft: Draft, table: Table, name: str) -> DataType:
    """The type of a key or value."""
    return draft.type_of(table.step, table.columns.get(name, name))
