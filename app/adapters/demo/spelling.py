"""Column batches as the plain Python values that both drivers write fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.adapters.demo.tables import Column, Kind


def amounts(column: Column) -> list[str]:
    """Cents as decimal texts: `-0.05`, `12.30`."""
    return [
        f"-{-cents // 100}.{-cents % 100:02d}" if cents < 0 else f"{cents // 100}.{cents % 100:02d}" for cents in column.values.tolist()
    ]


def with_nulls(column: Column, values: list[Any], null: Any) -> list[Any]:
    """The values, with `null` where the column is missing."""
    if column.missing is None:
        return values
    return [null if missing else value for value, missing in zip(values, column.missing.tolist(), strict=True)]


def days(column: Column) -> list[str]:
    """Days as `2026-06-30`."""
    return _spelled(column.values.astype("datetime64[D]"))


def moments(column: Column) -> list[str]:
    """Seconds as `2026-06-30 23:59:59`, in UTC."""
    return [text.replace("T", " ") for text in _spelled(column.values.astype("datetime64[s]"))]


def flags(column: Column) -> list[str]:
    """`t` and `f`."""
    return ["t" if flag else "f" for flag in column.values.tolist()]


def escaped(column: Column) -> list[str]:
    """Texts as COPY's text format wants them: a backslash before backslashes and in place of tabs and line ends."""
    return [text.translate(_ESCAPES) for text in column.values.tolist()]


def whole(column: Column) -> list[str]:
    """Whole numbers as texts."""
    return [str(number) for number in column.values.tolist()]


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _spelled(values: NDArray[np.datetime64]) -> list[str]:
    spelled: list[str] = np.datetime_as_string(values).tolist()
    return spelled


COPY_TEXT: dict[Kind, Callable[[Column], list[str]]] = {
    Kind.ID: whole,
    Kind.COUNT: whole,
    Kind.TEXT: escaped,
    Kind.MONEY: amounts,
    Kind.DAY: days,
    Kind.BIRTHDAY: days,
    Kind.TIME: moments,
    Kind.FLAG: flags,
}
"""How each kind is written in COPY's text format."""
