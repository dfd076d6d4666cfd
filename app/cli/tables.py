"""Rows as a table for people: numbers to the right, missing values marked, nothing cut off silently."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from app.cli.console import out
from app.cli.drawing import Null, draw_lists, draw_table, fitted
from app.cli.manners import LogLevel, manners
from app.cli.show import say
from app.cli.terminal import clean
from app.language.formats import Written, cell
from app.model.result import Result, Value
from app.model.shapes import GROUPING, Grouping

NULL = Null("NULL")
"""A value that is not there; a text without letters is an empty cell."""


def show_result(result: Result, *, decimals: int | None = None, formats: Mapping[str, Written] | None = None) -> None:
    """The rows, each column written as `formats` says of its name; numbers rounded to `decimals` places where that is given.

    That the rows were cut is said on standard error.
    """
    columns = []
    for column, data in zip(result.columns, result.data, strict=True):
        written, days = (formats or {}).get(column.name), _are_days(data)
        columns.append([cell_text(value, decimals, written, days=days) for value in data])
    names = [column.name for column in result.columns]
    kept = _with_groupings(names, columns)
    numeric = {number for number, at in enumerate(kept) if result.columns[at].type.is_numeric}
    rows = list(zip(*(columns[at] for at in kept), strict=True)) if columns else []
    show_table([names[at] for at in kept], rows, numeric=numeric)
    if result.truncated:
        say(LogLevel.WARN, f"only the first {result.row_count} rows are shown")


def _with_groupings(names: Sequence[str], columns: Sequence[list[str]]) -> list[int]:
    """What an item of a row stands for, told in the item's own cell where that is no value; the columns that are left to show.

    Programs have a column for it, beside the item: a value may be called `total` too.
    """
    kept = []
    for at, name in enumerate(names):
        item = name.removesuffix(GROUPING)
        if item == name or item not in names:
            kept.append(at)
            continue
        cells = columns[names.index(item)]
        for row, stands_for in enumerate(columns[at]):
            if stands_for != Grouping.VALUE:
                cells[row] = Null(f"({stands_for})")
    return kept


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numeric: Collection[int] = ()) -> None:
    """A table on standard output, the columns of `numeric` to the right.

    A terminal that is too narrow gets texts on several lines, and where that does not suffice, a list for each row. Elsewhere a line is as long as it is.
    """
    names = [clean(name) for name in head]
    cells = [[value if isinstance(value, Null) else clean(value).expandtabs(4) for value in row] for row in rows]
    coloured = manners().colours(sys.stdout)
    widths = fitted(names, cells, numeric, out().width if sys.stdout.isatty() else None)
    lines = draw_lists(names, cells, coloured) if widths is None else draw_table(names, cells, widths, numeric, coloured)
    sys.stdout.writelines(f"{line}\n" for line in lines)


def cell_text(value: Value, decimals: int | None = None, written: Written | None = None, *, days: bool = False) -> str:
    """A value as people read it: by its metric's unit and format where it has one, else numbers with thousands separated, the rest as it is."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int | float):
        if written is not None and (written.unit or written.format):
            return cell(value, written, places=decimals)
        return number_text(value, decimals)
    return value.date().isoformat() if days and isinstance(value, dt.datetime) else str(value)


def number_text(value: Decimal | int | float, decimals: int | None = None) -> str:
    """A number with thousands separated: `decimals` places of it where that is given, at most four of a binary fraction, all of a decimal."""
    if not math.isfinite(value):
        return str(value)
    if decimals is not None and not isinstance(value, int):
        return f"{value:,.{decimals}f}"
    if isinstance(value, float):
        text = f"{value:,.4f}".rstrip("0").rstrip(".")
        return f"{value:,.4g}" if value and not text.strip("-0.") else text
    return f"{value:,}"


def _are_days(data: Sequence[Value]) -> bool:
    """Whether every moment of a column is the beginning of a day, so that its time says nothing."""
    return all(value.time() == dt.time() for value in data if isinstance(value, dt.datetime))
