"""Shapes where something may get lost: each case's numbers are counted by hand from the workshop's tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.errors import UserError
from app.model.types import Dialect
from tests.goldens.conftest import Warehouses, rendered
from tests.goldens.test_goldens import query_of

MONTH, COUNTRY = "metric_time__month", "customer__country"
ENGINES = pytest.mark.parametrize("dialect", list(Dialect))


def ask(warehouses: Warehouses, dialect: Dialect, **query: Any) -> list[dict[str, Any]]:
    result = warehouses.run(dialect, rendered(query_of({"query": query}))[dialect].text)
    return [dict(zip([column.name for column in result.columns], row, strict=True)) for row in result.rows()]


def of_march(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return next(row for row in rows if str(row[MONTH]).startswith("2024-03"))


@ENGINES
def test_a_moving_average_where_only_another_metric_has_a_row(warehouses: Warehouses, dialect: Dialect) -> None:
    """Visits by month: January 2, February 3, March none."""
    asked = {"metrics": ["orders", "visits"], "group_by": [MONTH]}
    row = of_march(ask(warehouses, dialect, **asked, calculations=["a = moving_average(visits, 2)", "b = moving_max(visits, 3)"]))
    assert (row["a"], row["b"]) == (3, 3)


@ENGINES
def test_a_moving_average_in_a_row_that_a_comparison_shows(warehouses: Warehouses, dialect: Dialect) -> None:
    calculations = ["p = previous(visits, 1 month)", "a = moving_average(visits, 3)"]
    row = of_march(ask(warehouses, dialect, metrics=["visits"], group_by=[MONTH], calculations=calculations))
    assert (row["p"], row["a"]) == (3, 2.5)


@ENGINES
def test_a_moving_average_counts_what_fills_a_metric(warehouses: Warehouses, dialect: Dialect) -> None:
    calculations = ["p = previous(visits_or_zero, 1 month)", "a = moving_average(visits_or_zero, 2)"]
    row = of_march(ask(warehouses, dialect, metrics=["visits_or_zero"], group_by=[MONTH], calculations=calculations))
    assert (row["visits_or_zero"], row["a"]) == (0, 1.5)


@ENGINES
def test_rows_without_a_time_have_an_average_of_their_own(warehouses: Warehouses, dialect: Dialect) -> None:
    rows = ask(warehouses, dialect, metrics=["shipped_orders"], group_by=[MONTH], calculations=["a = moving_average(shipped_orders, 2)"])
    alone = [row for row in rows if row[MONTH] is None]
    assert all(row["a"] == row["shipped_orders"] for row in alone)


@ENGINES
def test_the_share_of_the_rest_within_what_was_chosen(warehouses: Warehouses, dialect: Dialect) -> None:
    """Of other countries there are four orders: one in December, one in February, two in March."""
    top = {"count": 1, "other": True}
    calculations = [f"a = share(orders, within={COUNTRY})"]
    rows = ask(warehouses, dialect, metrics=["orders"], group_by=[MONTH, COUNTRY], calculations=calculations, top=top)
    assert [float(row["a"]) for row in rows if row[f"{COUNTRY}__grouping"] == "other"] == pytest.approx([0.25, 0.25, 0.5])


@ENGINES
def test_groups_by_a_time_that_is_not_the_metrics_are_all_shown(warehouses: Warehouses, dialect: Dialect) -> None:
    joined = "customer__joined_at__month"
    time = [dt.date(2024, 3, 1), dt.date(2024, 3, 31)]
    rows = ask(warehouses, dialect, metrics=["revenue"], group_by=[joined], calculations=["p = previous(revenue, 1 month)"], time=time)
    before = {str(row[joined])[:7]: float(row["p"]) for row in rows if row["p"] is not None}
    assert before == pytest.approx({"2023-12": 20.5, "2024-01": 0.1, "2024-02": 0.2})


@ENGINES
def test_custom_periods_come_in_the_calendars_order(warehouses: Warehouses, dialect: Dialect) -> None:
    asked = {"metrics": ["orders"], "group_by": ["metric_time__retail_month"], "where": f"{COUNTRY} = 'DE'"}
    rows = ask(warehouses, dialect, **asked, calculations=["p = previous(orders, 1 retail_month)"])
    assert {row["metric_time__retail_month"]: (row["orders"], row["p"]) for row in rows} == {
        "February 24": (4, None),
        "March 24": (None, 4),
        "April 24": (1, None),
    }


@ENGINES
def test_what_the_rest_of_periods_was_before_is_not_said(warehouses: Warehouses, dialect: Dialect) -> None:
    """Orders: December 1, January 1, February 4, March 3."""
    asked: dict[str, Any] = {"metrics": ["orders"], "group_by": [MONTH], "time": [dt.date(2024, 1, 1), dt.date(2024, 3, 31)]}
    top = {"count": 1, "of": [MONTH], "other": True}
    rows = ask(warehouses, dialect, **asked, calculations=["p = previous(orders, 1 month)"], top=top, totals="grand")
    assert {row[f"{MONTH}__grouping"]: row["p"] for row in rows} == {"value": 1, "other": None, "total": 6}


@ENGINES
@pytest.mark.parametrize(
    ("metric", "calculation", "column"),
    [
        ("orders", "previous(running_total(orders, to_date=year), 1 month)", 1),
        ("revenue_to_date", "previous(revenue_to_date, 1 month)", 5),
    ],
)
def test_a_range_cuts_nothing_of_what_was_accumulated_before_it(
    warehouses: Warehouses, dialect: Dialect, metric: str, calculation: str, column: int
) -> None:
    """One order until the end of January this year; revenue -5 in December and 10 in January."""
    time = [dt.date(2024, 2, 1), dt.date(2024, 3, 31)]
    rows = ask(warehouses, dialect, metrics=[metric], group_by=[MONTH], calculations=[f"p = {calculation}"], time=time)
    assert rows[0]["p"] == column


@ENGINES
def test_a_range_of_one_day_is_compared_with_one_day(warehouses: Warehouses, dialect: Dialect) -> None:
    asked: dict[str, Any] = {"metrics": ["orders"], "group_by": ["metric_time__day"], "time": [dt.date(2024, 2, 29), dt.date(2024, 2, 29)]}
    rows = ask(warehouses, dialect, **asked, calculations=["p = previous(orders, 1 month)"], totals="grand")
    assert [row["p"] or 0 for row in rows] == [0, 0]


@pytest.mark.parametrize(
    ("metric", "group_by", "calculation", "code"),
    [
        ("orders", "metric_time__extract_dow", "running_total(orders)", "DM3132"),
        ("pieces_last", "metric_time__day", "share(pieces_last)", "DM3132"),
        ("any_done", MONTH, "change(any_done, 1 month)", "DM3108"),
        ("orders", MONTH, "running_total(orders, to_date=fortnight)", "DM3006"),
        ("orders", MONTH, "running_total(orders, 3 fortnights)", "DM3006"),
        ("orders", "metric_time__year", "previous(orders, 999999 years)", "DM3132"),
        ("orders", MONTH, "change(change(change(change(change(orders)))))", "DM3112"),
    ],
)
def test_what_would_mislead_or_break_an_engine_is_refused(metric: str, group_by: str, calculation: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        rendered(query_of({"query": {"metrics": [metric], "group_by": [group_by], "calculations": [calculation]}}))
    assert caught.value.problem.code == code


def test_a_calculation_is_not_called_after_what_tells_groups() -> None:
    named = {"metrics": ["orders"], "group_by": [COUNTRY], "calculations": [f"{COUNTRY}__grouping = share(orders)"], "totals": "grand"}
    with pytest.raises(UserError, match="DM3025"):
        rendered(query_of({"query": named}))
