"""A list of things with names: a table for people, an array of objects for programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from app.cli.tables import show_table
from app.service.present import to_json

Cell = str | int | Sequence[str]


def show_list(head: Sequence[str], rows: Sequence[Sequence[Cell]], *, as_json: bool) -> None:
    """Print the rows. In JSON numbers are numbers and lists are arrays; for people a list is written with commas, and numbers stand to the right."""
    if as_json:
        sys.stdout.write(to_json([dict(zip(head, row, strict=True)) for row in rows]).decode() + "\n")
        return
    numeric = {at for at in range(len(head)) if rows and all(isinstance(row[at], int) for row in rows)}
    show_table(head, [[_text(cell) for cell in row] for row in rows], numeric=numeric)


def _text(cell: Cell) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell if isinstance(cell, str) else ", ".join(cell)
