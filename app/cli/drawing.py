"""Lines of a table, made quickly: an answer may have ten thousand rows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, chop_cells

_NARROWEST = 10
"""A column of texts may be folded to as many letters."""

Row = Sequence[str]


class Null(str):
    """How a value that is not there is written: another colour tells it from a text of the same letters."""

    __slots__ = ()


def fitted(head: Row, rows: Sequence[Row], numeric: Collection[int], available: int | None) -> list[int] | None:
    """How wide each column is. With an available width columns of texts are narrowed, the widest first; None where that does not suffice."""
    widths = [max([_width(name), *map(_width, column)]) for name, column in zip(head, zip(*rows, strict=True), strict=True)] if rows else []
    widths = widths or [_width(name) for name in head]
    if available is None:
        return widths
    left = available - 3 * len(widths) - 1
    foldable = [number for number in range(len(widths)) if number not in numeric and widths[number] > _NARROWEST]
    while sum(widths) > left and foldable:
        widest = max(foldable, key=lambda number: widths[number])
        rest = sum(widths) - widths[widest]
        next_widest = max([_NARROWEST, *(widths[number] for number in foldable if widths[number] < widths[widest])])
        widths[widest] = max(next_widest, left - rest)
        foldable = [number for number in foldable if widths[number] > _NARROWEST]
    return widths if sum(widths) <= left else None


def draw_table(head: Row, rows: Sequence[Row], widths: Sequence[int], numeric: Collection[int], coloured: bool) -> Iterator[str]:
    """The lines of a table in a frame, the columns of `numeric` to the right."""
    yield "┏" + "┳".join("━" * (width + 2) for width in widths) + "┓"
    yield from _row(head, widths, numeric, "┃", _bold if coloured else str)
    yield "┡" + "╇".join("━" * (width + 2) for width in widths) + "┩"
    for row in rows:
        yield from _row(row, widths, numeric, "│", _styled if coloured else str)
    yield "└" + "┴".join("─" * (width + 2) for width in widths) + "┘"


def draw_lists(head: Row, rows: Sequence[Row], coloured: bool) -> Iterator[str]:
    """Each row as a list of names and values, as psql's expanded display has it."""
    width = max(map(_width, head), default=0)
    bold, styled = (_bold, _styled) if coloured else (str, str)
    for number, row in enumerate(rows, 1):
        yield f"── row {number} ──"
        for name, value in zip(head, row, strict=True):
            yield f"{bold(name)}{_blanks(name, width)}  {styled(value)}"


def _row(row: Row, widths: Sequence[int], numeric: Collection[int], bar: str, styled: Callable[[str], str]) -> Iterator[str]:
    """The lines of one row, more than one where a text is folded or has several lines itself."""
    parts = [_lines(text, width) for text, width in zip(row, widths, strict=True)]
    for line in zip_longest(*parts, fillvalue=""):
        cells = (
            _blanks(text, width) + styled(text) if number in numeric else styled(text) + _blanks(text, width)
            for number, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        yield f"{bar} " + f" {bar} ".join(cells) + f" {bar}"


def _blanks(text: str, width: int) -> str:
    """What a text lacks to that width."""
    return " " * (width - _width(text))


def _lines(text: str, width: int) -> list[str]:
    """A text on lines that are so wide at most, broken between words where that can be."""
    if "\n" not in text and _width(text) <= width:
        return [text]
    lines: list[str] = []
    for line in text.split("\n"):
        if line.isascii():
            lines += textwrap.wrap(line, width, break_on_hyphens=False) or [""]
        else:
            lines += chop_cells(line, width) or [""]
    return lines


def _width(text: str) -> int:
    """How many columns of a terminal a text takes; of one with several lines, the widest."""
    if "\n" in text:
        return max(map(_width, text.split("\n")))
    return len(text) if text.isascii() else cell_len(text)


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m"


def _styled(text: str) -> str:
    return f"\x1b[2;3m{text}\x1b[0m" if isinstance(text, Null) else text
