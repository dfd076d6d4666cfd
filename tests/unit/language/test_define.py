"""The formula of every type of metric, in words."""

from __future__ import annotations

import msgspec
import pytest

from app.language.define import definitions
from app.language.restate import restate
from app.model.expr import Binary, Column, Expr, Field, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, MetricParams, Ratio, Simple, Window
from app.model.query import SemanticQuery
from app.model.semantics import Measure, NonAdditive
from app.model.types import Aggregation, DataType
from tests.unit.language.layers import shop

SHOP = shop()
ORDERS = MeasureInput("orders", "orders")
REFUNDS = MeasureInput("orders", "refunds")
WEB = Binary("=", Field("order__sales_channel"), Literal("web", DataType.TEXT))
DAYS = Window(7, "day")
AMOUNT = Column("amount")
MANY_ORDERS = Binary(">", Field("orders", "metric", group_by=("customer",)), Literal(2, DataType.INTEGER))


def formula(params: MetricParams, where: Expr | None = None, *measures: Measure) -> str:
    """What is said of a metric in the shop, whose orders have these measures as well."""
    models = tuple(msgspec.structs.replace(m, measures=(*m.measures, *measures)) if m.name == "orders" else m for m in SHOP.semantic_models)
    layer = msgspec.structs.replace(SHOP, semantic_models=models, metrics=(Metric("made", params, filter=where),))
    (found,) = definitions(SemanticQuery(("made",)), layer)
    return found.formula


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (Simple(ORDERS), "number of rows of orders"),
        (Simple(MeasureInput("orders", "orders", filter=WEB)), "number of rows of orders, where sales channel is web"),
        (
            Simple(MeasureInput("orders", "orders", filter=MANY_ORDERS)),
            "number of rows of orders, where orders per customer is more than 2",
        ),
        (Simple(MeasureInput("orders", "orders", fill_nulls_with=0)), "number of rows of orders (0 where there are none)"),
        (
            Simple(MeasureInput("orders", "orders", WEB, fill_nulls_with=0, join_to_timespine=True)),
            "number of rows of orders (also of periods without rows) (0 where there are none), where sales channel is web",
        ),
        (Simple(MeasureInput("orders", "gone")), "gone"),
        (Simple(MeasureInput("nowhere", "gone", filter=WEB)), "gone, where sales channel is web"),
        (Ratio(MetricInput("refunds"), MetricInput("revenue", filter=WEB)), "refunds / revenue (where sales channel is web)"),
        (Cumulative(ORDERS), "number of rows of orders, accumulated over all of time; the first day stands for a longer period"),
        (
            Cumulative(ORDERS, DAYS, period_agg="average"),
            "number of rows of orders, accumulated over 7 days; the average of its days stands for a longer period",
        ),
        (
            Cumulative(MeasureInput("orders", "orders", WEB, 0), grain_to_date="month", period_agg="last"),
            "number of rows of orders (0 where there are none), where sales channel is web, since the start of the month; "
            "the last day stands for a longer period",
        ),
        (
            Conversion(ORDERS, REFUNDS, "customer", window=Window(1, "day")),
            "conversions / base events: sum of refunded of orders after number of rows of orders of the same customer within 1 day",
        ),
        (
            Conversion(ORDERS, REFUNDS, "customer", "conversions", constant_properties=(("product", "product"), ("seen", "bought"))),
            "conversions: sum of refunded of orders after number of rows of orders of the same customer and product and seen = bought, "
            "whenever that was",
        ),
        (
            Derived(
                Binary("-", Column("revenue"), Column("before")),
                (MetricInput("revenue"), MetricInput("revenue", "before", offset_window=Window(1, "month"))),
            ),
            "revenue - before, where before is revenue 1 month earlier",
        ),
        (
            Derived(
                Binary("-", Column("revenue"), Column("refunds")),
                (MetricInput("revenue", filter=WEB), MetricInput("refunds", offset_to_grain="year")),
            ),
            "revenue - refunds, where revenue (where sales channel is web); refunds at the start of the year",
        ),
    ],
)
def test_every_type_has_its_words(params: MetricParams, said: str) -> None:
    assert formula(params) == said


def test_the_metrics_own_filter_comes_last() -> None:
    assert formula(Simple(ORDERS), WEB) == "number of rows of orders, where sales channel is web"
    assert formula(Cumulative(ORDERS, DAYS), WEB).endswith(", where sales channel is web; the first day stands for a longer period")


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.9), "90th percentile of amount"),
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.999), "99.9th percentile of amount"),
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.01), "1st percentile of amount"),
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.12), "12th percentile of amount"),
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.33, discrete=True), "33rd percentile of amount (discrete)"),
        (Measure("m", Aggregation.PERCENTILE, AMOUNT, percentile=0.0, approximate=True), "approximate 0th percentile of amount"),
        (Measure("m", Aggregation.MEDIAN, AMOUNT), "median of amount"),
        (Measure("m", Aggregation.SUM_BOOLEAN, AMOUNT), "number of rows where amount"),
        (Measure("m", Aggregation.COUNT_DISTINCT, AMOUNT), "number of different amount"),
    ],
)
def test_every_aggregation_has_its_words(measure: Measure, said: str) -> None:
    assert formula(Simple(MeasureInput("orders", "m")), None, measure) == f"{said} of orders"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (NonAdditive("ordered_at", "max"), "at the last ordered_at"),
        (NonAdditive("ordered_at", "min"), "at the first ordered_at"),
        (NonAdditive("ordered_at", "max", ("customer", "store")), "at the last ordered_at of each customer and store"),
    ],
)
def test_a_semi_additive_measure_says_when(rule: NonAdditive, said: str) -> None:
    stock = Measure("stock", Aggregation.SUM, AMOUNT, non_additive=rule)
    assert formula(Simple(MeasureInput("orders", "stock")), None, stock) == f"sum of amount of orders {said}"


def test_a_saved_query_is_restated_by_its_name() -> None:
    assert restate(SemanticQuery(saved_query="monthly_trading"), SHOP) == "Saved query Monthly trading"
