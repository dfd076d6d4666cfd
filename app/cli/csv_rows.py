"""Rows as CSV: all digits, NULL apart from an empty text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from app.cli.manners import LogLevel
from app.cli.show import note, say
from app.errors import Problem, UserError, Where
from app.model.result import Result, Value

STDOUT = "-"
_TO_QUOTE = frozenset(',"\r\n')


def write_csv(result: Result, to: str = STDOUT, *, decimals: int | None = None) -> None:
    """The rows as CSV (RFC 4180 with a header, lines end in a line feed) on standard output or in the file `to`, numbers rounded to `decimals`
    places where that is given. NULL is nothing at all and an empty text `""`, as PostgreSQL's COPY has it.

    That the rows were cut is said on standard error. Raises UserError DM1041 where the file can't be written.
    """
    if to == STDOUT:
        sys.stdout.writelines(_lines(result, decimals))
    else:
        try:
            with Path(to).open("w", encoding="utf-8", newline="") as file:
                file.writelines(_lines(result, decimals))
        except OSError as error:
            raise UserError(Problem("DM1041", f"{to} can't be written: {error.strerror}", where=Where(to))) from error
        note(f"{result.row_count} rows written to {to}")
    if result.truncated:
        say(LogLevel.WARN, f"only the first {result.row_count} rows are written")


def _lines(result: Result, decimals: int | None) -> Iterator[str]:
    yield ",".join(_quoted(column.name) for column in result.columns) + "\n"
    for row in result.rows():
        yield ",".join(_field(value, decimals) for value in row) + "\n"


def _field(value: Value, decimals: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if decimals is not None and isinstance(value, float | Decimal):
        return f"{value:.{decimals}f}"
    return _quoted(value) if isinstance(value, str) else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if not text or _TO_QUOTE & set(text) else text
