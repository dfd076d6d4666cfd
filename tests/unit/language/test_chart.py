"""Charts: valid Vega-Lite, chosen by what columns mean, without a single value of the rows."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import altair
import jsonschema
import pytest

from app.language.chart import chart
from app.language.say import Labels
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.result import Result, ResultColumn
from app.model.shapes import Totals
from app.model.types import DataType, DatePart
from app.plan.build import build
from app.sql.calculations import parse_calculation
from tests.unit.language.conftest import Desk
from tests.unit.language.layers import shop

SHOP = shop()
SCHEMA = json.loads((Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
MONTH, CHANNEL, COUNTRY = GroupBy("metric_time", "month"), GroupBy("order__sales_channel"), GroupBy("customer__country")
KINDS = {"metric_time__month": DataType.DATE, "metric_time__extract_dow": DataType.INTEGER}


def table(query: SemanticQuery, *sizes: int) -> Result:
    """Rows with as many values of each group-by item as are told, in all combinations."""
    rows: list[tuple[Any, ...]] = [()]
    for item, size in zip(query.group_by, sizes, strict=True):
        rows = [(*row, _value(item, at)) for row in rows for at in range(size)]
    numbers = (*query.metrics, *(one.name for one in query.calculations))
    names = [item.column for item in query.group_by]
    columns = [ResultColumn(name, KINDS.get(name, DataType.TEXT)) for name in names] + [
        ResultColumn(name, DataType.DECIMAL) for name in numbers
    ]
    full = [(*row, *(7919 + at for _ in numbers)) for at, row in enumerate(rows)]
    return Result(tuple(columns), tuple(zip(*full, strict=True)))


def _value(item: GroupBy, at: int) -> Any:
    if item.column == "metric_time__month":
        return dt.date(2020 + at // 12, at % 12 + 1, 1)
    return at + 1 if item.date_part else f"secret{at}"


def drawn(query: SemanticQuery, *sizes: int) -> dict[str, Any]:
    found = chart(query, table(query, *sizes), SHOP, Labels(SHOP))
    assert found is not None
    VALIDATOR.validate(found)
    text = json.dumps(found)
    assert "secret" not in text
    assert "7919" not in text
    assert found["data"] == {"name": "results"}
    return found


def query(*metrics: str, by: tuple[GroupBy, ...] = (), calculate: tuple[str, ...] = (), **more: Any) -> SemanticQuery:
    return SemanticQuery(metrics, by, calculations=tuple(map(parse_calculation, calculate)), **more)


def test_amounts_of_few_periods_are_bars_of_many_a_line(ask_shop: Desk) -> None:
    asked = query("revenue", by=(MONTH,))
    assert build(asked, ask_shop.ontology, ask_shop.joins)
    few, many = drawn(asked, 12), drawn(asked, 40)
    assert (few["mark"]["type"], many["mark"]["type"]) == ("bar", "line")
    assert few["encoding"]["x"] == {"field": "metric_time__month", "type": "temporal", "timeUnit": "utcyearmonth", "title": "Month"}
    assert few["encoding"]["y"]["title"] == "Revenue (EUR)"
    assert few["encoding"]["y"]["axis"] == {"format": ",.2f"}
    assert few["encoding"]["y"]["scale"] == {"zero": True}


def test_a_ratio_is_a_line_that_need_not_begin_at_zero() -> None:
    found = drawn(query("refund_rate", by=(MONTH,)), 6)
    assert found["mark"]["type"] == "line"
    assert found["encoding"]["y"]["scale"] == {"zero": False}
    assert found["encoding"]["y"]["axis"] == {"format": ".1%"}
    assert found["encoding"]["y"]["title"] == "Refund rate"


def test_one_dimension_is_bars_in_the_order_of_the_answer() -> None:
    plain = drawn(query("revenue", by=(COUNTRY,)), 4)
    assert (plain["encoding"]["y"]["field"], plain["encoding"]["y"]["sort"]) == ("customer__country", "-x")
    ordered = drawn(query("revenue", by=(COUNTRY,), order_by=(OrderBy("customer__country"),)), 4)
    assert ordered["encoding"]["y"]["sort"] is None


def test_of_many_groups_the_first_are_shown_and_it_is_said() -> None:
    found = drawn(query("revenue", by=(COUNTRY,)), 45)
    assert found["title"]["text"] == "30 of 45: the others are not shown"
    assert found["transform"][0]["sort"] == [{"field": "revenue", "order": "descending"}]
    ordered = drawn(query("revenue", by=(COUNTRY,), order_by=(OrderBy("revenue"),)), 45)
    assert "sort" not in ordered["transform"][0]


def test_two_dimensions_are_stacked_only_where_parts_add_up() -> None:
    for metric, stacked in (
        ("revenue", True),
        ("orders", True),
        ("customers", False),
        ("refund_rate", False),
        ("average_order_value", False),
    ):
        found = drawn(query(metric, by=(CHANNEL, COUNTRY)), 3, 5)
        assert found["encoding"]["x"]["stack"] == ("zero" if stacked else None), metric
        assert ("yOffset" in found["encoding"]) is not stacked
        assert found["encoding"]["y"]["field"] == "customer__country", "the one with more values lies along the axis"
    assert (
        chart(query("revenue", by=(CHANNEL, COUNTRY)), table(query("revenue", by=(CHANNEL, COUNTRY)), 20, 25), SHOP, Labels(SHOP)) is None
    )


def test_groups_along_time_are_lines() -> None:
    found = drawn(query("revenue", by=(MONTH, COUNTRY)), 6, 4)
    assert (found["mark"]["type"], found["encoding"]["color"]["field"]) == ("line", "customer__country")
    asked = query("revenue", by=(MONTH, COUNTRY))
    assert chart(asked, table(asked, 6, 13), SHOP, Labels(SHOP)) is None


def test_shares_are_shown_in_percent() -> None:
    found = drawn(query("revenue", by=(CHANNEL,), calculate=("share(revenue)",)), 3)
    assert found["encoding"]["x"]["field"] == "revenue__share"
    assert found["encoding"]["x"]["axis"] == {"format": ".1%"}


def test_what_was_before_stands_beside_what_is() -> None:
    found = drawn(query("revenue", by=(MONTH,), calculate=("previous(revenue)", "percent_change(revenue)")), 6)
    fold, titled = found["transform"]
    assert fold["fold"] == ["revenue", "revenue__previous"]
    assert "Revenue the period before" in titled["calculate"]
    assert found["encoding"]["color"]["field"] == "column"


def test_metrics_of_other_units_are_not_drawn_on_one_axis() -> None:
    found = drawn(query("revenue", "refunds", "orders", by=(MONTH,)), 6)
    assert found["transform"][0]["fold"] == ["revenue", "refunds"]
    assert drawn(query("orders", "revenue", by=(MONTH,)), 6)["encoding"]["y"]["field"] == "orders"


def test_parts_of_a_date_stand_in_their_order() -> None:
    found = drawn(query("revenue", by=(GroupBy("metric_time", date_part=DatePart.DOW),)), 7)
    assert found["encoding"]["x"]["sort"] == "ascending"
    assert "Mon" in found["encoding"]["x"]["axis"]["labelExpr"]


def test_totals_are_no_groups() -> None:
    found = drawn(query("revenue", by=(COUNTRY,), totals=Totals.GRAND), 4)
    assert found["transform"] == [{"filter": "datum[\"customer__country__grouping\"] !== 'total'"}]


@pytest.mark.parametrize(
    ("asked", "sizes"),
    [
        (query("revenue"), ()),
        (query("revenue", by=(COUNTRY,)), (1,)),
        (query("revenue", by=(COUNTRY, CHANNEL, GroupBy("customer__segment"))), (2, 2, 2)),
        (query(by=(COUNTRY,)), (5,)),
    ],
)
def test_no_chart_where_it_would_say_nothing(asked: SemanticQuery, sizes: tuple[int, ...]) -> None:
    assert chart(asked, table(asked, *sizes), SHOP, Labels(SHOP)) is None
