"""Bounds of the parser: whatever the text holds, it is read or refused quickly, with a place."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.types import Dialect
from app.sql.parse import parse_statement
from app.sql.render import render_sql
from tests.support.pace import paces


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT '" + "x" * 100_000 + "'", "DM4001"),
        ("SELECT '" + "é" * 60_000 + "'", "DM4001"),
        ("SELECT 1\x00", "DM4002"),
        ("SELECT '\ue000dm_p1\ue001'", "DM4002"),
        ("SELECT 1 FROM", "DM4003"),
        ("SELECT 'a", "DM4003"),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, "DM4004"),
        ("SELECT " + "1," * 15_000 + "1", "DM4004"),
        ("SELECT 1" + "::int" * 50, "DM4004"),
        ("SELECT a" + "[1]" * 5_000, "DM4004"),
        ("SELECT " + "- " * 5_000 + "1", "DM4004"),
        ("SELECT a" + ".a" * 5_000, "DM4004"),
        ("SELECT " + "interval " * 3_000, "DM4004"),
        ("", "DM4005"),
        (" ; -- nothing", "DM4005"),
        ("SELECT 1; SELECT 2", "DM4005"),
        ("DROP TABLE x", "DM4010"),
        ("SET ROLE x", "DM4010"),
    ],
)
@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_cannot_be_read_is_refused_quickly(text: str, code: str, dialect: Dialect) -> None:
    def read() -> None:
        with pytest.raises(UserError) as caught:
            render_sql(parse_statement(text, dialect), dialect)
        assert caught.value.problem.code == code

    assert paces(read, 300) <= 300


def test_a_quote_after_a_backslash_is_read_differently_by_engines() -> None:
    with pytest.raises(UserError) as caught:
        parse_statement("SELECT 'a\\' , (SELECT 1) AS x, '", Dialect.CLICKHOUSE)
    assert caught.value.problem.code == "DM4006"
    assert parse_statement("SELECT 'a\\\\', 'b''c'", Dialect.CLICKHOUSE)
    assert parse_statement("SELECT 'a\\', 'b'", Dialect.POSTGRES)


def test_a_text_over_which_the_parser_trips_is_unreadable() -> None:
    with pytest.raises(UserError, match="DM4003"):
        parse_statement("SELECT generate_series(now(), now(), interval '1 day 2 hours')", Dialect.POSTGRES)


def test_the_place_of_a_fault_is_told() -> None:
    with pytest.raises(UserError) as caught:
        parse_statement("SELECT a\nFROM t\nWHERE (a = 1", Dialect.POSTGRES)
    assert caught.value.problem.where.line == 3
    with pytest.raises(UserError) as caught:
        parse_statement("SELECT 1,\n \x07", Dialect.POSTGRES)
    assert (caught.value.problem.where.line, caught.value.problem.where.column) == (2, 2)


def test_writing_a_tree_leaves_it_as_it_is() -> None:
    tree = parse_statement("SELECT STRING_AGG(DISTINCT a, ', ' ORDER BY a) FROM t", Dialect.POSTGRES)
    assert (
        render_sql(tree, Dialect.POSTGRES) == render_sql(tree, Dialect.POSTGRES) == "SELECT STRING_AGG(DISTINCT a, ', ' ORDER BY a) FROM t"
    )


def test_long_chains_are_fine() -> None:
    for text in ("SELECT 1" + " + 1" * 1_000, "SELECT 1" + " UNION ALL SELECT 1" * 199, "SELECT 1 WHERE 1 = 1" + " OR 1 = 2" * 1_000):
        tree = parse_statement(text, Dialect.POSTGRES)
        assert render_sql(tree, Dialect.POSTGRES) == text


def test_comments_are_dropped_and_a_last_semicolon_is_no_second_statement() -> None:
    tree = parse_statement("/* a /* b */ c */ SELECT 1 -- x\n; -- y\n", Dialect.POSTGRES)
    assert render_sql(tree, Dialect.POSTGRES) == "SELECT 1"
