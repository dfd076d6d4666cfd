"""Between records (`app.model.records`) and rows: columns carry the fields' names, so one pair of functions serves every table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Table, literal, select

from app.adapters.store import problems
from app.adapters.store.columns import storable
from app.model.base import Node

Record = TypeVar("Record", bound=Node)


def to_row(record: Node) -> dict[str, Any]:
    """The record's fields as column values."""
    return {name: plain(value) for name, value in msgspec.structs.asdict(record).items()}


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


def page(
    connection: Connection, table: Table, kind: type[Record], *where: ColumnElement[bool], before: str | int, limit: int, key: str = "id"
) -> list[Record]:
    """At most `limit` records for which `where` holds, the highest `key` first; those below `before`, or where that is "" or 0 from the highest on."""
    statement = select(*columns(table, kind)).where(*where)
    if before:  # a cursor may name a number that is greater than the column's own type holds
        statement = statement.where(table.c[key] < (literal(before, BigInteger) if isinstance(before, int) else before))
    return [to_record(row, kind) for row in connection.execute(statement.order_by(table.c[key].desc()).limit(limit))]


def plain(value: Any) -> Any:
    """The value as a column takes it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
