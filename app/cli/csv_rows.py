"""Rows as CSV on standard output or in a file, for programs: no text is guarded against spreadsheets, which `--output` is for."""

from __future__ import annotations

import sys
from pathlib import Path

from app.cli.manners import LogLevel
from app.cli.show import note, say
from app.errors import Problem, UserError, Where
from app.model.result import Result
from app.service.exports.csv_lines import csv_lines

STDOUT = "-"


def write_csv(result: Result, to: str = STDOUT, *, decimals: int | None = None) -> None:
    """The rows as `csv_lines` has them, on standard output or in the file `to`, numbers rounded to `decimals` places where that is given.

    That the rows were cut is said on standard error. Raises UserError DM1041 where the file can't be written.
    """
    if to == STDOUT:
        sys.stdout.writelines(csv_lines(result, decimals=decimals))
    else:
        try:
            with Path(to).open("w", encoding="utf-8", newline="") as file:
                file.writelines(csv_lines(result, decimals=decimals))
        except OSError as error:
            raise UserError(Problem("DM1041", f"{to} can't be written: {error.strerror}", where=Where(to))) from error
        note(f"{result.row_count} rows written to {to}")
    if result.truncated:
        say(LogLevel.WARN, f"only the first {result.row_count} rows are written")
