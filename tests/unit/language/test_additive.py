"""Of what metrics are put together."""

from __future__ import annotations

from fractions import Fraction

import pytest

from app.language.additive import Term, quotient_of, sum_of
from app.model.expr import Binary, Call, Column, Field, Literal, Negate
from app.model.metrics import Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.types import DataType
from tests.unit.language.layers import shop

SHOP = shop()
ONE = Literal(1, DataType.INTEGER)
WEB = Binary("=", Field("order__sales_channel"), Literal("web", DataType.TEXT))
REVENUE, REFUNDS = Column("revenue"), Column("refunds")


def derived(expr: object, *inputs: MetricInput, **more: object) -> Metric:
    given = inputs or (MetricInput("revenue"), MetricInput("refunds"))
    return Metric("made", Derived(expr, given), **more)  # type: ignore[arg-type]


def named(name: str) -> Metric:
    found = SHOP.metric(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["revenue", "orders", "units_sold"])
def test_sums_and_counts_add_up(name: str) -> None:
    assert sum_of(named(name), SHOP) == (Term(name),)


@pytest.mark.parametrize("name", ["customers", "average_order_value", "delivery_days", "refund_rate"])
def test_distinct_counts_averages_and_ratios_do_not(name: str) -> None:
    assert sum_of(named(name), SHOP) is None


def test_differences_and_multiples_of_sums_add_up() -> None:
    half = Binary("/", REFUNDS, Literal(2, DataType.INTEGER))
    assert sum_of(derived(Binary("-", REVENUE, half)), SHOP) == (Term("revenue"), Term("refunds", None, Fraction(-1, 2)))
    assert sum_of(derived(Negate(Binary("*", Literal("1.2", DataType.DECIMAL), REVENUE))), SHOP) == (
        Term("revenue", None, Fraction(-6, 5)),
    )


def test_an_input_keeps_its_filter_and_that_of_the_metric() -> None:
    metric = derived(REVENUE, MetricInput("revenue", filter=WEB), filter=WEB)
    assert sum_of(metric, SHOP) == (Term("revenue", WEB),)


@pytest.mark.parametrize(
    "metric",
    [
        derived(Binary("+", REVENUE, ONE)),
        derived(Binary("*", REVENUE, REFUNDS)),
        derived(Call("greatest", (REVENUE, REFUNDS))),
        derived(REVENUE, MetricInput("revenue", offset_window=Window(1, "month"))),
        derived(Column("unknown")),
        Metric("filled", Simple(MeasureInput("orders", "revenue", fill_nulls_with=7))),
    ],
)
def test_all_else_does_not(metric: Metric) -> None:
    assert sum_of(metric, SHOP) is None


def test_quotients_of_sums() -> None:
    rate = quotient_of(named("refund_rate"), SHOP)
    assert rate is not None
    assert (rate.numerator, rate.denominator) == ((Term("refunds"),), (Term("revenue"),))
    guarded = derived(
        Binary("/", Binary("*", Literal(100, DataType.INTEGER), REFUNDS), Call("nullif", (REVENUE, Literal(0, DataType.INTEGER))))
    )
    made = quotient_of(guarded, SHOP)
    assert made is not None
    assert made.numerator == (Term("refunds", None, Fraction(100)),)


def test_a_quotient_of_what_does_not_add_up_is_none() -> None:
    assert quotient_of(Metric("per_head", Ratio(MetricInput("revenue"), MetricInput("customers"))), SHOP) is None
    assert quotient_of(named("revenue"), SHOP) is None
