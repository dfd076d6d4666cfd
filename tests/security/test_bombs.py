"""Requests that are meant to keep a gateway busy or to break its parser: answered soon, and never by a fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.security.live import ENGINES, Twins

N = 10_000
BOMBS: dict[str, Callable[[], str]] = {
    "brackets": lambda: "SELECT " + "(" * N + "1" + ")" * N,
    "open brackets": lambda: "SELECT " + "(" * N,
    "square brackets": lambda: "SELECT " + "[" * N + "1" + "]" * N,
    "not": lambda: "SELECT " + "NOT " * N + "true",
    "minus": lambda: "SELECT " + "- " * N + "1",
    "tilde": lambda: "SELECT " + "~" * N + "1",
    "casts": lambda: "SELECT 1" + "::int" * N,
    "subscripts": lambda: "SELECT ARRAY[1]" + "[1]" * N,
    "dots": lambda: "SELECT a" + ".a" * N,
    "cases": lambda: "SELECT " + "CASE WHEN true THEN " * N + "1" + " END" * N,
    "subqueries": lambda: "SELECT * FROM " + "(SELECT * FROM " * N + "users" + ") AS q" * N,
    "ctes": lambda: (
        "WITH c0 AS (SELECT 1 AS n)" + "".join(f", c{n} AS (SELECT n FROM c{n - 1})" for n in range(1, 1500)) + " SELECT n FROM c1499"
    ),
    "doubling ctes": lambda: (
        "WITH c0 AS (SELECT 1 AS n)"
        + "".join(f", c{n} AS (SELECT a.n FROM c{n - 1} AS a, c{n - 1} AS b)" for n in range(1, 40))
        + " SELECT count(*) FROM c39"
    ),
    "in list": lambda: "SELECT id FROM orders WHERE id IN (" + ",".join(map(str, range(N))) + ")",
    "or": lambda: "SELECT id FROM orders WHERE " + " OR ".join(f"id={n}" for n in range(3000)),
    "plus": lambda: "SELECT " + "+".join("1" * 3000),
    "concat": lambda: "SELECT " + "||".join(["'a'"] * 3000),
    "calls": lambda: "SELECT " + "abs(" * N + "1" + ")" * N,
    "types": lambda: "SELECT " + "date(" * 60 + "1" + ")" * 60,
    "unions": lambda: " UNION ALL ".join(["SELECT 1"] * 2000),
    "joins": lambda: "SELECT 1 FROM regions AS r0" + "".join(f" JOIN regions AS r{n} ON r{n}.code = r0.code" for n in range(1, 300)),
    "cross joins": lambda: "SELECT count(*) FROM orders AS a, orders AS b, orders AS c, orders AS d",
    "identifier": lambda: "SELECT " + "a" * 90_000 + " FROM users",
    "quoted identifier": lambda: 'SELECT "' + "a" * 90_000 + '" FROM users',
    "number": lambda: "SELECT " + "9" * 90_000,
    "text": lambda: "SELECT length('" + "a" * 90_000 + "')",
    "columns": lambda: "SELECT " + ",".join("1" for _ in range(N)),
    "aliases": lambda: "SELECT " + ",".join(f"id AS a{n}" for n in range(3000)) + " FROM users",
    "comments": lambda: "SELECT 1 " + "/*x*/" * N,
    "nested comments": lambda: "SELECT 1 " + "/*" * N + "*/" * N,
    "quotes": lambda: "SELECT " + "''" * N,
    "semicolons": lambda: "SELECT 1" + ";" * N,
    "a megabyte": lambda: "SELECT '" + "a" * 990_000 + "'",
    "a megabyte of words": lambda: "SELECT " + "a " * 490_000,
    "backslashes": lambda: "SELECT '" + "\\" * 90_000 + "'",
    "percents": lambda: "SELECT '" + "%s%(a)s" * 9_000 + "' LIKE '%'",
    "lambdas": lambda: "SELECT " + "arrayMap(x -> " * 200 + "x" + ", [1])" * 200,
    "intervals": lambda: "SELECT now()" + " + interval '1 day'" * 2000,
    "windows": lambda: "SELECT " + ",".join(f"sum(id) OVER (ORDER BY id ROWS {n} PRECEDING)" for n in range(400)) + " FROM orders",
    "exists": lambda: "SELECT 1 WHERE " + "EXISTS (SELECT 1 WHERE " * 300 + "true" + ")" * 300,
    "if": lambda: "SELECT " + "if" * 5 + " if(" * 60 + "1" + ", 1, 1)" * 60,
    "surrogates": lambda: "SELECT '\ud800'",
    "null bytes": lambda: "SELECT '\x00'",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_statement_that_is_a_bomb_is_answered_soon(live: Twins, name: str) -> None:
    text = BOMBS[name]()
    for engine in ENGINES:
        assert not live.a.sql(text, engine).outage
    body = {"sql": text, "source": "postgres"}
    assert not live.a.post("/api/v1/sql/validate", body).outage


@pytest.mark.parametrize("name", ["brackets", "not", "a megabyte of words", "identifier", "quotes", "surrogates", "null bytes", "comments"])
def test_a_question_and_a_query_that_are_bombs_are_answered_soon(live: Twins, name: str) -> None:
    text = BOMBS[name]()
    for path, body in (
        ("/api/v1/ask", {"question": text}),
        ("/api/v1/sql/generate", {"question": text}),
        ("/api/v1/query", {"metrics": ["orders_count"], "where": [text]}),
        ("/api/v1/query", {"metrics": [text], "group_by": [text]}),
        ("/api/v1/query", {"metrics": ["orders_count"], "having": text}),
    ):
        reply = live.a.post(path, body)
        assert not reply.outage, path
        assert live.canary.search(reply.seen) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"sql":' * 20_000,
        b'{"sql": "SELECT 1", "source": "postgres", "sql": "SELECT 2"}',
        b'{"sql": ' + b"9" * 100_000 + b"}",
        b"\xff\xfe\x00",
        b'"' + b"a" * 2_000_000 + b'"',
        json.dumps({"sql": "SELECT 1", "source": "postgres", "x": [[]] * 50_000}).encode(),
        json.dumps({"sql": ["SELECT 1"], "source": {"a": 1}}).encode(),
    ],
    ids=range(10),
)
def test_a_body_that_is_a_bomb_is_answered_soon(live: Twins, body: bytes) -> None:
    assert not live.a.post("/api/v1/sql/execute", body).outage
