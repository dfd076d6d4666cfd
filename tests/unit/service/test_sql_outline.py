"""SQL without its literals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.types import Dialect
from app.service.sql_outline import outline

POSTGRES, CLICKHOUSE = Dialect.POSTGRES, Dialect.CLICKHOUSE


@pytest.mark.parametrize(
    ("dialect", "sql", "shown"),
    [
        (POSTGRES, "SELECT name FROM t WHERE id = 42 AND city = 'Bonn' -- Ana", "SELECT name FROM t WHERE id = ? AND city = ?"),
        (POSTGRES, "select $$Ana$$, $x$Ana$x$, E'A\\na', U&'Ana', b'1', x'41', 1.5e3", "select ? , ? , ? , ? , ? , ? , ?"),
        (POSTGRES, "SELECT DATE '2020-01-01', INTERVAL '3 days', true", "SELECT DATE ? , INTERVAL ? , true"),
        (POSTGRES, 'SELECT "a_b" FROM t WHERE name = "Ana Meier"', 'SELECT "a_b" FROM t WHERE name = ?'),
        (POSTGRES, "SELECT a FROM t GROUP BY a ORDER BY 1 LIMIT 5", "SELECT a FROM t GROUP BY a ORDER BY ? LIMIT ?"),
        (CLICKHOUSE, "SELECT `a`, [1, 'x'] FROM t WHERE c IN ('A\\'na')", "SELECT `a` , [ ? , ? ] FROM t WHERE c IN ( ? )"),
        (CLICKHOUSE, "SELECT {p:String}", "SELECT { p : String }"),
        (POSTGRES, "SELECT 'not closed", ""),
        (POSTGRES, "no sql; at all", ""),
        (POSTGRES, "", ""),
    ],
)
def test_shapes(dialect: Dialect, sql: str, shown: str) -> None:
    assert outline(sql, dialect) == shown


@settings(deadline=None)
@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Z")), min_size=1, max_size=20), st.sampled_from(list(Dialect)))
def test_no_text_gets_through(value: str, dialect: Dialect) -> None:
    marked = f"zq{value}qz"
    quoted = marked.replace("\\", "\\\\").replace("'", "''")
    assert "zq" not in outline(f"SELECT a FROM t WHERE b = '{quoted}'", dialect)


@settings(deadline=None)
@given(
    st.integers(10**6, 10**12),
    st.sampled_from(["{}", "-{}", "{}.5", "1.{}", "1e{}", "0{}", "'{}'", "DATE '{}'"]),
    st.sampled_from(list(Dialect)),
)
def test_no_number_gets_through(number: int, spelling: str, dialect: Dialect) -> None:
    assert str(number) not in outline(f"SELECT a FROM t WHERE b = {spelling.format(number)}", dialect)
