"""How a spreadsheet is told to write a metric's values."""

from __future__ import annotations

import pytest

from app.language.formats import excel_format
from app.model.answer import Definition


@pytest.mark.parametrize(
    ("unit", "form", "whole", "expected"),
    [
        ("EUR", "#,##0.00", False, '"€"#,##0.00'),
        ("EUR", "", True, '"€"#,##0.00'),
        ("CHF", "", False, '#,##0.00 "CHF"'),
        ("", "0.0%", False, "#,##0.0%"),
        ("ratio", "", False, "#,##0.0%"),
        ("%", "", False, '#,##0.00"%"'),
        ("orders", "", True, '#,##0 "orders"'),
        ("", "", False, "#,##0.00"),
        ("", "integer", False, "#,##0"),
        ('in"ches', "", True, '#,##0 "in\'ches"'),
    ],
)
def test_a_format(unit: str, form: str, whole: bool, expected: str) -> None:
    assert excel_format(Definition("m", "M", "", "", "simple", unit=unit, format=form), whole=whole) == expected
