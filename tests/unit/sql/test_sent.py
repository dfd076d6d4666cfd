"""Trees sent as trees: what no text could have made is refused, what the parsers make passes."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.expr import (
    And,
    Attribute,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Field,
    In,
    Literal,
    Negate,
    Not,
    Or,
    Parameter,
    Shift,
    Truncate,
)
from app.model.types import DataType, Grain
from app.sql.expressions.parse import parse_where
from app.sql.expressions.sent import MOST_DEPTH, MOST_NODES, check_sent
from app.sql.expressions.values import MOST_SHIFT

CITY = Field("customer__city")
ONE = Literal(1, DataType.INTEGER)


@pytest.mark.parametrize(
    ("expr", "code"),
    [
        (Attribute("region"), "DM3102"),
        *((Binary("=", CITY, Literal(f"a{mark}b", DataType.TEXT)), "DM4002") for mark in "\x00\ue000\ue001"),
        (Binary("=", CITY, Literal("a\ud800b", DataType.TEXT)), "DM3094"),
        (Binary("=", CITY, Attribute("region")), "DM3102"),
        (Parameter("dm_p1", DataType.TEXT), "DM3102"),
        (Case(((Parameter("x", DataType.BOOLEAN), ONE),)), "DM3102"),
        (Binary("; drop table x --", ONE, ONE), "DM3102"),
        (Binary("AND", ONE, ONE), "DM3102"),
        (Field("orders", "table"), "DM3102"),
        (In(CITY, ()), "DM3104"),
        (Case(()), "DM3104"),
        (Shift(CITY, MOST_SHIFT + 1, Grain.DAY), "DM3104"),
        (Shift(CITY, -(10**30), Grain.DAY), "DM3104"),
        (Call("pg_sleep", (ONE,)), "DM3103"),
        (Call("sum", (Column("orders"),)), "DM3103"),
        (Call("tuple", (ONE, ONE)), "DM3103"),
        (Call("lower", (CITY,), True), "DM3102"),
        (Call("lower"), "DM3104"),
        (Call("lower", (CITY, CITY)), "DM3104"),
        (Call("date_diff", (CITY, CITY, CITY)), "DM3104"),
        (Call("date_diff", (Literal("fortnight", DataType.TEXT), CITY, CITY)), "DM3104"),
        (Cast(CITY, DataType.OTHER), "DM3105"),
        (Cast(CITY, DataType.INTEGER, 5), "DM3105"),
        (Cast(CITY, DataType.DECIMAL, 39, 2), "DM3105"),
        (Cast(CITY, DataType.DECIMAL, 5, 6), "DM3105"),
        (Cast(CITY, DataType.DECIMAL, None, 6), "DM3105"),
        (Cast(CITY, DataType.DECIMAL, 5, -1), "DM3105"),
        (Literal("1) or (1=1", DataType.INTEGER), "DM3105"),
        (Literal("1) or (1=1", DataType.DECIMAL), "DM3105"),
        (Literal("1) or (1=1", DataType.FLOAT), "DM3105"),
        (Literal("nan", DataType.FLOAT), "DM3105"),
        (Literal("1\n", DataType.DECIMAL), "DM3105"),
        (Literal("٣", DataType.DECIMAL), "DM3105"),
        (Literal(10**101, DataType.INTEGER), "DM3105"),
        (Literal(True, DataType.INTEGER), "DM3105"),
        (Literal(1, DataType.DECIMAL), "DM3105"),
        (Literal("true) or (1=1", DataType.BOOLEAN), "DM3105"),
        (Literal(1, DataType.TEXT), "DM3105"),
        (Literal("2020-01-01') or ('1'='1", DataType.DATE), "DM3105"),
        (Literal("2020-01-01 10:00:00", DataType.DATE), "DM3105"),
        (Literal("x", DataType.TIMESTAMP), "DM3105"),
        (Literal("x", DataType.OTHER), "DM3105"),
        (And(tuple(Literal(n, DataType.INTEGER) for n in range(MOST_NODES))), "DM3101"),
    ],
)
def test_what_no_text_makes_is_refused(expr: Expr, code: str) -> None:
    for sent in (expr, Not(expr), Or((CITY, expr))):
        with pytest.raises(UserError) as raised:
            check_sent(sent)
        assert raised.value.problem.code == code


def test_depth_is_bounded() -> None:
    expr: Expr = CITY
    for _ in range(MOST_DEPTH - 1):
        expr = Negate(expr)
    check_sent(expr)
    with pytest.raises(UserError, match="DM3101"):
        check_sent(Negate(expr))


@pytest.mark.parametrize(
    "text",
    [
        "customer__city = 'Köln' and not (a__b > 1.50 or a__b < -2e6) and c__d is not null",
        "a__b in (1, 2, null) and a__c like 'x%' and a__d between date '2024-01-01' and timestamp '2024-01-31 12:30:00.5'",
        "case when a__b = true then lower(a__c) else coalesce(a__d, 'x') || 'y' end = 'z'",
        "cast(a__b as decimal(10, 2)) / 3 >= 1 and date_trunc('month', metric_time) = '2024-01-01' and extract(year from a__t) = 2024",
        "metric_time + interval '1 month' > '2024-01-01' and date_diff('day', a__t, a__u) > 3",
        "{{ Metric('orders', group_by=['customer']) }} > 99999999999999999999 and {{ Entity('customer') }} = 5",
    ],
)
def test_what_the_parsers_make_passes(text: str) -> None:
    check_sent(parse_where(text))


@pytest.mark.parametrize(
    "expr", [And(()), Or(()), Literal(None, DataType.OTHER), Truncate(CITY, Grain.WEEK), Cast(CITY, DataType.DECIMAL, 10, 2)]
)
def test_other_good_trees(expr: Expr) -> None:
    check_sent(expr)
