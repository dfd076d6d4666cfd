"""How numbers of metrics are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.figures import Style, places_of, style_of

MONEY = {"metric": "revenue", "label": "Revenue", "unit": "EUR"}


@pytest.mark.parametrize(
    ("definition", "number", "written"),
    [
        (MONEY, Decimal("12866.52"), "12,866.52 EUR"),
        (MONEY, Decimal("1.005"), "1.01 EUR"),
        (MONEY, Decimal("-0.125"), "-0.13 EUR"),
        (MONEY, 7, "7.00 EUR"),
        (MONEY, Decimal("123456789012345678901234567890.12"), "123,456,789,012,345,678,901,234,567,890.12 EUR"),
        ({"label": "Orders", "unit": "orders"}, 1633, "1,633"),
        ({"label": "Page views", "unit": "hits"}, 1633, "1,633 hits"),
        ({"label": "Ratio", "unit": ""}, Decimal("0.035036"), "0.0350"),
        ({"label": "Refund rate", "unit": "%", "format": "0.0%"}, Decimal("0.0725"), "7.3%"),
        ({"label": "Refund rate", "unit": "%", "format": ",.2%"}, Decimal("0.0725"), "7.25%"),
        ({"label": "Refund rate", "unit": "%"}, Decimal("0.0725"), "0.0725"),
        ({"label": "Refund rate", "unit": "%"}, Decimal("7.25"), "7.25"),
    ],
)
def test_written(definition: dict[str, str], number: Decimal, written: str) -> None:
    assert style_of(definition, [number]).write(number) == written


def test_a_percentage_without_a_format_is_not_known() -> None:
    assert not style_of({"label": "Rate", "unit": "%"}, []).known
    assert style_of({"label": "Rate", "unit": "%", "format": "0.0%"}, []).known


@pytest.mark.parametrize(
    ("numbers", "places"),
    [
        ([], 0),
        (["5", "7.00"], 0),
        (["5", "7.5"], 1),
        (["1.23456"], 2),
        (["0.0012345"], 5),
        (["0.00000000000012"], 10),
        (["100.125", "0.5"], 3),
    ],
)
def test_places(numbers: list[str], places: int) -> None:
    assert places_of([Decimal(number) for number in numbers]) == places


@pytest.mark.parametrize(
    ("number", "sent"), [("1.005", 1.01), ("-1.005", -1.01), ("0.125", 0.125), ("1.0049", 1.0049), ("3.14159265358979", 3.14159265358979)]
)
def test_digits_behind_the_shown_ones_are_sent_where_they_do_no_harm(number: str, sent: float) -> None:
    assert Style(1, 2).in_browser(Decimal(number)) == sent


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14), st.integers(0, 6), st.sampled_from([1, 100])
)
@settings(max_examples=200)
def test_a_browser_rounds_to_what_is_written(number: Decimal, places: int, scale: int) -> None:
    """JavaScript's toFixed rounds a number's exact binary value half away from zero (ECMA-262, 21.1.3.3)."""
    style = Style(scale, places)
    sent = style.in_browser(number)
    shown = style.rounded(number)
    if sent is None:
        assert len(shown.as_tuple().digits) > 15
    else:
        assert Style(1, places).rounded(Decimal(sent)) == shown
