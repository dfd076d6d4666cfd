"""An answer as an Excel workbook: the rows with their types and the metrics' formats, and a sheet that says what they are.

Text stays text, whatever it begins with. A number of Excel's has 15 digits: a whole number with more stands as text, since it is a key; a fraction is rounded to
them. The same answer gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from app.errors import Problem, UserError
from app.language.formats import excel_format
from app.model.result import Result, Value
from app.service.exports.about import Row, Section, about
from app.service.exports.formats import Asked
from app.service.present import columns as named

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576 - 1
MOST_COLUMNS = 16_384
MOST_CELLS = 5_000_000
"""A writer of a workbook takes some four seconds for a million cells."""
LONGEST_TEXT = 32_767
DIGITS = 15
ROWS, ABOUT = "Answer", "About"
_FIRST_DAY = dt.date(1900, 3, 1)
"""Before it Excel counts a day that never was."""
_WIDEST = 60
_LOOKED_AT = 200
_DATE, _TIME = "yyyy-mm-dd", "hh:mm:ss"


def xlsx(asked: Asked) -> bytes:
    """The workbook. Raises UserError DM6083 for more rows, columns or cells than one holds."""
    import xlsxwriter

    result = asked.answer.result
    if result is None:
        raise TypeError("an answer without rows has no workbook")
    _require_room(result)
    into = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "use_zip64": True,
    }
    book = xlsxwriter.Workbook(into, options)
    at = asked.at.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": storable(asked.answer.restated[:255]), "author": "DataMind", "created": at})
    sheet = _Rows(book, asked)
    cut = sheet.write(result)
    notes: list[Row] = [("Texts", f"{cut:,} are cut after {LONGEST_TEXT:,} characters, the most that a cell holds")] if cut else []
    _write_about(book, about(asked), notes)
    book.close()
    return into.getvalue()


def _require_room(result: Result) -> None:
    rows, wide = result.row_count, len(result.columns)
    if rows > MOST_ROWS or wide > MOST_COLUMNS or rows * wide > MOST_CELLS:
        message = f"{rows:,} rows of {wide:,} columns are more than a workbook holds here"
        hint = f"ask for {min(MOST_ROWS, MOST_CELLS // max(wide, 1)):,} rows or fewer, or take CSV"
        raise UserError(Problem("DM6083", message, hint=hint))


class _Rows:
    """The sheet of the rows."""

    def __init__(self, book: Any, asked: Asked) -> None:
        self._sheet: Worksheet = book.add_worksheet(ROWS)
        self._book = book
        self._metrics = {one.metric: one for one in asked.answer.definitions}
        self._head: Format = book.add_format({"bold": True, "bottom": 1})
        self._cut = 0

    def write(self, result: Result) -> int:
        """All of them, under a header that stays where it is. The number of texts that had to be cut."""
        shown = named(result)
        for at, (column, values) in enumerate(zip(shown, result.data, strict=True)):
            form = self._form(result.columns[at].name, values)
            style = self._book.add_format({"num_format": form}) if form else None
            self._sheet.write_string(0, at, storable(column.name), self._head)
            longest = max((len(str(value)) for value in values[:_LOOKED_AT] if value is not None), default=0)
            self._sheet.set_column(at, at, min(max(longest, len(column.name)) + 3, _WIDEST))
            for row, value in enumerate(values, 1):
                self._cell(row, at, value, style)
        self._sheet.freeze_panes(1, 0)
        if shown and result.row_count:
            self._sheet.autofilter(0, 0, result.row_count, len(shown) - 1)
        return self._cut

    def _form(self, column: str, values: Sequence[Value]) -> str:
        """The format of a column's numbers, dates or times; "" for Excel's own."""
        held = [value for value in values if value is not None]
        if column in self._metrics and any(isinstance(value, int | float | Decimal) for value in held):
            finite = (value for value in held if isinstance(value, int | float | Decimal) and math.isfinite(value))
            return excel_format(self._metrics[column], whole=all(value == int(value) for value in finite))
        if any(isinstance(value, dt.datetime) for value in held):
            midnight = all(not isinstance(value, dt.datetime) or value.time() == dt.time() for value in held)
            return _DATE if midnight else f"{_DATE} {_TIME}"
        if any(isinstance(value, dt.date) for value in held):
            return _DATE
        return _TIME if any(isinstance(value, dt.time) for value in held) else ""

    def _cell(self, row: int, at: int, value: Value, style: Format | None) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            self._sheet.write_boolean(row, at, value)
        elif isinstance(value, int | float | Decimal):
            number = _as_number(value)
            if number is None:
                self._text(row, at, str(value))
            else:
                self._sheet.write_number(row, at, number, style)
        elif isinstance(value, dt.time) or (isinstance(value, dt.date) and _day(value) >= _FIRST_DAY):
            self._sheet.write_datetime(row, at, value.replace(tzinfo=None) if isinstance(value, dt.datetime | dt.time) else value, style)
        else:
            self._text(row, at, value if isinstance(value, str) else str(value))

    def _text(self, row: int, at: int, text: str) -> None:
        kept = storable(text)
        if kept != text and len(text) > len(kept):
            self._cut += 1
        self._sheet.write_string(row, at, kept)


def storable(text: str) -> str:
    """The text as a cell holds it: cut after its most characters, which Excel counts by UTF-16, and without lone halves of characters."""
    units = text.encode("utf-16-le", "replace")
    return (
        text.encode("utf-8", "replace").decode()
        if len(units) <= 2 * LONGEST_TEXT
        else units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + "…"
    )


def _day(value: dt.date) -> dt.date:
    return value.date() if isinstance(value, dt.datetime) else value


def _as_number(value: int | float | Decimal) -> float | None:
    """The value as Excel's number; None where it is none, or a whole one with more digits than that has."""
    if not math.isfinite(value):
        return None
    if isinstance(value, float):
        return value
    exact = Decimal(value)
    if exact == exact.to_integral_value() and len(str(abs(int(exact)))) > DIGITS:
        return None
    return float(f"{exact:.{DIGITS}g}")


def _write_about(book: Any, sections: Sequence[Section], more: Sequence[Row]) -> None:
    sheet = book.add_worksheet(ABOUT)
    title, wrapped = book.add_format({"bold": True, "top": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    name = book.add_format({"valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 100)
    at = 0
    for section in (*sections, *([Section("Of this file", tuple(more))] if more else [])):
        sheet.write_string(at, 0, storable(section.title), title)
        for label, value in section.rows:
            at += 1
            sheet.write_string(at, 0, storable(label), name)
            sheet.write_string(at, 1, storable(value), wrapped)
        at += 2
