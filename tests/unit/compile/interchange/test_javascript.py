"""Cube's JavaScript: literals are read with their places, code is refused at its place, and nothing runs."""

from __future__ import annotations

import pytest

from app.compile.interchange.cube.javascript import normalised, read_javascript, snake_case
from app.errors import UserError

CUBE = """
// a comment
cube(`Orders`, {
  sqlTable: "public.orders", /* another */
  measures: {
    totalAmount: { sql: `${CUBE}.amount`, type: 'sum', drillMembers: [id, Users.name], shown: true, meta: {someKey: {innerKey: -1.5}} },
  },
  joins: { Users: { relationship: `belongsTo`, sql: `${CUBE}.user_id = ${Users}.id` } },
});
view('v', {});
"""


def test_literals() -> None:
    (kind, cube), (other, _) = read_javascript(CUBE, "a.js")
    assert (kind, other) == ("cube", "view")
    made = normalised(cube).plain()
    assert made["name"] == "Orders"
    assert made["sql_table"] == "public.orders"
    (measure,) = made["measures"]
    assert measure["name"] == "totalAmount"
    assert measure["drill_members"] == ["id", "Users.name"]
    assert measure["meta"] == {"someKey": {"innerKey": -1.5}}, "what is only carried keeps its names"
    assert made["joins"][0] == {"relationship": "belongsTo", "sql": "${CUBE}.user_id = ${Users}.id", "name": "Users"}
    sql = normalised(cube).items("measures")[0].get("sql")
    assert sql is not None
    assert (sql.where.line, sql.where.column) == (6, 25)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("const x = require('fs');\ncube('a', {})", 1, 1),
        ("cube('a', {\n  sql: () => `x`,\n})", 2, 8),
        ("cube('a', {\n  sql: f(`x`),\n})", 2, 8),
        ("cube('a', {\n  ...base,\n})", 2, 3),
        ("cube('a', {\n  measures,\n})", 2, 3),
        ("cube('a', {\n  [`x`]: 1,\n})", 2, 3),
        ("cube('a', {\n  sql: `a` + `b`,\n})", 2, 12),
        ("cube('a', {\n  sql: `a`", 2, 11),
        ("asyncModule(async () => {})", 1, 1),
        ("cube(name, {})", 1, 1),
        ("export default {}", 1, 1),
    ],
)
def test_code_is_refused_at_its_place(text: str, line: int, column: int) -> None:
    with pytest.raises(UserError) as refused:
        read_javascript(text, "a.js")
    problem = refused.value.problem
    assert problem.code == "DM2660"
    assert problem.where is not None
    assert (problem.where.file, problem.where.line, problem.where.column) == ("a.js", line, column)


@pytest.mark.parametrize("text", ["cube('a', {sql: `open", "cube('a', {a: 1, a: 2})", "cube('a', {a: \x00})", "cube('a', " + "[" * 5000])
def test_no_javascript(text: str) -> None:
    with pytest.raises(UserError) as refused:
        read_javascript(text, "a.js")
    assert refused.value.problem.code in ("DM2651", "DM2660")


@pytest.mark.parametrize(("written", "value"), [(r"'a\'b\n'", "a'b\n"), (r"`\u0041\x42\u{43}`", "ABC"), (r'"\\d"', r"\d")])
def test_escapes(written: str, value: str) -> None:
    (_, cube), *_ = read_javascript(f"cube({written}, {{}})", "a.js")
    assert cube.text("name") == value


def test_parameters_in_snake_case() -> None:
    assert [snake_case(key) for key in ("drillMembers", "sqlTable", "type")] == ["drill_members", "sql_table", "type"]
