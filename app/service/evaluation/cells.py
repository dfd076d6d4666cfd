"""Single values of gold and answered rows, and when two of them are the same."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal

from app.model.result import Value
from app.service.evaluation.question import Cell

TOLERANCE = 0.001
"""By so much of itself a number may differ."""
_LEAST = 1e-6
"""What is lost where a small number was written with six places."""
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})[t ]00:00(?::00(?:\.0+)?)?(?:z|\+00:00)?")
_MONTH = re.compile(r"\d{4}-\d{2}")


def plain_of(column: Iterable[Value]) -> Callable[[Value], Cell]:
    """How values of a column are written: moments as days where each of them is the beginning of one, so that a period is called by its first day."""
    days = all(value.time() == dt.time() for value in column if isinstance(value, dt.datetime))
    return lambda value: plain(value.date() if days and isinstance(value, dt.datetime) else value)


def plain(value: Value) -> Cell:
    """The value as gold rows hold it: a decimal as a number, a time as text, what is no number as nothing."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        value = int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def number(cell: Cell) -> float | None:
    """The cell as a number, None where it is none. A text that is written like one counts: drivers differ in that."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, str):
        return float(cell) if len(cell) < 40 and _NUMBER.fullmatch(cell.strip()) else None
    try:
        return float(cell)
    except OverflowError:
        return None


def mark(cell: Cell) -> str | float | None:
    """What a cell is told by where it names a row: equal for what means the same."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    found = number(cell)
    if found is not None:
        return found
    if cell is None:
        return None
    text = str(cell).strip().casefold()
    day = _DAY.fullmatch(text)
    return day[1] if day else f"{text}-01" if _MONTH.fullmatch(text) else text


def close(got: float, gold: float) -> bool:
    """Whether two numbers differ by a thousandth at most."""
    return abs(got - gold) <= max(TOLERANCE * abs(gold), _LEAST)


def same(got: Cell, gold: Cell, scale: float = 1.0) -> bool:
    """Whether two cells hold the same; `scale` is what the first is multiplied by where it is a number."""
    a, b = number(got), number(gold)
    if a is not None and b is not None:
        return close(a * scale, b)
    return a is None and b is None and mark(got) == mark(gold)


def is_nothing(cell: Cell) -> bool:
    """Whether it is null or zero."""
    return cell is None or number(cell) == 0
