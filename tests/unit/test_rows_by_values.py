"""Rows whose order nobody asked for."""

from __future__ import annotations

import pytest

from app.errors import Problem, UserError
from app.model.result import Result, ResultColumn
from app.model.types import DataType, Dialect
from app.pipeline.execute import _is_ordered, by_values, untold
from app.sql.parse import parse_statement


def test_rows_of_no_order_come_by_their_values() -> None:
    columns = (ResultColumn("a", DataType.FLOAT), ResultColumn("b", DataType.TEXT))
    rows = [(2.0, "x"), (None, "y"), (float("nan"), "z"), (1.0, "b"), (1.0, None), (1.0, "a")]
    result = Result(columns, tuple(zip(*rows, strict=True)), engine="postgres")
    assert [row[1] for row in by_values(result).rows()] == ["a", "b", None, "x", "y", "z"]
    assert by_values(Result(columns, result.data, truncated=True)).data == result.data


def test_a_failure_over_hidden_rows_does_not_tell_its_kind() -> None:
    told = untold(UserError(Problem("DM5005", "it failed", hint="A division by zero."), Problem("DM5002", "too slow", hint="ask for less")))
    assert [problem.hint for problem in told.problems] == ["", "ask for less"]


@pytest.mark.parametrize(
    ("text", "open_to_plans"),
    [
        ("SELECT n FROM t", True),
        ("SELECT n FROM (SELECT n FROM t ORDER BY n) AS x", True),
        ("WITH x AS (SELECT n FROM t ORDER BY n LIMIT 5) SELECT n FROM x", True),
        ("SELECT n, row_number() OVER (ORDER BY n) FROM t", True),
        ("SELECT array_agg(n ORDER BY n) FROM t GROUP BY m", True),
        ("SELECT n FROM t UNION ALL (SELECT n FROM t ORDER BY n)", True),
        ("SELECT n FROM t ORDER BY n", False),
        ("SELECT n FROM t UNION SELECT n FROM t ORDER BY n", False),
        ("WITH x AS (SELECT n FROM t) SELECT n FROM x ORDER BY n", False),
    ],
)
def test_an_order_within_a_query_is_none_of_its_rows(text: str, open_to_plans: bool) -> None:
    assert _is_ordered(parse_statement(text, Dialect.POSTGRES)) is not open_to_plans
