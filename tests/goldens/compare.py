"""Rows that are to be equal: numbers of whatever type by value, dates and timestamps as they are, NULL only with NULL."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any


def same(left: Any, right: Any) -> bool:
    """Whether two cells are equal; numbers within a relative 1e-9, which is what sums of floats in another order may differ by."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, int | float | Decimal) and isinstance(right, int | float | Decimal):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return type(left) is type(right) and left == right


def _rank(value: Any) -> tuple[str, str]:
    if value is None:
        return ("z", "")
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return ("n", f"{float(value):+040.9f}")
    if isinstance(value, dt.date):
        return ("d", value.isoformat())
    return ("s", str(value))


def ordered(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """The rows in an order that does not depend on the engine."""
    return sorted(rows, key=lambda row: [_rank(value) for value in row])


def same_rows(left: Iterable[Sequence[Any]], right: Iterable[Sequence[Any]]) -> bool:
    """Whether two lists hold equal rows in the same order."""
    left, right = list(left), list(right)
    return len(left) == len(right) and all(len(a) == len(b) and all(map(same, a, b)) for a, b in zip(left, right, strict=True))
