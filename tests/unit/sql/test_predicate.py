"""Policy conditions: a grammar in which nothing surprising can be said."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.expr import And, Attribute, Between, Binary, Column, In, IsNull, Like, Literal, Not, Or
from app.model.types import DataType
from app.sql.expressions.predicate import parse_predicate

A = Column("a")
X = Literal("x", DataType.TEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = user.region", Binary("=", A, Attribute("region"))),
        ("user.region = a", Binary("=", Attribute("region"), A)),
        ("a in ('x', user.b) or a is null", Or((In(A, (X, Attribute("b"))), IsNull(A)))),
        ("a = 'x' and not a like 'x'", And((Binary("=", A, X), Like(A, X, True)))),
        ("a not like 'x'", Like(A, X, True)),
        ("not (a = 'x')", Not(Binary("=", A, X))),
        ("a between 1 and 2", Between(A, Literal(1, DataType.INTEGER), Literal(2, DataType.INTEGER))),
        ("a", A),
        ("true", Literal(True, DataType.BOOLEAN)),
        ("a = 'the user.name'", Binary("=", A, Literal("the user.name", DataType.TEXT))),
        ("USER.region = a", Binary("=", Attribute("region"), A)),
    ],
)
def test_read(text: str, expected: object) -> None:
    assert parse_predicate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "lower(a) = 'x'",
        "a + 1 = 2",
        "a || 'x' = 'y'",
        "other.a = 1",
        "case when a then true end",
        "a is true",
        "cast(a as text) = 'x'",
        "1",
        "'x'",
        "a = (select 1)",
        "a in (select b from c)",
        "a = 1 -- or true",
        "a = 1; drop table t",
        "(a, b) = (1, 2)",
        "a = -b",
        "(a = 1) = true",
        "user.a.b = 1",
        "user.region",
        "",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(UserError, match="DM31"):
        parse_predicate(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("a like '%a\\'", "DM3104"), ("not (a not like 'b\\')", "DM3104"), ("a = 'a\ue000b'", "DM4002"), ("a in ('\ue001')", "DM4002")],
)
def test_what_can_be_read_and_never_sent_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_predicate(text)
    assert raised.value.problem.code == code
