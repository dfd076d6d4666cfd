"""Rows as a table for people: numbers to the right, missing values marked, nothing cut off silently."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.manners import LogLevel
from app.cli.show import clean, out, say
from app.language.formats import Written, cell
from app.model.result import Result, Value

NULL = Text("NULL", style="dim italic")
"""A value that is not there; a text without letters is an empty cell."""

_WIDEST = 1_000_000
_NARROWEST = 10
"""A column of texts may be folded to as many letters; where that does not suffice, each row is printed as a list."""


def show_result(result: Result, *, decimals: int | None = None, formats: Mapping[str, Written] | None = None) -> None:
    """The rows, each column written as `formats` says of its name; numbers rounded to `decimals` places where that is given.

    That the rows were cut is said on standard error.
    """
    columns = [
        [cell_text(value, decimals, (formats or {}).get(column.name), days=_are_days(data)) for value in data]
        for column, data in zip(result.columns, result.data, strict=True)
    ]
    numeric = {number for number, column in enumerate(result.columns) if column.type.is_numeric}
    rows = list(zip(*columns, strict=True)) if columns else []
    show_table([column.name for column in result.columns], rows, numeric=numeric)
    if result.truncated:
        say(LogLevel.WARN, f"only the first {result.row_count} rows are shown")


def show_table(head: Sequence[str], rows: Sequence[Sequence[str | Text]], *, numeric: Collection[int] = ()) -> None:
    """A table on standard output, the columns of `numeric` to the right.

    A terminal that is too narrow gets texts on several lines, and where that does not suffice, a list for each row. Elsewhere a line is as long as it is.
    """
    console = out()
    cells = [[Text(clean(value)) if isinstance(value, str) else value for value in row] for row in rows]
    table = _table(head, cells, numeric)
    natural = console.measure(table, options=console.options.update(width=_WIDEST)).maximum
    if not console.file.isatty():
        console.width = max(natural, console.width)
    elif natural > console.width and _least(head, cells, numeric) > console.width:
        _show_lists(console, head, cells)
        return
    console.print(table)


def _table(head: Sequence[str], rows: Sequence[Sequence[Text]], numeric: Collection[int]) -> Table:
    table = Table(header_style="bold")
    for number, name in enumerate(head):
        right = number in numeric
        table.add_column(Text(clean(name)), justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _least(head: Sequence[str], rows: Sequence[Sequence[Text]], numeric: Collection[int]) -> int:
    """How many letters wide the table must be."""
    widths = [max([len(name), *(row[number].cell_len for row in rows)]) for number, name in enumerate(head)]
    return sum((width if number in numeric else min(width, _NARROWEST)) + 3 for number, width in enumerate(widths)) + 1


def _show_lists(console: Console, head: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Each row as a list of names and values, as psql's expanded display has it."""
    width = max(map(len, head), default=0)
    for number, row in enumerate(rows, 1):
        console.rule(Text(f"row {number}"), align="left", style="dim")
        for name, value in zip(head, row, strict=True):
            console.print(Text.assemble((f"{clean(name):<{width}}", "bold"), "  ", value), soft_wrap=True)


def cell_text(value: Value, decimals: int | None = None, written: Written | None = None, *, days: bool = False) -> Text:
    """A value as people read it: by its metric's unit and format where it has one, else numbers with thousands separated, the rest as it is."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return Text("true" if value else "false")
    if isinstance(value, dt.datetime):
        return Text(value.date().isoformat() if days else str(value))
    if isinstance(value, Decimal | int | float):
        if written is not None and (written.unit or written.format):
            return Text(clean(cell(value, written, places=decimals)))
        return Text(number_text(value, decimals))
    return Text(clean(str(value)))


def number_text(value: Decimal | int | float, decimals: int | None = None) -> str:
    """A number with thousands separated: `decimals` places of it where that is given, at most four of a binary fraction, all of a decimal."""
    if not math.isfinite(value):
        return str(value)
    if decimals is not None and not isinstance(value, int):
        return f"{value:,.{decimals}f}"
    if isinstance(value, float):
        text = f"{value:,.4f}".rstrip("0").rstrip(".")
        return f"{value:,.4g}" if text.strip("-0.") == "" and value else text
    return f"{value:,}"


def _are_days(data: Sequence[Value]) -> bool:
    """Whether every moment of a column is the beginning of a day, so that its time says nothing."""
    return all(value.time() == dt.time() for value in data if isinstance(value, dt.datetime))
