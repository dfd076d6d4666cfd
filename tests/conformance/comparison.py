"""When an answer is right: equal columns, and equal rows in any order (or in the given one); numbers within a relative 1e-6."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

TOLERANCE = 1e-6

Row = tuple[Any, ...]


def differences(
    columns: Sequence[str],
    rows: Sequence[Row],
    expected_columns: Sequence[str],
    expected_rows: Sequence[Sequence[Any]],
    *,
    in_order: bool = False,
) -> list[str]:
    """What is wrong with the answer, in a few lines; nothing where it is right. Expected times are written `{"t": "2020-03-06T00:00:00"}`."""
    names = sorted(expected_columns)
    if sorted(columns) != names:
        return [f"the columns are {sorted(columns)}, not {names}"]
    given = [_in(names, columns, row) for row in rows]
    wanted = [_in(names, expected_columns, [plain(value) for value in row]) for row in expected_rows]
    if in_order:
        return _ordered(given, wanted)
    return _anyhow(given, wanted)


def plain(value: Any) -> Any:
    """An expected cell as an engine would give it."""
    return dt.datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value


def same(left: Any, right: Any) -> bool:
    """Whether two cells are equal: NULL with NULL alone, a truth value with a truth value alone, a date with that day's midnight."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if _is_number(left) and _is_number(right):
        return math.isclose(left, right, rel_tol=TOLERANCE)
    return _exact(left) == _exact(right)


def _anyhow(given: list[Row], wanted: list[Row]) -> list[str]:
    """Rows are matched within groups of equal cells other than numbers, so that a difference in the last digit changes no order."""
    left: dict[Row, list[Row]] = defaultdict(list)
    for row in given:
        left[_group(row)].append(row)
    missing = []
    for row in wanted:
        among = left.get(_group(row), [])
        at = next((n for n, other in enumerate(among) if all(map(same, other, row))), None)
        if at is None:
            missing.append(row)
        else:
            del among[at]
    surplus = [row for rows in left.values() for row in rows]
    found = [] if len(given) == len(wanted) else [f"{len(given)} rows, not {len(wanted)}"]
    return found + [f"missing: {_shown(row)}" for row in missing[:5]] + [f"surplus: {_shown(row)}" for row in surplus[:5]]


def _ordered(given: list[Row], wanted: list[Row]) -> list[str]:
    found = [] if len(given) == len(wanted) else [f"{len(given)} rows, not {len(wanted)}"]
    for number, (row, other) in enumerate(zip(given, wanted, strict=False)):
        if not all(map(same, row, other)):
            found.append(f"row {number} is {_shown(row)}, not {_shown(other)}")
    return found[:6]


def _in(names: Sequence[str], columns: Sequence[str], row: Sequence[Any]) -> Row:
    """The row's cells in the order of `names`."""
    cells = dict(zip(columns, row, strict=True))
    return tuple(cells[name] for name in names)


def _group(row: Row) -> Row:
    """What of a row can be compared exactly; numbers are equal here."""
    return tuple("a number" if _is_number(value) else (type(_exact(value)).__name__, _exact(value)) for value in row)


def _exact(value: Any) -> Any:
    """A date is the midnight with which it begins."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime.combine(value, dt.time())
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _shown(row: Row) -> str:
    return "(" + ", ".join(str(value) for value in row) + ")"
