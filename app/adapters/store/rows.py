"""Between records (`app.model.records`) and rows: columns carry the fields' names, so one pair of functions serves every table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, Table

from app.adapters.store import problems
from app.adapters.store.tables import storable
from app.model.base import Node

Record = TypeVar("Record", bound=Node)


def to_row(record: Node) -> dict[str, Any]:
    """The record's fields as column values."""
    return {name: _plain(value) for name, value in msgspec.structs.asdict(record).items()}


def to_record(row: Row[Any] | Mapping[str, Any], kind: type[Record]) -> Record:
    """The record of a row; columns that are no field of it are left out. Raises InternalError DM8014 where a value is not of the field's type."""
    values = row._mapping if isinstance(row, Row) else row
    try:
        return msgspec.convert({name: values[name] for name in kind.__struct_fields__ if name in values}, kind)
    except msgspec.ValidationError as cause:
        raise problems.damaged(f"a stored {kind.__name__}") from cause


def columns(table: Table, kind: type[Node]) -> list[Any]:
    """The table's columns that are fields of the record."""
    return [table.c[name] for name in kind.__struct_fields__]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
