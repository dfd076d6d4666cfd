"""Texts of expressions read back as the same trees, in both dialects, or are refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compile.interchange.sql_text import Unspeakable, expression_sql, filter_sql, quoted, sql_of
from app.model.expr import Attribute, Binary, Call, Column, Expr, Field, Literal
from app.model.types import DataType, DatePart
from app.sql.expressions.parse import parse_expression, parse_where

TEXTS = [
    "a + b * c",
    "-(a - b)",
    "a - (-1)",
    "not (a = 1)",
    "case when x in (1, 2) then y else 'it''s' end",
    "cast(a as numeric(10, 2))",
    "a::bigint",
    "date_trunc('month', x)",
    "extract(isodow from x)",
    "extract(dow from x)",
    "x + interval '3 months'",
    "x - interval '1 day'",
    "x >= date '2020-01-01'",
    "x < timestamp '2020-01-01 10:00:00'",
    "trim(a) || lower(b)",
    "position(a in b)",
    "substring(a from 2 for 3)",
    "a / b",
    "a % 3",
    "coalesce(a, nullif(b, 0))",
    "x not between 1 and 2",
    "x not in (1)",
    "x not ilike '%a_'",
    "(a, b)",
    '"Order" + "user" + "two words"',
    "x is not true",
    "1.50 * 1e6",
    "(a or b) and not c",
    "date_diff('day', a, b)",
    "null",
]
ATOMS = st.sampled_from(["a", "b", "1", "2.5", "'x'", '"Mixed"', "null"])
SHAPES = (
    "({} + {})",
    "({} / {})",
    "coalesce({}, {})",
    "case when {} = 1 then {} end",
    "({} || {})",
    "greatest({}, {})",
    "({} is null or {} > 1)",
)


@pytest.mark.parametrize("dialect", ["postgres", "clickhouse"])
@pytest.mark.parametrize("text", TEXTS)
def test_read_back(text: str, dialect: str) -> None:
    expr = parse_expression(text, "postgres")
    assert parse_expression(expression_sql(expr, dialect), dialect) == expr


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(ATOMS, lambda inner: st.builds(str.format, st.sampled_from(SHAPES), inner, inner), max_leaves=8),
    st.sampled_from(["postgres", "clickhouse"]),
)
def test_any_expression_reads_back(text: str, dialect: str) -> None:
    expr = parse_expression(text, "postgres")
    assert parse_expression(expression_sql(expr, dialect), dialect) == expr


@pytest.mark.parametrize(
    "field",
    [
        Field("order__status"),
        Field("metric_time", "time_dimension", (), "month"),
        Field("region__name", "dimension", ("customer",)),
        Field("order__ordered_at", "time_dimension", (), "", DatePart.DOW),
        Field("customer", "entity"),
        Field("orders", "metric", (), "", None, ("customer",)),
    ],
)
def test_filters_read_back(field: Field) -> None:
    condition = Binary("=", field, Literal(1, DataType.INTEGER))
    assert parse_where(filter_sql(condition, "postgres")) == condition


@pytest.mark.parametrize("expr", [Attribute("region"), Field("a__b"), Call("concat", (Column("a"),)), Literal("2020-13-45", DataType.DATE)])
def test_what_has_no_text(expr: Expr) -> None:
    with pytest.raises(Unspeakable):
        expression_sql(expr, "clickhouse")


def test_division_that_nobody_truncates() -> None:
    expr = parse_expression("a / (b + c)", "postgres")
    assert sql_of(expr, true_division=True) == "1.0 * a / nullif(b + c, 0)"
    assert sql_of(parse_expression("a / nullif(b, 0)", "postgres"), true_division=True) == "1.0 * a / nullif(b, 0)"


@pytest.mark.parametrize(
    ("name", "written"), [("amount", "amount"), ("Order", '"Order"'), ("order", '"order"'), ('a"b', '"a""b"'), ("1st", '"1st"')]
)
def test_quotes(name: str, written: str) -> None:
    assert quoted(name) == written
