"""Whatever the length and nesting of a text, reading it ends with an expression or a Problem: no error of Python, and no reading again and again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import sqlglot
import sqlglot.parser
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.model.expr import And, Column, Expr, Field, In
from app.model.types import DataType, Dialect
from app.sql.expressions.coerce import coerce
from app.sql.expressions.fields import parse_order
from app.sql.expressions.parse import (
    LONGEST_EXPRESSION,
    MOST_LEVELS,
    full_expression,
    parse_expression,
    parse_where,
)
from app.sql.expressions.spell import build, speller
from app.sql.expressions.walk import measure, replace_leaves, size
from app.sql.nesting import first_too_deep
from app.sql.parse import parse_statement, tokenize
from app.sql.render import render_sql
from tests.support.pace import paces

NESTED = {
    "parentheses": "({})", "minus": "-({})", "not": "not ({})", "in": "({}) in (1)", "option": "1 in ({}, 2)", "between": "({}) between 1 and 2",
    "case": "case when {} then 1 end", "case of": "case {} when 1 then 2 when 2 then 3 end", "cast": "cast({} as int)", "::": "({})::numeric(10,2)",
    "extract": "extract(year from {})", "date_trunc": "date_trunc('month', {})", "interval": "({}) + interval '1 day'", "date": "date({})",
    "decimal": "decimal({})", "date[]": "date[{}]", "array": "array[{}]", "coalesce": "coalesce({}, 1)", "like": "({}) like 'a'", "tuple": "({}, 1)",
    "subquery": "(select {})", "trim": "trim({})", "timestamp": "timestamp({}, 1)", "struct": "struct({})", "exists": "exists({})", "map": "map({})",
    "nullable": "Nullable({})", "enum": "Enum8('a', {})", "lambda": "x -> ({})", "if": "if({}, 1, 2)", "row": "row({})", "json": "json({})",
    "if as a name": "if[{}]", "minus after if": "if -{}",
    "brackets": "[{}]", "braces": "{{ Dimension({}) }}", "quote": "'{}'", "name": '"{}"', "any": "any({})", "concat": "({}) || 'a'",
}  # fmt: skip
CHAINED = [" + 1", " - a", " * 2", " / a", " || 'a'", "::int", "[1]", " is null", " = a", " in (1)", ".a", " and a", " or a", " like 'a'", "->'b'", " + interval '1 day'",
           " at time zone 'x'", " between 1 and 2", ",a", ";", "(", "''", "'", '"', "\\'", "$$", " not", " case", " -", "{{", "}}",
           " {{ Dimension('a') }}", "1", "²", "f_", "\n"]  # fmt: skip


def nested(levels: list[str]) -> str:
    """One within the other."""
    text = "a"
    for shape in levels:
        text = NESTED[shape].replace("{}", text, 1)
    return text


def outcome(text: str, reader: str) -> Expr | str:
    """The expression, or the code of the Problem."""
    try:
        found = parse_where(text, reader)
    except UserError as error:
        return error.problem.code
    levels, parts = measure(found)
    assert levels <= MOST_LEVELS
    assert parts <= LONGEST_EXPRESSION
    return found


@pytest.mark.parametrize("reader", ["postgres", "clickhouse"])
@pytest.mark.parametrize("shape", NESTED)
def test_nesting(shape: str, reader: str) -> None:
    for levels in (4, 12, 100):
        outcome(nested([shape] * levels), reader)
    assert str(outcome(nested([shape] * 2_000), reader)).startswith("DM31")


@pytest.mark.parametrize("link", CHAINED)
def test_chains(link: str) -> None:
    for count in (90, 900, 4_000 // len(link), LONGEST_EXPRESSION):
        for reader in ("postgres", "clickhouse"):
            outcome("a" + link * count, reader)


@settings(max_examples=100, deadline=None)
@given(levels=st.lists(st.sampled_from(sorted(NESTED)), max_size=40), reader=st.sampled_from(["postgres", "clickhouse"]))
def test_mixed_nesting(levels: list[str], reader: str) -> None:
    outcome(nested(levels), reader)
    with suppress(UserError):
        parse_statement(f"select {nested(levels)}", Dialect(reader))


@pytest.mark.parametrize("dialect", Dialect)
def test_types_in_types_are_not_read_without_end(dialect: Dialect) -> None:
    """The parser reads what stands in `date(…)` twice: of nested ones, as many are let through as are read in a moment."""

    def beyond(text: str) -> bool:
        return first_too_deep(sqlglot.tokenize(f"select {text}", read=dialect.value), dialect.value, LONGEST_EXPRESSION) is not None

    for shape in ("date", "decimal", "date[]", "timestamp", "struct", "if as a name", "minus after if"):
        assert not beyond(nested([shape] * 4)), shape
        assert beyond(nested([shape] * 14)), shape
        assert beyond(nested([shape, "coalesce"] * 14)), shape
        with pytest.raises(UserError, match="DM3101"):
            full_expression(nested([shape] * 14), dialect.value)
        with pytest.raises(UserError, match=r"DM400[34]"):
            parse_statement(f"select {nested([shape] * 20)}", dialect)
    assert beyond(f"date(date(date({'a + ' * 5_000} a)))")
    assert not beyond(" + ".join(["date(a)"] * 1_000))
    assert not beyond(" + ".join(["(if + a.if)", "if(a, 1, 2)"] * 500))
    assert not beyond(nested(["coalesce"] * 30))


@pytest.mark.parametrize("dialect", Dialect)
def test_words_that_the_parser_descends_for_are_counted_before_it_reads_them(dialect: Dialect) -> None:
    """Each FROM that begins a query is a recursion of the parser's, without a bracket."""
    with pytest.raises(UserError, match="DM4004"):
        tokenize("FROM " * 16_000 + "a", dialect)
    assert tokenize("SELECT " + ", ".join(["extract(year FROM a)"] * 900), dialect)


def test_the_parser_is_the_interpreted_one() -> None:
    """Whose recursion ends with an error. Compiled, some of it ends with the stack, and the process with it: no bound of ours is known to hold all of it off."""
    assert str(sqlglot.parser.__file__).endswith(".py")
    for lock in ("demo", "dev"):
        assert "sqlglotc" not in Path(f"requirements/{lock}.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", Dialect)
def test_long_conditions_are_spelled(dialect: Dialect) -> None:
    chain = parse_where(" and ".join(f"a <> {number}" for number in range(1_000)))
    assert isinstance(chain, And)
    assert len(chain.args) == 1_000
    listed = parse_where(f"a in ({','.join(map(str, range(3_000)))})")
    assert isinstance(listed, In)
    grown = parse_where("a" + " + 1" * (MOST_LEVELS - 3) + " > 0")
    made = speller(dialect, lambda _: build.column("a"), lambda _: DataType.FLOAT)
    for expr in (chain, listed, grown):
        text = render_sql(made.spell(coerce(_columns(expr), lambda _: DataType.FLOAT)), dialect)
        assert size(expr) < len(text) < 100 * size(expr)


def test_a_case_of_a_case_is_no_way_to_multiply() -> None:
    """`CASE x WHEN 1 … WHEN 2` compares x with each: the text is short and its tree is not."""
    whens = "".join(f" when {number} then {number}" for number in range(10))
    few, many = (f"{'case ' * levels}a{(whens + ' end') * levels}" for levels in (3, 9))
    assert size(parse_expression(few, "postgres")) < LONGEST_EXPRESSION
    for dialect in Dialect:
        with pytest.raises(UserError, match="DM3101"):
            parse_expression(many, dialect.value)


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("1" * 5_000, "postgres"),
        ("a::numeric(²)", "postgres"),
        ("a::numeric(99999, 3)", "postgres"),
        ("a + interval '²' day", "postgres"),
        ("a + interval '--5' day", "postgres"),
        ("a + interval '1000000000' year", "postgres"),
        ("a + interval '1000001' day", "postgres"),
        ("toDecimal64(a, 'x')", "clickhouse"),
        ("toDecimal64(a, 19)", "clickhouse"),
        ("toDecimal64(a, true)", "clickhouse"),
        (f"addDays(a, {'1' * 30})", "clickhouse"),
    ],
)
def test_numbers_that_are_none(text: str, dialect: str) -> None:
    with pytest.raises(UserError, match="DM310"):
        full_expression(text, dialect)


def _columns(expr: Expr) -> Expr:
    """The same over a column."""
    return replace_leaves(expr, lambda leaf: Column(leaf.name) if isinstance(leaf, Field) else leaf)


@pytest.mark.parametrize(
    "read",
    [
        lambda: [parse_order("a" + " " * 990 + "b") for _ in range(200)],
        lambda: refused("a" * (LONGEST_EXPRESSION - 10) + " +"),
        lambda: refused("a" * (LONGEST_EXPRESSION - 10) + "!"),
    ],
    ids=["order items", "a word", "a sign"],
)
def test_what_is_wrong_is_found_at_once(read: Callable[[], object]) -> None:
    assert paces(read, 60) <= 60


def refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_where(text)
