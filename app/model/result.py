"""What an engine gave back: typed columns of bounded length. JSON, CSV and Arrow are made at the edges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from app.model.base import Node
from app.model.types import DataType

Value: TypeAlias = str | int | float | bool | Decimal | dt.date | dt.datetime | dt.time | None
"""A cell. Decimals stay decimals; timestamps with a zone are converted to UTC and come without one; arrays and maps come as JSON text."""


class ResultColumn(Node, frozen=True):
    """A column's name and family of types."""

    name: str
    type: DataType


class Result(Node, frozen=True):
    """`data` holds one tuple of values per column, all of one length. `truncated` says that the row limit cut it."""

    columns: tuple[ResultColumn, ...]
    data: tuple[tuple[Value, ...], ...]
    truncated: bool = False
    engine: str = ""
    elapsed_ms: float = 0.0

    @property
    def row_count(self) -> int:
        """The number of rows held."""
        return len(self.data[0]) if self.data else 0

    def rows(self) -> Iterator[tuple[Value, ...]]:
        """The rows, in the engine's order."""
        return zip(*self.data, strict=True)
