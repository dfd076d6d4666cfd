"""The golden questions of `tests/questions`: reading them, and getting their gold rows by the SQL that stands beside each."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg

FOLDER = Path(__file__).resolve().parents[1] / "questions"
SETS = ("demo", "clinics", "utility", "freight", "hotel")
"""The files by the name of their project."""

Line = dict[str, Any]
Rows = list[list[Any]]


def path_of(name: str) -> Path:
    """The file of a project's questions."""
    return FOLDER / f"{name}.jsonl"


def read(name: str) -> list[Line]:
    """The questions of a project, in the order of the file."""
    return [json.loads(text) for text in path_of(name).read_text(encoding="utf-8").splitlines()]


def write(name: str, lines: Iterable[Line]) -> None:
    """Write a project's questions, a line each."""
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path_of(name).write_text(text, encoding="utf-8")


def golds(line: Line) -> list[Line]:
    """What holds rows of the line: the gold and each other reading, with their `columns`, `rows` and `sql`."""
    return [line, *line["alts"]] if line["kind"] == "answerable" else []


def asked(connection: psycopg.Connection[Any], sql: str) -> tuple[list[str], Rows]:
    """Columns and rows of the SQL, as JSON has them: rounded numbers, dates as text."""
    cursor = connection.execute(sql.encode())
    return [column.name for column in cursor.description or ()], [[plain(value) for value in row] for row in cursor.fetchall()]


def plain(value: object, *, digits: int = 6) -> Any:
    """A value as it stands in a file of questions, or with more digits."""
    if isinstance(value, Decimal | float):
        return round(float(value), digits)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def same(one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]], *, ordered: bool) -> bool:
    """Whether two lists of rows of the same columns say the same, numbers within a millionth."""
    if len(one) != len(other):
        return False
    pair = (one, other) if ordered else (sorted(one, key=_key), sorted(other, key=_key))
    return all(
        len(left) == len(right) and all(_equal(a, b) for a, b in zip(left, right, strict=True)) for left, right in zip(*pair, strict=True)
    )


def remade(line: Line, connection: psycopg.Connection[Any]) -> Line:
    """The line with columns and rows as its SQL gives them now; those that do not count on their order are sorted."""
    for gold in golds(line):
        gold["columns"], rows = asked(connection, gold["sql"])
        gold["rows"] = rows if line["ordered"] else sorted(rows, key=_key)
    return line


def conditions(line: Mapping[str, Any]) -> list[str]:
    """The line's `where` in the filter language of metric queries."""
    return [f"{_reference(one['dimension'])} {_comparison(one['op'], one['value'])}" for one in line["where"]]


def _reference(dimension: str) -> str:
    return "{{ Dimension('" + dimension + "') }}"


def _comparison(operator: str, value: object) -> str:
    if operator in ("is null", "is not null"):
        return operator
    if isinstance(value, list):
        return f"{operator} ({', '.join(_literal(one) for one in value)})"
    return f"{operator} {_literal(value)}"


def _literal(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return "'" + str(value).replace("'", "''") + "'"


def _key(row: Sequence[Any]) -> tuple[tuple[int, str], ...]:
    """What rows are sorted by: the words, nulls last, and then the numbers."""
    words = tuple((0, value) for value in row if isinstance(value, str))
    return (*words, *((1, f"{value!r}") for value in row if not isinstance(value, str)))


def _equal(one: object, other: object) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float) and not isinstance(one, bool) and not isinstance(other, bool):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)
    return one == other
