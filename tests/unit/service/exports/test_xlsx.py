"""Workbooks, read back by another library."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from app.errors import UserError
from app.language.narrate import HIDDEN
from app.model.types import DataType
from app.service.exports import xlsx_file
from app.service.exports.xlsx_file import LONGEST_TEXT, storable, xlsx
from tests.unit.service.exports.answers import AT, REVENUE, asked, result, texts
from tests.unit.service.exports.test_csv import FORMULAS


def moment(*parts: int) -> dt.datetime:
    """As results have it: in UTC, without a zone."""
    return dt.datetime(*parts, tzinfo=dt.UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]


def opened(of: Any, **more: Any) -> Any:
    return load_workbook(io.BytesIO(xlsx(asked(of, **more))))


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from((*FORMULAS, "_x0041_", "http://x.y")), max_size=6
    )
)
def test_every_text_comes_back_as_text(values: list[str]) -> None:
    made = xlsx(asked(texts(*values)))
    sheet = load_workbook(io.BytesIO(made))["Answer"]
    for row in range(2, len(values) + 2):
        cell = sheet.cell(row, 1)
        assert cell.data_type == "s"
        assert cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        shared = [node.findtext("{*}t") for node in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iterfind("{*}si")]
        cells = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iterfind(".//{*}c[@t='s']/{*}v")
        held = [unescaped(shared[int(cell.text or 0)] or "") for cell in cells][1:]
    assert held == values


def unescaped(text: str) -> str:
    """As ECMA-376 reads `_xHHHH_` (22.4.2.4); openpyxl leaves it as it stands, and takes `x005F_` away first."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_types_and_formats() -> None:
    columns = [("revenue", DataType.DECIMAL), ("key", DataType.INTEGER), ("yes", DataType.BOOLEAN), ("day", DataType.DATE),
               ("at", DataType.TIMESTAMP), ("time", DataType.TIME), ("rate", DataType.FLOAT)]  # fmt: skip
    row = [Decimal("1234.50"), 12345678901234567890, True, dt.date(2026, 5, 1), moment(2026, 5, 1, 10, 30), dt.time(9, 15), 0.125]
    rate = type(REVENUE)("rate", "Rate", "", "a / b", "ratio", unit="", format="0.0%")
    book = opened(result(columns, [row, [None] * 7, [Decimal("NaN"), 5, False, dt.date(1066, 10, 14), moment(1815, 6, 18), None, 1e300]]),
                  definitions=(REVENUE, rate))  # fmt: skip
    sheet = book["Answer"]
    assert sheet.freeze_panes == "A2"
    assert [cell.value for cell in sheet[1]] == [name for name, _ in columns]
    cells = sheet[2]
    assert [cell.value for cell in cells] == [1234.5, "12345678901234567890", True, moment(2026, 5, 1), moment(2026, 5, 1, 10, 30),
                                              dt.time(9, 15), 0.125]  # fmt: skip
    assert [cells[at].number_format for at in (0, 3, 4, 6)] == ['"€"#,##0.00', "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "#,##0.0%"]
    assert all(cell.value is None for cell in sheet[3])
    assert [cell.value for cell in sheet[4]][:5] == ["NaN", 5, False, "1066-10-14", "1815-06-18 00:00:00"]


def test_a_fraction_keeps_fifteen_digits_and_a_key_all() -> None:
    found = opened(result([("n", DataType.DECIMAL)], [[Decimal("5067.0312345678901234")], [10**15], [10**15 - 1]]))["Answer"]
    assert [found.cell(row, 1).value for row in (2, 3, 4)] == [5067.03123456789, str(10**15), 10**15 - 1]


def test_the_second_sheet_says_what_it_is() -> None:
    sheet = opened(result([("revenue", DataType.DECIMAL)], [[Decimal(1)]], truncated=True), policies_applied=True, policies=("secret_policy",),
                   governed_sql="SELECT secret")["About"]  # fmt: skip
    told = {(row[0].value, row[1].value) for row in sheet.iter_rows(max_col=2)}
    assert {
        ("Asked", "revenue by country"),
        ("Formula", "sum of net_amount"),
        ("Owner", "Ana"),
        ("Defined in", "models/sales.yml"),
        ("Time zone of periods", "Europe/Berlin"),
        ("Answered at", "2026-05-31 12:30:05 UTC"),
        ("Layer", "2259552e8582"),
        ("Engine", "postgres, because it was asked for"),
        ("Freshness of its sources", "growing stale"),
        ("Policies", HIDDEN),
        ("Rows", "only the first 1 are here, there are more"),
        ("Warning DM8071", "the source is stale"),
        ("Correlation id", "cor_1"),
    } <= told
    assert "secret" not in str(told)


def test_the_same_answer_gives_the_same_bytes() -> None:
    made = asked(texts("a", "b"))
    assert xlsx(made) == xlsx(made)
    assert load_workbook(io.BytesIO(xlsx(made))).properties.created == AT.replace(microsecond=0, tzinfo=None)


def test_a_long_text_is_cut_and_that_is_said() -> None:
    book = opened(texts("x" * (LONGEST_TEXT + 1), "😀" * LONGEST_TEXT, "y" * LONGEST_TEXT))
    values = [book["Answer"].cell(row, 1).value for row in (2, 3, 4)]
    assert values[0] == "x" * (LONGEST_TEXT - 1) + "…"
    assert len(values[1].encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert values[2] == "y" * LONGEST_TEXT
    assert any("2 are cut" in str(row[1].value) for row in book["About"].iter_rows(max_col=2))
    assert storable("a\ud800") == "a?"


def test_half_a_character_breaks_no_name_and_no_title() -> None:
    made = asked(result([("a\ud800", DataType.TEXT)], [["x"]]), restated="b\ud800")
    book = load_workbook(io.BytesIO(xlsx(made)))
    assert (book["Answer"]["A1"].value, book.properties.title) == ("a?", "b?")


def test_what_has_no_room_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "MOST_ROWS", 2)
    with pytest.raises(UserError) as caught:
        xlsx(asked(texts("a", "b", "c")))
    assert caught.value.problem.code == "DM6083"
