"""CSV: every text comes back, and none is calculated."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.types import DataType
from app.service.exports.csv_lines import BOM, PIECE, csv_bytes, csv_lines, guard, unguard
from tests.unit.service.exports.answers import result, texts

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "'=1",
    "''=1",
    "=cmd|' /C calc'!A0",
    "＝1",
    '=HYPERLINK("http://x")',
    "\ufeff=1",
    "\u200b=1",
    "\u3000=1",
    "\u2003'\x0b=1",
    "\x00=1",
)
ODD = st.text(st.characters(exclude_categories=("Cs",)), max_size=40) | st.sampled_from(FORMULAS)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(ODD, min_size=1, max_size=5))
def test_every_text_comes_back(values: list[str]) -> None:
    for guarded in (True, False):
        made = b"".join(csv_bytes(csv_lines(texts(*values), guarded=guarded)))
        _, *rows = read(made.decode())
        assert [unguard(row[0]) if guarded else row[0] for row in rows] == values


@given(ODD)
def test_a_guarded_cell_begins_as_no_formula(text: str) -> None:
    made = guard(text)
    assert unguard(made) == text
    assert not made.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_have_an_apostrophe_before_them(text: str) -> None:
    assert guard(text) == "'" + text
    header, row = "".join(csv_lines(result([("-a", DataType.TEXT)], [[text]]), guarded=True)).split("\n", 1)
    assert header == "'-a"
    assert row.lstrip('"').startswith("'")


def test_values_of_other_types_are_left_as_they_are() -> None:
    columns = [("n", DataType.DECIMAL), ("f", DataType.FLOAT), ("b", DataType.BOOLEAN), ("d", DataType.DATE), ("t", DataType.TIMESTAMP)]
    row = [
        Decimal("-1234567890.12345678901234567890"),
        -1.5,
        True,
        dt.date(2026, 5, 1),
        dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC).replace(tzinfo=None),
    ]
    nothing = [None] * 5
    _, first, second = "".join(csv_lines(result(columns, [row, nothing]), guarded=True)).splitlines()
    assert first == "-1234567890.12345678901234567890,-1.5,true,2026-05-01,2026-05-01 10:00:00"
    assert second == ",,,,"
    assert "".join(csv_lines(texts("", None))).splitlines()[1:] == ['""', ""]
    assert "1000" in "".join(csv_lines(result(columns[:1], [[Decimal("1E+3")]])))


def test_it_comes_in_pieces_and_on_demand_with_a_mark() -> None:
    pieces = list(csv_bytes(csv_lines(texts(*["x" * 1000] * 200)), bom=True))
    assert pieces[0].startswith(BOM)
    assert len(pieces) > 2
    assert max(map(len, pieces)) < PIECE + 2000
    assert b"".join(csv_bytes(csv_lines(texts("a\ud800"), guarded=True))).decode().splitlines()[1] == "a?"
