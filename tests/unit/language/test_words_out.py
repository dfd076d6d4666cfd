"""Restating, narrating and defining."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.language.define import definitions
from app.language.formats import cell
from app.language.narrate import narrate
from app.language.restate import restate
from app.model.expr import And, Between, Binary, Field, In, IsNull, Like, Literal, Not
from app.model.metrics import Metric
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.result import Result, ResultColumn, Value
from app.model.types import DataType, DatePart
from tests.unit.language.layers import hospital, shop

SHOP = shop()
APRIL_TO_JUNE = TimeRange(dt.date(2026, 4, 1), dt.date(2026, 6, 30))


def text(value: str) -> Literal:
    return Literal(value, DataType.TEXT)


def result(truncated: bool = False, **columns: tuple[Value, ...]) -> Result:
    return Result(tuple(ResultColumn(n, DataType.OTHER) for n in columns), tuple(columns.values()), truncated=truncated)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (
            SemanticQuery(
                ("revenue",),
                (GroupBy("customer__country"),),
                where=Binary("=", Field("order__sales_channel"), text("web")),
                time=APRIL_TO_JUNE,
                order_by=(OrderBy("revenue", True),),
                limit=5,
            ),
            "Revenue by country, 1 Apr 2026 to 30 Jun 2026, where sales channel is web, top 5 by revenue",
        ),
        (SemanticQuery(("revenue", "orders"), (GroupBy("metric_time", "month"),)), "Revenue and orders by month"),
        (SemanticQuery((), (GroupBy("customer__country"),)), "List of country"),
        (SemanticQuery(("orders",), (GroupBy("metric_time", date_part=DatePart.DOW),)), "Orders by day of the week"),
        (SemanticQuery(("orders",), time=TimeRange(dt.date(2026, 1, 5), dt.date(2026, 1, 5))), "Orders, 5 Jan 2026"),
        (SemanticQuery(("orders",), time=TimeRange(None, dt.date(2026, 1, 5))), "Orders, until 5 Jan 2026"),
        (
            SemanticQuery(("orders",), where=In(Field("customer__country"), (text("A"), text("B")), negated=True)),
            "Orders, where country is not A or B",
        ),
        (
            SemanticQuery(("orders",), where=And((IsNull(Field("customer__city")), Not(Like(Field("customer__city"), text("B%")))))),
            "Orders, where city is empty and not (city is like B%)",
        ),
        (
            SemanticQuery(
                ("orders",),
                (GroupBy("customer__city"),),
                having=Between(Field("orders", "metric"), Literal(1, DataType.INTEGER), Literal(2, DataType.INTEGER)),
            ),
            "Orders by city, only with orders is between 1 and 2",
        ),
        (
            SemanticQuery(("orders",), (GroupBy("order__customer__country"),), order_by=(OrderBy("order__customer__country"),), limit=3),
            "Orders by country, ordered by country, first 3 rows",
        ),
        (SemanticQuery(saved_query="weekly_sales"), "Saved query Weekly sales"),
        (SemanticQuery(), "Nothing"),
    ],
)
def test_restated(query: SemanticQuery, words: str) -> None:
    assert restate(query, SHOP) == words


def test_one_number_is_one_sentence_with_its_unit() -> None:
    said = narrate(SemanticQuery(("revenue",), time=APRIL_TO_JUNE), result(revenue=(Decimal("1234.5"),)), SHOP)
    assert said == "Revenue from 1 Apr 2026 to 30 Jun 2026: €1,234.50."


def test_several_rows_name_the_highest_and_lowest() -> None:
    query = SemanticQuery(("orders",), (GroupBy("customer__country"),))
    said = narrate(query, result(customer__country=("Germany", None, "France"), orders=(3, 7, 1)), SHOP)
    assert said == "Orders by country, 3 rows: highest (none) with 7, lowest France with 1."


def test_nothing_empty_values_and_cuts_are_said() -> None:
    query = SemanticQuery(("orders",), (GroupBy("customer__country"),), where=IsNull(Field("customer__city")))
    assert narrate(query, Result((), ()), SHOP) == "There are no rows that meet the conditions."
    assert narrate(query, result(customer__country=("A",), orders=(None,)), SHOP) == "Orders: there is no data, only empty values."
    cut = narrate(query, result(True, customer__country=("A", "B"), orders=(1, 2)), SHOP)
    assert cut.endswith("The result was cut at 2 rows: there are more.")
    assert "of these" in cut


def test_extremes_and_repeated_values_are_told_from_lists() -> None:
    groups = (GroupBy("customer__country"), GroupBy("metric_time", "month"))
    extremes = SemanticQuery((), groups, min_max_only=True)
    columns = {f"{name}__{end}": (value,) for name, end, value in [("customer__country", "min", "A"), ("customer__country", "max", "C")]}
    columns |= {"metric_time__month__min": (dt.date(2026, 1, 1),), "metric_time__month__max": (dt.date(2026, 3, 1),)}
    assert restate(extremes, SHOP) == "Lowest and highest country and month"
    assert narrate(extremes, result(**columns), SHOP) == "Country: from A to C; Month: from January 2026 to March 2026."
    nothing = result(**dict.fromkeys(columns, (None,)))
    assert narrate(extremes, nothing, SHOP) == "Country: no values; Month: no values."
    assert restate(SemanticQuery((), groups, apply_group_by=False), SHOP) == "Country and month of every row"


def test_values_without_metrics_are_counted() -> None:
    assert narrate(SemanticQuery((), (GroupBy("customer__country"),)), result(customer__country=("A", "B")), SHOP) == "2 rows of country."


@pytest.mark.parametrize(
    ("value", "unit", "form", "shown"),
    [
        (Decimal("1234.5"), "EUR", "", "€1,234.50"),
        (Decimal("-2"), "USD", "", "-$2.00"),
        (5, "CHF", "", "5.00 CHF"),
        (0.1234, "", "percent", "12.3%"),
        (0.1234, "", ".2%", "12.34%"),
        (12.5, "%", "", "12.50%"),
        (0.5, "ratio", "", "50.0%"),
        (1204, "orders", "", "1,204 orders"),
        (3.14159, "", ",.3f", "3.142"),
        (1234.567, "", "#,##0.00", "1,234.57"),
        (1234.567, "", "integer", "1,235"),
        (Decimal("12345678901234567890"), "", "", "12,345,678,901,234,567,890"),
        (float("nan"), "", "", "nan"),
        (None, "EUR", "", "nothing"),
        (True, "", "", "true"),
        (dt.date(2026, 1, 2), "", "", "2026-01-02"),
        (dt.datetime(2026, 1, 2, 3, 4), "", "", "2026-01-02 03:04"),  # noqa: DTZ001
    ],
)
def test_cells(value: Value, unit: str, form: str, shown: str) -> None:
    metric = Metric("m", SHOP.metrics[0].params, unit=unit, format=form)
    assert cell(value, metric) == shown


def test_definitions_tell_formula_file_and_owner() -> None:
    revenue, rate, orders = definitions(SemanticQuery(("revenue", "refund_rate", "orders", "no_such")), SHOP)
    assert revenue.formula == "sum of net_amount of orders, where order status is completed"
    assert revenue.file == "models/orders.yml"
    assert (rate.formula, rate.owner, rate.file, rate.type) == ("refunds / revenue", "finance", "models/metrics.yml", "ratio")
    assert orders.formula == "number of rows of orders"


def test_labels_are_the_projects_own() -> None:
    assert restate(SemanticQuery(("los",), (GroupBy("ward__spec"),)), hospital()) == "Length of stay by specialty"


def test_a_metric_in_a_filter_tells_whose_it_is() -> None:
    many = Binary(">", Field("orders", "metric", group_by=("customer",)), Literal(20, DataType.INTEGER))
    assert restate(SemanticQuery(("revenue",), where=many), SHOP) == "Revenue, where orders per customer is more than 20"
