"""Rows that are to be compared: of the gold, which say what is right, and of an answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.model.result import Result
from app.service.evaluation.cells import is_nothing, number, plain_of
from app.service.evaluation.question import Cell, Gold, Rows

_SHARE = re.compile(r"(?:^|_)(?:pct|percent|percentage|share|ratio|rate|growth|proportion|fraction|yoy|mom|wow|qoq)(?:_|$)|%")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns, whose names may not be known. `keys` are the places of the columns that say what a row is of; the others hold its values."""

    columns: tuple[str, ...]
    rows: Rows
    keys: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns) or max((len(row) for row in self.rows), default=0)

    def counts(self, row: Sequence[Cell]) -> bool:
        """Whether a row says anything: one whose values are all zero or null does not."""
        values = [cell for at, cell in enumerate(row) if at not in self.keys] or row
        return not all(map(is_nothing if len(self.keys) < len(row) else _is_null, values))


@dataclass(frozen=True, slots=True)
class GoldTable:
    """What is right: `shares` are the columns that may be written as a fraction or in percent, `order` those by which the rows must stand in order,
    None where they may stand in any."""

    table: Table
    shares: frozenset[int] = frozenset()
    order: tuple[int, ...] | None = None


def _is_null(cell: Cell) -> bool:
    return cell is None


def answered(result: Result, keys: Collection[str]) -> Table:
    """The rows of an answer; `keys` names the columns that it is grouped by."""
    columns = tuple(column.name for column in result.columns)
    rows = tuple(zip(*(tuple(map(plain_of(column), column)) for column in result.data), strict=True))
    return Table(columns, rows, frozenset(at for at, name in enumerate(columns) if name in keys))


def gold_table(gold: Gold, columns: Sequence[str] = (), rows: Rows = ()) -> GoldTable:
    """The gold's own rows, or those that its query gave."""
    names, held = (gold.columns, gold.rows) if gold.has_rows else (tuple(columns), rows)
    width = len(names) or max((len(row) for row in held), default=0)
    keys = frozenset(at for at in range(width) if _is_key(names[at] if names else "", [row[at] for row in held], gold))
    values = [at for at in range(width) if at not in keys]
    shares = frozenset(at for at in values if (_SHARE.search(names[at].lower()) if names else gold.compare is not None))
    table = Table(names, held, keys)
    return GoldTable(table, shares, _order(gold, names) if gold.ordered else None)


def _is_key(name: str, cells: Sequence[Cell], gold: Gold) -> bool:
    """Whether a column says what a row is of: it is grouped by, or its cells are no numbers."""
    if name and name in gold.metrics:
        return False
    if name and (name in gold.group_by or name.startswith("metric_time")):
        return True
    return any(cell is not None and number(cell) is None for cell in cells)


def _order(gold: Gold, names: Sequence[str]) -> tuple[int, ...]:
    """The columns that the rows are ordered by; where one is not among them, all: then rows stand exactly as they do in the gold."""
    by = [one.removeprefix("-") if isinstance(one, str) else one.by for one in gold.order]
    return tuple(names.index(name) for name in by) if by and all(name in names for name in by) else ()
