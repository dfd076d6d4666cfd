"""How the rows of an answer differ from the gold's, in a line for people."""

from __future__ import annotations

from collections.abc import Sequence

from app.service.evaluation.cells import same
from app.service.evaluation.question import Cell
from app.service.evaluation.table import GoldTable, Table

_SHOWN = 3
"""So many rows are told of each side."""
_COMPARED = 200


def difference(got: Table, gold: GoldTable) -> str:
    """The rows that only one side has; where each row is found on the other one (in another order, or twice), the first rows of both."""
    wanted = gold.table
    rows, right = got.rows[:_COMPARED], wanted.rows[:_COMPARED]
    more = [row for row in rows if got.counts(row) and not any(_within(other, row) for other in right)]
    less = [row for row in right if wanted.counts(row) and not any(_within(row, other) for other in rows)]
    told = f"got {count(got)}, gold has {count(wanted)}"
    if not more and not less:
        return f"{told}: {first_rows(rows) or 'none'}, not {first_rows(right) or 'none'}"
    return "; ".join([told, *([f"not in gold: {first_rows(more)}"] if more else []), *([f"missing: {first_rows(less)}"] if less else [])])


def _within(row: Sequence[Cell], other: Sequence[Cell]) -> bool:
    """Whether each cell of a row is in another one."""
    return all(any(same(there, cell) for there in other) for cell in row)


def count(table: Table) -> str:
    """How many rows there are, in words."""
    number = len(table.rows)
    return f"{number} row{'' if number == 1 else 's'}"


def first_rows(rows: Sequence[Sequence[Cell]]) -> str:
    """The first rows in a line, "" where there are none."""
    shown = [f"({', '.join('NULL' if cell is None else str(cell) for cell in row)})" for row in rows[:_SHOWN]]
    return " ".join([*shown, *(["…"] if len(rows) > _SHOWN else [])])
