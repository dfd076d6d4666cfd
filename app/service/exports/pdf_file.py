"""One page of an answer: the sentence, the chart, the first rows and what they are, as text that can be selected. The same answer gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from app.language.formats import cell
from app.model.answer import Definition
from app.model.result import Result, Value
from app.service.exports.about import about, moment, notices
from app.service.exports.formats import Asked
from app.service.present import columns as named

if TYPE_CHECKING:
    from fpdf import FPDF

MOST_ROWS, MOST_COLUMNS = 18, 8
"""Rows and columns that a page has room for, beside all else."""
ROWS_BY_A_CHART = 8
_LONGEST_CELL, _LONGEST_TEXT, _LONGEST_VALUE = 60, 700, 400
_MARGIN, _LINE = 15.0, 4.4
_CHART_HEIGHT = 82.0
_INSTEAD = "?"
_GREY = (100, 100, 100)
_UNSEEN = dict.fromkeys((*range(0x20), 0x7F, *range(0x80, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " ")
"""Control characters, and those that turn the direction of what follows them."""


def pdf(asked: Asked, chart: bytes | None = None) -> bytes:
    """The page, with the chart where there is one. What has no room on it is said to be left out."""
    from fpdf import FPDF

    page = FPDF(format="A4")
    at = asked.at.astimezone(dt.UTC).replace(microsecond=0)
    page.set_creation_date(at)
    page.set_producer("DataMind")
    page.set_title(_plain(asked.answer.restated or "Answer", _LONGEST_TEXT))
    page.set_lang("en")
    with TemporaryDirectory() as folder:  # the library reads fonts from files, as it needs them
        for style, font in _fonts().items():
            path = Path(folder) / f"font{style}.ttf"
            path.write_bytes(font)
            page.add_font("F", style, path)
        page.set_text_shaping(use_shaping_engine=True)
        page.set_margin(_MARGIN)
        page.set_auto_page_break(False)
        page.add_page()
        _Page(page, asked, chart).fill()
        return bytes(page.output())


@cache
def _fonts() -> dict[str, bytes]:
    """FiraGO, from its wheel: Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Georgian and Devanagari."""
    from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular

    return {"": FiraGO_Regular.fontbuffer, "B": FiraGO_Bold.fontbuffer}


class _Page:
    """The page as it is filled, from the top."""

    def __init__(self, page: FPDF, asked: Asked, chart: bytes | None) -> None:
        self._page, self._asked, self._answer, self._chart = page, asked, asked.answer, chart
        self._bottom = page.h - _MARGIN - _LINE
        self._drawn: set[int] = set(page.fonts["f"].cmap)  # type: ignore[union-attr]
        self._lacks = False

    def fill(self) -> None:
        """All of it."""
        answer, result = self._answer, self._answer.result
        if answer.question:
            self._said(answer.question, 9, grey=True)
        self._said(answer.restated or "Answer", 15, bold=True)
        self._page.ln(1)
        self._said(answer.text, 10)
        for name, text in notices(answer):
            if name != "Policies":
                self._said(f"{name}: {text}", 9)
        if self._chart is not None:
            self._page.ln(2)
            width, height = _size(self._chart)
            scale = min(self._page.epw / width, _CHART_HEIGHT / height)
            self._page.image(io.BytesIO(self._chart), w=width * scale, h=height * scale)
        if result is not None and result.row_count and result.columns:
            self._page.ln(2)
            self._rows(result)
        self._told()
        if self._lacks:
            self._said(f"{_INSTEAD} stands for characters that can't be drawn here; xlsx, csv and json have them.", 8, grey=True)
        self._page.set_y(self._page.h - _MARGIN)
        self._said(f"Query {answer.query_id} · {moment(self._asked.at)} · layer {answer.layer_version}", 7, grey=True, last=True)

    def _said(self, text: str, size: float, *, bold: bool = False, grey: bool = False, last: bool = False) -> None:
        """A paragraph, where there is room for it."""
        text = self._plain(text, _LONGEST_TEXT)
        if not text or (self._page.get_y() + size / 2 > self._bottom and not last):
            return
        page = self._page
        page.set_font("F", "B" if bold else "", size)
        page.set_text_color(*(_GREY if grey else (0, 0, 0)))
        lines: list[str] = page.multi_cell(0, size * 0.46, text, align="L", dry_run=True, output="LINES")  # type: ignore[assignment]
        room = max(1, int((self._bottom - page.get_y()) / (size * 0.46))) if not last else 1
        if len(lines) > room:
            text = "\n".join([*lines[: room - 1], f"{lines[room - 1][:-2]} …"])
        page.multi_cell(0, size * 0.46, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def _plain(self, text: str, most: int) -> str:
        """The text as the page can hold it: nothing that is left out is left out unseen."""
        found = _plain(text, most)
        lacking = {character for character in found if ord(character) not in self._drawn and not character.isspace()}
        self._lacks = self._lacks or bool(lacking)
        return found.translate(dict.fromkeys(map(ord, lacking), _INSTEAD))

    def _rows(self, result: Result) -> None:
        """The first rows as a table, and how many are not in it."""
        shown = named(result)[:MOST_COLUMNS]
        most = min(ROWS_BY_A_CHART if self._chart is not None else MOST_ROWS, result.row_count)
        metrics = {one.metric: one for one in self._answer.definitions}
        heads = [self._plain(metrics[one.name].label or one.name if one.name in metrics else one.name, _LONGEST_CELL) for one in shown]
        numeric = [column.type.is_numeric for column in result.columns[: len(shown)]]
        cells = [
            [self._plain(_cell(value, metrics.get(one.name)), _LONGEST_CELL) for value, one in zip(row, shown, strict=False)]
            for row, _ in zip(result.rows(), range(most), strict=False)
        ]
        page = self._page
        page.set_text_color(0, 0, 0)
        page.set_font("F", "", 8)
        widths = [max(page.get_string_width(text) + 4 for text in column) for column in zip(heads, *cells, strict=True)]
        scale = min(1.0, page.epw / sum(widths))
        widths = [width * scale for width in widths]
        for number, row in enumerate([heads, *cells]):
            page.set_font("F", "" if number else "B", 8)
            for text, width, right in zip(row, widths, numeric, strict=True):
                page.cell(width, _LINE + 0.4, self._fitting(text, width), border="B" if not number else 0, align="R" if right else "L")
            page.ln()
        left = [f"{result.row_count - most:,} more rows"] if result.row_count > most else []
        left += [f"{len(result.columns) - len(shown)} more columns"] if len(result.columns) > len(shown) else []
        if left:
            self._said(f"{' and '.join(left)} are not on this page; xlsx and csv have all of them.", 8, grey=True)

    def _fitting(self, text: str, width: float) -> str:
        """The text, cut where the cell ends."""
        if self._page.get_string_width(text) <= width - 1:
            return text
        while text and self._page.get_string_width(f"{text}…") > width - 1:
            text = text[:-1]
        return f"{text}…"

    def _told(self) -> None:
        """What the rows are: a line for each thing that is said, as far as the page goes."""
        skipped = {"Asked", "Understood as", "Answer"}
        for section in about(self._asked):
            rows = [row for row in section.rows if row[0] not in skipped]
            if not rows or self._page.get_y() + 3 * _LINE > self._bottom:
                continue
            self._page.ln(1.5)
            self._said(section.title, 8.5, bold=True)
            self._said("   ·   ".join(f"{name}: {self._plain(value, _LONGEST_VALUE)}" for name, value in rows), 8)


def _size(png: bytes) -> tuple[int, int]:
    """Its width and height, as the first chunk of every PNG says."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _plain(text: str, most: int) -> str:
    """One line without characters that nobody sees, cut after so many."""
    found = " ".join(text.translate(_UNSEEN).encode("utf-8", "replace").decode().split())
    return found if len(found) <= most else f"{found[: most - 1]}…"


def _cell(value: Value, metric: Definition | None) -> str:
    if value is None:
        return "–"
    if metric is None and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)
    return cell(value, metric)
