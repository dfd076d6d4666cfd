"""The page of an answer: its text is text, in every script that the font has, and it is one page whatever the answer holds."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from app.language.narrate import HIDDEN
from app.model.types import DataType
from app.service.exports.pdf_file import pdf
from tests.unit.service.exports.answers import AT, asked, result, texts

COLUMNS = [("country", DataType.TEXT), ("revenue", DataType.DECIMAL)]


def text_of(page: bytes) -> str:
    pages = PdfReader(io.BytesIO(page)).pages
    assert len(pages) == 1
    return pages[0].extract_text()


def png() -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (1600, 700), "red").save(into, "PNG")
    return into.getvalue()


def test_it_has_all_that_is_asked_of_it() -> None:
    rows = result(COLUMNS, [["Österreich", Decimal("1234.5")], ["الإمارات", Decimal("-99.99")], ["Ελλάδα", None]])
    made = pdf(asked(rows, policies_applied=True, text=f"Two rows. {HIDDEN}", policies=("secret_policy",), governed_sql="secret"))
    found = " ".join(text_of(made).split())
    for said in (
        "Revenue by country, 1 May 2026", "revenue by country", HIDDEN, "Österreich", "€1,234.50", "Ελλάδα", "sum of net_amount", "models/sales.yml",
        "Owner: Ana", "Europe/Berlin", "2259552e8582", "cor_1", "2026-05-31 12:30:05 UTC", "the source is stale", "growing stale", "–",
    ):  # fmt: skip
        assert said in found, said
    assert set("الإمارات") <= set(found)
    assert "secret" not in found


def test_every_glyph_of_these_scripts_is_there(caplog: pytest.LogCaptureFixture) -> None:
    pdf(
        asked(
            texts("áçñößŁőİ €£¥", "Ελληνικά", "Кириллица", "العربية ١٢٣", "עברית", "ไทย", "ქართული", "हिन्दी"), text="– · … “”‘’ ± × ÷ ≤ ≥"
        )
    )
    assert "glyph" not in caplog.text


def test_what_the_font_lacks_is_said() -> None:
    found = text_of(pdf(asked(texts("東京 Tokyo"))))
    assert "?? Tokyo" in found
    assert "can't be drawn here" in found
    assert "can't be drawn here" not in text_of(pdf(asked(texts("Tokyo"))))


def test_with_a_chart_and_many_rows_it_stays_one_page() -> None:
    rows = result(
        [*COLUMNS, *((f"column_{n}", DataType.TEXT) for n in range(20))], [["x" * 300, Decimal(n), *["y" * 90] * 20] for n in range(500)]
    )
    long = asked(rows, text="word " * 2000, restated="long " * 400, definitions=asked(rows).answer.definitions * 40, question="q" * 2000)
    found = text_of(pdf(long, png()))
    assert long.answer.query_id in found
    rows = result(COLUMNS, [[str(n), Decimal(n)] for n in range(500)])
    found = " ".join(text_of(pdf(asked(rows), png())).split())
    assert "492 more rows are not on this page" in found


def test_the_same_answer_gives_the_same_bytes() -> None:
    made = asked(texts("a"))
    assert pdf(made, png()) == pdf(made, png())
    created = PdfReader(io.BytesIO(pdf(made))).metadata
    assert created is not None
    assert created.creation_date == AT.replace(microsecond=0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4), st.text(max_size=200))
def test_any_text_can_be_written(values: list[str], said: str) -> None:
    made: Any = asked(texts(*values), text=said, restated=said, question=said)
    assert text_of(pdf(made))


def test_an_answer_without_rows() -> None:
    assert "Revenue" in text_of(pdf(asked(result(COLUMNS, []))))
    assert text_of(pdf(asked(result([], []))))
