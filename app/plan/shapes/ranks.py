"""Rows of a table, filtered and ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.model.expr import Binary, Case, Column, Expr, IsNull, Literal
from app.model.plan import JoinKind, Windowed
from app.model.shapes import Rank
from app.model.types import DataType
from app.plan.draft import Draft
from app.plan.shapes.table import Table, join_groups, reopened, select
from app.sql.expressions.coerce import coerced_condition
from app.sql.expressions.walk import replace_leaves


def filtered(draft: Draft, table: Table, having: Expr | None) -> Table:
    """The rows for which a condition over the table's columns holds."""
    if having is None:
        return table
    scans, alias, exprs = reopened(draft, table)

    def placed(leaf: Expr) -> Expr:
        return exprs.get(leaf.name) or scans.column(alias, leaf.name) if isinstance(leaf, Column) else leaf

    where = coerced_condition(replace_leaves(having, placed), scans.type_of)
    return select(draft, scans, "having", table, alias, exprs, where)


def ranked(draft: Draft, table: Table, ranks: Mapping[str, tuple[str, Rank]]) -> Table:
    """The table with ranks by name, each of a column. What is NULL has none."""
    if not ranks:
        return table
    scans, alias, exprs = reopened(draft, table)
    windows = []
    for name, (column, rank) in ranks.items():
        by = tuple(scans.column(alias, item) for item in rank.within)
        windows.append(Windowed(name, "rank", by, order=((exprs[column], not rank.ascending),), type=DataType.INTEGER))
    made = select(draft, scans, "ranked", table, alias, exprs, windows=windows)
    again, alias, found = reopened(draft, made)
    values = {name: Case(((IsNull(found[ranks[name][0]], negated=True), expr),)) if name in ranks else expr for name, expr in found.items()}
    return select(draft, again, "with_ranks", made, alias, values)


def placed(draft: Draft, table: Table, order: Sequence[tuple[str, bool]], within: Sequence[str], most: int, wanted: str) -> Table:
    """The first rows in an order of columns (each with whether it descends), of each group that items make; equal ones by the table's keys."""
    scans, alias, exprs = reopened(draft, table)

    def column(name: str) -> Expr:
        return exprs.get(name) or scans.column(alias, name)

    by = tuple(scans.column(alias, item) for item in within)
    items = (*((column(name), down) for name, down in order), *((scans.column(alias, key), False) for key in table.keys))
    place = draft.column("place")
    window = Windowed(place, "row_number", by, order=items, type=DataType.INTEGER)
    made = select(draft, scans, f"{wanted}_ordered", table, alias, exprs, windows=(window,))
    again, alias, found = reopened(draft, made)
    where = Binary("<=", found.pop(place), Literal(most, DataType.INTEGER))
    return select(draft, again, wanted, made, alias, found, where)


def among(draft: Draft, table: Table, first: Table) -> Table:
    """The rows of a table whose group is among those of another."""
    scans, alias, exprs = reopened(draft, table)
    other = scans.step(first.step)
    join_groups(scans, alias, other, first.keys, JoinKind.INNER)
    return select(draft, scans, "of_the_first", table, alias, exprs)
