"""ClickHouse's types: their families, and how the driver's values become ours."""

from __future__ import annotations

import datetime as dt
import re
import struct
from typing import Any

from app.adapters.engines.gather import Convert, json_text
from app.model.types import DataType

FORMATS = {"FixedString": "string", "UUID": "string", "IPv4": "string", "IPv6": "string"}
"""How the driver is asked to read types that Python holds as objects of its own."""

_WRAPPER = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$")
_SIMPLE_AGGREGATE = re.compile(r"^SimpleAggregateFunction\([^,]+, ?(.*)\)$")
_FAMILIES = (
    (re.compile(r"^U?Int\d+$"), DataType.INTEGER),
    (re.compile(r"^(?:B?Float\d+)$"), DataType.FLOAT),
    (re.compile(r"^Decimal"), DataType.DECIMAL),
    (re.compile(r"^Bool(?:ean)?$"), DataType.BOOLEAN),
    (re.compile(r"^DateTime"), DataType.TIMESTAMP),
    (re.compile(r"^Date"), DataType.DATE),
    (re.compile(r"^Time"), DataType.TIME),
    (re.compile(r"^(?:String|FixedString|Enum\d*|UUID|IPv[46])"), DataType.TEXT),
    (re.compile(r"^(?:JSON|Object|Map|Tuple)"), DataType.JSON),
    (re.compile(r"^(?:Array|Nested|QBit|Ring|LineString|Polygon|Multi)"), DataType.ARRAY),
)


def bare(native: str) -> str:
    """The type inside Nullable, LowCardinality and SimpleAggregateFunction."""
    while inner := _WRAPPER.match(native) or _SIMPLE_AGGREGATE.match(native):
        native = inner.group(1)
    return native


def family(native: str) -> DataType:
    """The family of a type by its name."""
    name = bare(native)
    return next((kind for pattern, kind in _FAMILIES if pattern.match(name)), DataType.OTHER)


def converter(native: str) -> Convert | None:
    """How to make a value of the type ours."""
    name, kind = bare(native), family(native)
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
