"""Rows as lines of CSV (RFC 4180): all digits, NULL apart from an empty text, and on demand no text that a spreadsheet takes for a formula."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.model.result import Result, Value

BOM = b"\xef\xbb\xbf"
"""By which Excel tells UTF-8 from the code page of the machine."""
PIECE = 1 << 16
_TO_QUOTE = frozenset(',"\r\n')
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""With what a cell begins that a spreadsheet may calculate: OWASP's list, with the full-width forms that some take for the same."""
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Categories of blanks, ends of lines, controls, and characters without a width."""
GUARD = "'"


def csv_lines(result: Result, *, decimals: int | None = None, guarded: bool = False) -> Iterator[str]:
    """The header and the rows; lines end in a line feed, and numbers are rounded to `decimals` places where that is given.

    NULL is nothing at all and an empty text `""`, as PostgreSQL's COPY has it. Where it is `guarded`, a text that a spreadsheet may take for a formula has an
    apostrophe before it, and so has one that begins with an apostrophe before such a text, so that taking one away gives every text back; numbers, dates and
    names of columns that begin so are not touched but for the latter.
    """
    yield ",".join(_text(column.name, guarded) for column in result.columns) + "\n"
    for row in result.rows():
        yield ",".join(_field(value, decimals, guarded) for value in row) + "\n"


def guard(text: str) -> str:
    """The text as no spreadsheet takes it for a formula; `unguard` gives it back."""
    return GUARD + text if _would_calculate(text) else text


def unguard(text: str) -> str:
    """What `guard` was given."""
    return text[1:] if text.startswith(GUARD) and _would_calculate(text[1:]) else text


def csv_bytes(lines: Iterable[str], *, bom: bool = False) -> Iterator[bytes]:
    """The lines as UTF-8, in pieces of some size. A lone half of a character becomes `?`, which UTF-8 has no form for."""
    held = bytearray(BOM if bom else b"")
    for line in lines:
        held += line.encode("utf-8", "replace")
        if len(held) >= PIECE:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


def _would_calculate(text: str) -> bool:
    """Some spreadsheets pass over blanks and what is not seen (a mark of the byte order at the head of a file is none of its text), and one apostrophe hides what
    stands behind it."""
    first = next((char for char in text if char in _FORMULA or not _is_passed_over(char)), "")
    return first in _FORMULA if first else False


def _is_passed_over(char: str) -> bool:
    return char == GUARD or unicodedata.category(char) in _UNSEEN


def _field(value: Value, decimals: int | None, guarded: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if decimals is not None and isinstance(value, float | Decimal):
        return f"{value:.{decimals}f}"
    if isinstance(value, str):
        return _text(value, guarded)
    return f"{value:f}" if isinstance(value, Decimal) and value.is_finite() else str(value)


def _text(text: str, guarded: bool) -> str:
    written = guard(text) if guarded else text
    return '"' + written.replace('"', '""') + '"' if not written or _TO_QUOTE & set(written) else written
