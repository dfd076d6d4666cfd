"""PostgreSQL's types: their families, and loaders that keep digits and never fail on a value that Python cannot hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.string import TextLoader

from app.adapters.engines.gather import Convert, json_text
from app.model.types import DataType

_FAMILIES: dict[int, DataType] = {
    16: DataType.BOOLEAN,
    **dict.fromkeys((20, 21, 23, 26), DataType.INTEGER),
    **dict.fromkeys((700, 701), DataType.FLOAT),
    1700: DataType.DECIMAL,
    1082: DataType.DATE,
    **dict.fromkeys((1114, 1184), DataType.TIMESTAMP),
    **dict.fromkeys((1083, 1266), DataType.TIME),
    **dict.fromkeys((114, 3802), DataType.JSON),
    **dict.fromkeys((18, 19, 25, 1042, 1043, 2950, 705), DataType.TEXT),
    # bytea, money, interval, network addresses, bit strings, ranges: shown as the text PostgreSQL writes
    **dict.fromkeys((17, 790, 1186, 650, 869, 829, 774, 1560, 1562), DataType.OTHER),
}
_CATEGORIES = {"A": DataType.ARRAY, "E": DataType.TEXT, "S": DataType.TEXT}
_AS_TEXT = (
    *("bytea", "money", "interval", "uuid", "json", "jsonb", "jsonpath", "inet", "cidr", "timetz", "record"),
    *("int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange"),
    *("int4multirange", "int8multirange", "nummultirange", "datemultirange", "tsmultirange", "tstzmultirange"),
)


class _DateLoader(Loader):
    """A date as `date`; `infinity` and dates outside Python's years 1–9999 as text."""

    def load(self, data: Buffer) -> dt.date | str:
        """Read one value in ISO style."""
        text = bytes(data).decode()
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text


class _TimestampLoader(Loader):
    """A timestamp as `datetime` without a zone; one with a zone comes in UTC, since the session's zone is UTC, and loses it."""

    def load(self, data: Buffer) -> dt.datetime | str:
        """Read one value in ISO style."""
        text = bytes(data).decode()
        try:
            value = dt.datetime.fromisoformat(text)
        except ValueError:
            return text
        return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)


class _TimeLoader(Loader):
    """A time of day as `time`; 24:00:00 as text."""

    def load(self, data: Buffer) -> dt.time | str:
        """Read one value in ISO style."""
        text = bytes(data).decode()
        try:
            return dt.time.fromisoformat(text)
        except ValueError:
            return text


def register(connection: Connection[Any]) -> None:
    """Make the connection load values as `app.model.result.Value` has them."""
    adapters = connection.adapters
    for name in _AS_TEXT:
        adapters.register_loader(name, TextLoader)
    adapters.register_loader("date", _DateLoader)
    adapters.register_loader("timestamp", _TimestampLoader)
    adapters.register_loader("timestamptz", _TimestampLoader)
    adapters.register_loader("time", _TimeLoader)


def family(oid: int, category: str = "") -> DataType | None:
    """The family of a type by its OID, else by `pg_type.typcategory`; None where the category is needed and not given."""
    known = _FAMILIES.get(oid)
    if known is not None:
        return known
    return _CATEGORIES.get(category, DataType.OTHER) if category else None


def converter(kind: DataType) -> Convert | None:
    """How to make a loaded value ours."""
    return _array if kind in (DataType.ARRAY, DataType.OTHER) else None


def _array(value: Any) -> str:
    return value if isinstance(value, str) else json_text(value)
