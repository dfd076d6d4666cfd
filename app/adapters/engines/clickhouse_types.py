"""ClickHouse's types: their families, and how the driver's values become ours."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

from app.adapters.engines.gather import Convert, json_text
from app.model.types import DataType, Dialect
from app.sql.native_types import data_type, unwrapped

FORMATS = {"FixedString": "string", "UUID": "string", "IPv4": "string", "IPv6": "string"}
"""How the driver is asked to read types that Python holds as objects of its own."""


def family(native: str) -> DataType:
    """The family of a type by its name."""
    return data_type(native, Dialect.CLICKHOUSE)


def converter(native: str) -> Convert | None:
    """How to make a value of the type ours."""
    name, kind = unwrapped(native), family(native)
    if name in ("Float32", "BFloat16"):
        return _single
    if kind is DataType.TIMESTAMP:
        return _utc
    if kind is DataType.TIME:
        return _time_of_day
    if kind in (DataType.JSON, DataType.ARRAY):
        return json_text
    return _other if kind is DataType.OTHER else None


def _single(value: float) -> float:
    """The shortest decimal that means the same single-precision number: 0.1, where the driver gives 0.10000000149011612."""
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if abs(short) < 3.5e38 and struct.pack("f", short) == struct.pack("f", value):
            return short
    return value


def _utc(value: dt.datetime) -> dt.datetime:
    return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)


def _time_of_day(value: Any) -> Any:
    """A time of day; ClickHouse's Time goes beyond a day either way, and then comes as text."""
    if isinstance(value, dt.timedelta) and dt.timedelta(0) <= value < dt.timedelta(days=1):
        return dt.time(value.seconds // 3600, value.seconds // 60 % 60, value.seconds % 60, value.microseconds)
    return str(value)


def _other(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return value if isinstance(value, str | int | float | bool) else str(value)
