"""A list of things with names: a table for people, an array of objects for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.cli.tables import show_table
from app.service.present import to_json

Cell = str | bool | int | Sequence[str]


def show_list(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, as_json: bool) -> None:
    """Print the rows. In JSON numbers are numbers, lists are arrays and flags true or false; for people a list is written with commas, numbers stand to
    the right, and a flag is `yes` or nothing."""
    if as_json:
        sys.stdout.write(to_json([dict(zip(head, row, strict=True)) for row in rows]).decode() + "\n")
        return
    numeric = {at for at in range(len(head)) if rows and all(isinstance(row[at], int) and not isinstance(row[at], bool) for row in rows)}
    show_table(head, [[_text(cell) for cell in row] for row in rows], numeric=numeric)


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell if isinstance(cell, str) else ", ".join(cell)
