"""Collects rows or columns into a bounded Result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from app.model.result import Value

Convert = Callable[[Any], Value]
"""Makes a driver's value, never None, into one of ours."""

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def json_text(value: Any) -> str:
    """An array, map, tuple or document as JSON text; what JSON has no word for is written as its text."""
    try:
        return _encoder.encode(value).decode()
    except (TypeError, ValueError, msgspec.MsgspecError):
        return _encoder.encode(_plain(value)).decode()


def _plain(value: Any) -> Any:
    """The same with keys that JSON can hold."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


class Gathered:
    """Columns of at most `rows` rows and about `max_bytes` bytes, in the order in which blocks came.

    The size of a cell is counted as 16 bytes, and a text's own length besides. `truncated` says that a row was left out.
    """

    def __init__(self, width: int, rows: int, max_bytes: int) -> None:
        self._columns: list[list[Value]] = [[] for _ in range(width)]
        self._rows = rows
        self._bytes_left = max_bytes
        self.truncated = False

    @property
    def full(self) -> bool:
        """Whether reading further is of no use."""
        return self.truncated

    def add(self, block: Sequence[Sequence[Any]], converters: Sequence[Convert | None]) -> None:
        """Take a block of columns; a converter of None takes values as they are."""
        count = len(block[0]) if block else 0
        room = self._rows - self.row_count
        columns = []
        for values, convert in zip(block, converters, strict=True):
            kept = values if count <= room else values[:room]
            columns.append(list(kept) if convert is None else [None if v is None else convert(v) for v in kept])
        self.truncated = count > room
        fitting = self._fitting(columns)
        for mine, more in zip(self._columns, columns, strict=True):
            mine.extend(more[:fitting])

    @property
    def row_count(self) -> int:
        """Rows held so far."""
        return len(self._columns[0]) if self._columns else 0

    def data(self) -> tuple[tuple[Value, ...], ...]:
        """The columns."""
        return tuple(tuple(column) for column in self._columns)

    def _fitting(self, columns: list[list[Value]]) -> int:
        """How many rows of the block the bytes that are left can hold; takes them off."""
        count = len(columns[0]) if columns else 0
        size = 16 * count * len(columns) + sum(_text_length(column) for column in columns)
        if size <= self._bytes_left:
            self._bytes_left -= size
            return count
        for row in range(count):
            self._bytes_left -= sum(16 + (len(v) if isinstance(v := column[row], str) else 0) for column in columns)
            if self._bytes_left < 0:
                self.truncated = True
                return row
        return count


def _text_length(column: Iterable[Value]) -> int:
    return sum(len(value) for value in column if isinstance(value, str))
