"""Expressions and their normal forms give the same values on both engines: so do two expressions of one normal form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from app.compile.diff.normalise import normalised, same_meaning
from app.errors import UserError
from app.model.expr import And, Column, Expr
from app.model.types import Dialect
from app.sql.expressions.parse import parse_expression
from tests.goldens.awkward import by_row
from tests.goldens.compare import same
from tests.goldens.conftest import Warehouses
from tests.goldens.test_random_expressions import ALL, CONDITIONS

FORMS = st.one_of(
    st.builds("not ({})".format, CONDITIONS),
    st.builds("not (not ({}))".format, CONDITIONS),
    st.builds("({0}) and ({1}) and ({0})".format, CONDITIONS, CONDITIONS),
    st.builds("({0}) or ({1}) or ({1})".format, CONDITIONS, CONDITIONS),
    st.builds("not ({} = {})".format, ALL["integers"], ALL["integers"]),
    st.builds("not ({} <> {})".format, ALL["floats"], ALL["floats"]),
    st.builds("not ({} < {})".format, ALL["floats"], ALL["floats"]),
    st.builds("{} not between {} and {}".format, ALL["floats"], ALL["decimals"], ALL["integers"]),
    st.builds("{0} in ({1}, {2}, {1})".format, ALL["texts"], ALL["texts"], ALL["texts"]),
    st.builds("{} not in ({})".format, ALL["decimals"], ALL["decimals"]),
    st.builds("{} in ({}, null)".format, ALL["integers"], ALL["integers"]),
    st.builds("case when {} then {} else null end".format, CONDITIONS, ALL["integers"]),
    st.builds("({} + {}) * {}".format, ALL["floats"], ALL["floats"], ALL["floats"]),
)


def rows(expr: Expr, dialect: Dialect, warehouses: Warehouses) -> list[Any] | None:
    """The value for each row, truth as a number; None where the engine refuses, as it may for numbers beyond what it can hold."""
    try:
        return [int(row[1]) if isinstance(row[1], bool) else row[1] for row in warehouses.run(dialect, by_row(expr, dialect)).rows()]
    except UserError:
        return None


def keeps_its_values(text: str, warehouses: Warehouses) -> None:
    try:
        expr = parse_expression(text, "postgres")
    except UserError:
        reject()
    form = normalised(expr)
    assert normalised(form) == form
    if form == expr:
        return
    for dialect in Dialect:
        before, after = rows(expr, dialect, warehouses), rows(form, dialect, warehouses)
        if before is None or after is None:
            # SQL leaves open which operand is computed first, so one order may divide by zero where the other stops before.
            continue
        assert all(same(left, right) for left, right in zip(before, after, strict=True)), (text, form, dialect)


@pytest.mark.parametrize("kind", ["forms", *ALL])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_normal_form_has_the_values_of_the_expression(kind: str, data: st.DataObject, awkward_rows: Warehouses) -> None:
    keeps_its_values(data.draw(FORMS if kind == "forms" else ALL[kind]), awkward_rows)


EQUAL = (
    ("a = 1 and b = 2", "b=2 AND a=1"),
    ("a = 1 and (b = 2 and c = 3)", "(c = 3 and a = 1) and b = 2"),
    ("a or b or a", "(b) or (a)"),
    ("((a)) + (b)", "b + a"),
    ("a * (b + c)", "(c + b) * a"),
    ("a > 1", "1 < a"),
    ("a >= b", "b <= a"),
    ("a between 1 and 2", "a >= 1 and a <= 2"),
    ("not a = 1", "a <> 1"),
    ("not (a in (1, 2))", "a not in (2, 1, 2)"),
    ("a in (1)", "a = 1"),
    ("not (a is null)", "a is not null"),
    ("not not (a = 1)", "a = 1"),
    ("case when a = 1 then b end", "CASE WHEN 1 = a THEN b ELSE NULL END"),
)
DIFFERENT = (
    ("a = 1 and b = 2", "a = 1 or b = 2"),
    ("a - b", "b - a"),
    ("a / b", "b / a"),
    ("a || b", "b || a"),
    ("(a + b) + c", "a + (b + c)"),
    ("a > 1", "a < 1"),
    ("a > 1", "a >= 1"),
    ("not (a < b)", "a >= b"),
    ("case when a = 1 then b when c = 2 then d end", "case when c = 2 then d when a = 1 then b end"),
    ("coalesce(a, b)", "coalesce(b, a)"),
    ("a in (1, 2)", "a in (1, 3)"),
    ("a = 'x'", "a = 'X'"),
    ("a between 1 and 2", "a between 2 and 1"),
)


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_spelled_otherwise(left: str, right: str) -> None:
    assert same_meaning(parse_expression(left, "postgres"), parse_expression(right, "postgres"))


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_something_else(left: str, right: str) -> None:
    assert not same_meaning(parse_expression(left, "postgres"), parse_expression(right, "postgres"))


@pytest.mark.parametrize(
    "text",
    ["lower(a) like 'x%'", "-a < 3", "cast(a as text) = 'x'", "date_trunc('month', a) = b", "extract(year from a) in (1, 2)", "not (a like 'x')",
     "b + interval '1 month' > a", "not (a between 1 and 2)", "coalesce(a, b) is null"],
)  # fmt: skip
def test_a_normal_form_is_its_own(text: str) -> None:
    form = normalised(parse_expression(text, "postgres"))
    assert normalised(form) == form
    assert same_meaning(form, parse_expression(f"(({text}))", "postgres"))


def test_of_nothing() -> None:
    assert normalised(None) is None
    assert same_meaning(None, None)
    assert not same_meaning(None, parse_expression("a", "postgres"))


def test_what_is_no_condition_stays_one_of_two() -> None:
    """Of 5 and 5 ClickHouse makes true."""
    form = normalised(parse_expression("a and a", "postgres"))
    assert form == And((Column("a"), Column("a")))
