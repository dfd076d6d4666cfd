"""A result's columns as the page's table takes them."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from app.ui.table import Column, columns_of


def column(kind: str, values: list[Any], *, group: dict[str, Any] | None = None, labels: dict[str, str] | None = None) -> Column:
    """The only column of a result: a group-by item, or something that the query does not name."""
    name = "c"
    if group is not None:
        stem = "__".join((*group.get("path", ()), group["name"]))
        name = (
            f"{stem}__extract_{group['date_part']}"
            if group.get("date_part")
            else f"{stem}__{group['grain']}"
            if group.get("grain")
            else stem
        )
    answer = {
        "columns": [{"name": name, "type": kind}],
        "results": [{name: value} for value in values],
        "definitions": [],
        "query": {"group_by": [group] if group else []},
    }
    return columns_of(answer, labels or {})[name]


def metric(kind: str, values: list[Any], **definition: str) -> Column:
    """The only column of a result, a metric's."""
    answer = {
        "columns": [{"name": "m", "type": kind}],
        "results": [{"m": value} for value in values],
        "definitions": [{"metric": "m", "label": "Metric", "unit": "", **definition}],
        "query": {"group_by": []},
    }
    return columns_of(answer, {})["m"]


def settings_of(found: Column) -> dict[str, Any]:
    return dict(json.loads(json.dumps(found.config))["type_config"])


def test_money_has_two_decimals_and_stands_right() -> None:
    found = metric("decimal", [Decimal("5"), None, Decimal("2.5")], unit="EUR")
    assert found.values == [5.0, None, 2.5]
    assert found.heading == "Metric (EUR)"
    assert settings_of(found)["format"] == "%,.2f"
    assert found.config["alignment"] == "right"


def test_more_digits_than_a_browser_holds_are_text() -> None:
    found = metric("decimal", [Decimal("9007199254740993.01"), Decimal("1.5"), None], unit="EUR")
    assert found.values == ["9,007,199,254,740,993.01 EUR", "1.50 EUR", None]
    assert found.config["alignment"] == "right"
    assert column("integer", [9007199254740993]).values == ["9007199254740993"]


def test_percentages() -> None:
    found = metric("float", [Decimal("0.0725")], unit="%", format="0.0%")
    assert settings_of(found)["format"] == "%,.1f%%"
    assert found.values == [7.25]
    assert found.heading == "Metric"


def test_keys_have_no_thousands() -> None:
    found = column("integer", [10002, None], group={"name": "customer"})
    assert found.values == [10002, None]
    assert settings_of(found)["format"] == "%.0f"


@pytest.mark.parametrize(
    ("group", "heading", "form"),
    [
        ({"name": "metric_time", "grain": "month"}, "Month", "MMM YYYY"),
        ({"name": "metric_time", "grain": "quarter"}, "Quarter", "[Q]Q YYYY"),
        ({"name": "metric_time", "grain": "day"}, "Day", "D MMM YYYY"),
        ({"name": "order__ordered_at", "grain": "week"}, "Order date (week)", "D MMM YYYY"),
        ({"name": "order__ordered_at", "grain": "year", "path": ["line"]}, "Order date (year)", "YYYY"),
        ({"name": "order__shipped_at", "grain": ""}, "order__shipped_at", "D MMM YYYY"),
    ],
)
def test_dates(group: dict[str, Any], heading: str, form: str) -> None:
    found = column("date", ["2026-01-01", None], group=group, labels={"order__ordered_at": "Order date"})
    assert found.values == [dt.date(2026, 1, 1), None]
    assert (found.heading, settings_of(found)["format"]) == (heading, form)


@pytest.mark.parametrize(("text", "form"), [("2026-01-01T00:00:00", "D MMM YYYY"), ("2026-01-01T08:30:00", "D MMM YYYY, HH:mm")])
def test_timestamps(text: str, form: str) -> None:
    found = column("timestamp", [text, None])
    assert found.values == [dt.datetime.fromisoformat(text), None]
    assert settings_of(found)["format"] == form


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_date_that_no_calendar_has_stays_as_it_came(kind: str) -> None:
    assert column(kind, ["12000-01-01", None]).values == ["12000-01-01", None]


def test_date_parts() -> None:
    found = column("integer", [1, 7], group={"name": "metric_time", "date_part": "dow"})
    assert found.heading == "Day of the week"
    assert found.values == [1, 7]


def test_other_values_are_words() -> None:
    assert column("boolean", [True, False, None]).values == ["yes", "no", None]
    assert column("json", ['{"a": 1}']).values == ['{"a": 1}']
    assert column("integer", [True]).values == ["yes"]
    assert metric("text", ["high"]).values == ["high"]
    assert metric("date", ["2026-01-01"]).values == [dt.date(2026, 1, 1)]


def test_wide_headings_fit() -> None:
    assert metric("integer", [1], label="Net new recurring revenue per month").config["width"] > 280
    assert metric("integer", [1]).config["width"] == 90
    assert column("text", ["x" * 4000]).config["width"] == 420
