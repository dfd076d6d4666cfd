"""Answers as every door writes them in JSON: rows as objects, decimals as numbers with all their digits, dates in ISO form."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import msgspec

from app.model.answer import Answer
from app.model.base import Node
from app.model.result import Result, ResultColumn

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def to_json(value: Any) -> bytes:
    """JSON of records, plain values and mixtures of both."""
    return _ENCODER.encode(value)


def plain(value: Any) -> Any:
    """Records as objects with every field, defaults included; members of tagged unions stay as they are, with their tag."""
    if isinstance(value, msgspec.Struct) and value.__struct_config__.tag is None:
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def fields(record: Node, *without: str) -> dict[str, Any]:
    """Every field of a record but these, also those that have their default."""
    return {name: getattr(record, name) for name in record.__struct_fields__ if name not in without}


def columns(result: Result) -> list[ResultColumn]:
    """The columns by the names that the rows' objects use: where SQL gives a name twice, the later ones get a number (`total`, `total_2`)."""
    taken: set[str] = {column.name for column in result.columns}
    seen: set[str] = set()
    found = []
    for column in result.columns:
        name, number = column.name, 1
        while name in seen or (number > 1 and name in taken):
            number += 1
            name = f"{column.name}_{number}"
        seen.add(name)
        found.append(ResultColumn(name, column.type))
    return found


def rows(result: Result) -> list[dict[str, Any]]:
    """The rows as objects by column name; what JSON has no number for (NaN, infinities) is null."""
    names = [column.name for column in columns(result)]
    return [{name: _cell(value) for name, value in zip(names, row, strict=True)} for row in result.rows()]


def answer(found: Answer) -> dict[str, Any]:
    """The whole answer; the result as `columns`, `results`, `rows_returned`, `truncated` and `execution_time_ms`."""
    body = fields(found, "result")
    result = found.result
    if found.comparison is not None:
        period = found.comparison.period
        body["comparison"] = {**fields(found.comparison), "period": {"start": period.start, "end": period.end}}
    body["columns"] = columns(result) if result else []
    body["results"] = rows(result) if result else []
    body["rows_returned"] = result.row_count if result else 0
    body["truncated"] = bool(result and result.truncated)
    body["execution_time_ms"] = result.elapsed_ms if result else 0.0
    return body


def _cell(value: Any) -> Any:
    """A value that JSON can hold; PostgreSQL's numeric has NaN and infinities too."""
    return None if isinstance(value, float | Decimal) and not math.isfinite(value) else value
