"""Source tables as typed columns: the one description from which both engines' tables and rows are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.demo.draws import Flags


class Kind(StrEnum):
    """What a column holds, and what its array holds for it."""

    ID = "id"  # a key: int64
    COUNT = "count"  # a small whole number: int64
    TEXT = "text"  # Python strings
    MONEY = "money"  # EUR, as int64 cents
    DAY = "day"  # int64 days since 1970-01-01, not before
    BIRTHDAY = "birthday"  # int64 days since 1970-01-01, negative before
    TIME = "time"  # UTC, as int64 seconds since 1970-01-01
    FLAG = "flag"  # bool


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `missing` marks the rows that are NULL, and a column without it is declared NOT NULL."""

    name: str
    kind: Kind
    values: NDArray[Any]
    missing: Flags | None = None

    def slice(self, start: int, stop: int) -> Column:
        """The rows from `start` to before `stop`."""
        missing = None if self.missing is None else self.missing[start:stop]
        return Column(self.name, self.kind, self.values[start:stop], missing)

    def keep(self, rows: Flags) -> Column:
        """The marked rows."""
        return Column(self.name, self.kind, self.values[rows], None if self.missing is None else self.missing[rows])


@dataclass(frozen=True, slots=True)
class Table:
    """A source table, sorted as it is loaded; `key` names the column that ClickHouse sorts by."""

    name: str
    key: str
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.columns[0].values)

    def column(self, name: str) -> Column:
        """The column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def keep(self, rows: Flags) -> Table:
        """The marked rows."""
        return Table(self.name, self.key, tuple(column.keep(rows) for column in self.columns))

    def batches(self, size: int) -> Iterator[tuple[Column, ...]]:
        """The rows in batches of at most `size`."""
        for start in range(0, len(self), size):
            yield tuple(column.slice(start, start + size) for column in self.columns)


def expect_rows(engine: str, table: Table, found: int) -> None:
    """Nothing was lost on the way into the engine. Raises RuntimeError."""
    if found != len(table):
        raise RuntimeError(f"{engine} holds {found} rows of {table.name} after loading {len(table)}")


def joined(first: Table, second: Table) -> Table:
    """The rows of both, which have the same columns, sorted by the key; rows of one key keep their order."""
    keys = np.concatenate([first.column(first.key).values, second.column(first.key).values])
    order = np.argsort(keys, kind="stable")
    columns = []
    for one, other in zip(first.columns, second.columns, strict=True):
        missing = None
        if one.missing is not None or other.missing is not None:
            missing = np.concatenate([_marks(one), _marks(other)])[order]
        columns.append(Column(one.name, one.kind, np.concatenate([one.values, other.values])[order], missing))
    return Table(first.name, first.key, tuple(columns))


def _marks(column: Column) -> Flags:
    return np.zeros(len(column.values), dtype=np.bool_) if column.missing is None else column.missing
