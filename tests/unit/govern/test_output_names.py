"""The names of unnamed columns, as PostgreSQL gives them (seen on PostgreSQL 18), and what has none."""

from __future__ import annotations

import pytest
from sqlglot import exp

from app.govern.output_names import output_name
from app.model.types import Dialect
from app.sql.parse import parse_statement
from tests.unit.govern.world import governed

NAMES = {
    "count(*)": "count",
    "Sum(x) FILTER (WHERE x > 1)": "sum",
    "row_number() OVER ()": "row_number",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)": "percentile_cont",
    "(lower('A'))": "lower",
    "x::text": "x",
    "lower(x)::text": "lower",
    "'1'::text": "text",
    "(array_agg(x))[1]": "array_agg",
    "CASE WHEN x > 1 THEN 1 END": "case",
    "CASE WHEN x > 1 THEN 1 ELSE x END": "x",
    "CASE WHEN x > 1 THEN 1 ELSE 2 END": "case",
    "(SELECT max(x) FROM t)": "max",
    "(SELECT max(x) FROM t UNION SELECT 1)": "max",
    "EXISTS (SELECT 1)": "exists",
    "coalesce(x, 1)": "coalesce",
    "extract(year FROM x)": "extract",
    "x + 1": "?column?",
    "x > 1 AND x < 3": "?column?",
    "NOT x > 1": "?column?",
    "1": "?column?",
    "(SELECT * FROM t)": "?column?",
    "x IS NULL": "?column?",
}


@pytest.mark.parametrize("text", NAMES)
def test_a_column_without_a_name_is_called_as_postgresql_calls_it(text: str) -> None:
    select = parse_statement(f"SELECT {text} FROM t", Dialect.POSTGRES)
    assert isinstance(select, exp.Select)
    assert output_name(select.expressions[0]) == NAMES[text]


def test_a_recursive_query_knows_its_columns_on_clickhouse() -> None:
    text = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT max(n) FROM r"
    assert "dm_c1" in governed(text, "clickhouse").text
