"""How a request's text is cut into words, a statement and data."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.lexer import tokens
from app.adapters.embedded.clickhouse_server.statement import parse


@given(st.text(alphabet="ab1 \n'\"`\\;/*-#!$‘’()é", max_size=60))
@settings(max_examples=300)
def test_tokens_with_comments_cover_the_text_in_order(text: str) -> None:
    found = list(tokens(text, comments=True))
    position = 0
    for token in found:
        assert token.text == text[token.start : token.end]
        assert text[position : token.start].strip() == ""
        position = token.end
    assert text[position:].strip() == ""


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("a--b\nc", ["a", "c"]),
        ("a/*x/*y*/z*/b", ["a", "b"]),
        ("a//b\nc", ["a", "c"]),
        ("a#!b\nc # d\ne", ["a", "c", "e"]),
        (r"'it\'s' b", [r"'it\'s'", "b"]),
        ("'it''s;' b", ["'it''s;'", "b"]),
        ('"a\\"b" `c``d`', ['"a\\"b"', "`c``d`"]),
        ("$$a;b$$ $x$ $$ $x$", ["$$a;b$$", "$x$ $$ $x$"]),
    ],
)
def test_comments_and_quotes(sql: str, words: list[str]) -> None:
    assert [token.text for token in tokens(sql)] == words


@pytest.mark.parametrize(
    ("query", "body", "sql", "data_format", "data"),
    [
        ("", b"INSERT INTO t FORMAT CSV\n1;2", "INSERT INTO t ", "CSV", b"1;2"),
        ("INSERT INTO t FORMAT CSV", b"1\n", "INSERT INTO t ", "CSV", b"1\n"),
        ("", b"INSERT INTO t (a, b) FORMAT Native\n\xff\x00\xfe", "INSERT INTO t (a, b) ", "Native", b"\xff\x00\xfe"),
        ("", 'INSERT INTO "té" FORMAT JSONEachRow {"a":1}'.encode(), 'INSERT INTO "té" ', "JSONEachRow", b'{"a":1}'),
        ("", b"/* x */ insert into t settings a = 1 format TSV\r\n1", "/* x */ insert into t settings a = 1 ", "TSV", b"1"),
    ],
)
def test_where_the_data_of_an_insert_begin(query: str, body: bytes, sql: str, data_format: str, data: bytes) -> None:
    found = parse(query, body)
    assert (found.sql, found.data_format, found.data) == (sql, data_format, data)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        "INSERT INTO t SELECT 1 FORMAT Null",
        "INSERT INTO t (format, csv) VALUES (1, 2)",
        "INSERT INTO t WITH 1 AS x SELECT x",
    ],
)
def test_inserts_without_data_behind_them(sql: str) -> None:
    assert parse("", sql.encode()).data is None


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT 1 FORMAT JSON", "JSON"),
        ("SELECT 1 format CSV settings a = 1;", "CSV"),
        ("SELECT format('{}', 1)", ""),
        ("SELECT 1 AS format", ""),
        ("SELECT (SELECT 1) FROM t", ""),
    ],
)
def test_the_output_format_that_a_text_names(sql: str, name: str) -> None:
    assert parse("", sql.encode()).output_format == name


@pytest.mark.parametrize(
    "sql", ["a; b", "SELECT 1;;SELECT 2", "SELECT 1; -- x\nDROP TABLE t", "", ";", " -- x", "SELECT 1 INTO /**/ OUTFILE 'x'"]
)
def test_refused(sql: str) -> None:
    with pytest.raises(Failure) as caught:
        parse("", sql.encode())
    assert caught.value.code == 62


def test_one_statement_may_end_in_semicolons() -> None:
    assert parse("", b"SELECT ';' ; ; -- end").sql == "SELECT ';'"
