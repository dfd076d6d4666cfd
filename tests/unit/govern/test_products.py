"""What multiplies is refused before it runs: series, padding, arrays, tables without a condition between them; and ordinary reports are not."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.govern.firewall import inspect
from app.model.types import Dialect
from app.sql.parse import parse_statement

POSTGRES, CLICKHOUSE = Dialect.POSTGRES, Dialect.CLICKHOUSE

TOO_MUCH = [
    (POSTGRES, "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b"),
    (POSTGRES, "SELECT count(*) FROM t CROSS JOIN LATERAL generate_series(1, 100000) a CROSS JOIN generate_series(1, 1000) b"),
    (POSTGRES, "SELECT count(*) FROM (SELECT * FROM generate_series(1, 100000)) a, (SELECT * FROM generate_series(1, 1000)) b"),
    (POSTGRES, "SELECT count(*) FROM orders a, orders b, orders c, orders d"),
    (POSTGRES, "SELECT count(*) FROM orders a CROSS JOIN orders b CROSS JOIN orders c JOIN orders d ON true"),
    (POSTGRES, "SELECT format('%1000000000s', 'x')"),
    (POSTGRES, "SELECT format('%*s', 1000000000, 'x')"),
    (POSTGRES, "SELECT format('%1$-99999s', 'x')"),
    (POSTGRES, "SELECT format('%' || '999999999s', 'x')"),
    (POSTGRES, "SELECT generate_series(timestamp '2000-01-01', timestamp '294276-01-01', interval '1 hour')"),
    (POSTGRES, "SELECT generate_series('-infinity'::timestamp, 'infinity'::timestamp, interval '1 day')"),
    (POSTGRES, "SELECT generate_series(date '0001-01-01', date '9999-12-31', interval '1 hour')"),
    (POSTGRES, "SELECT generate_series(date '2000-01-01', date '2001-01-01', '1 second'::interval)"),
    (POSTGRES, "SELECT generate_series(1, 10, 0)"),
    (CLICKHOUSE, "SELECT count() FROM numbers(100000) AS a, numbers(100000) AS b"),
    (CLICKHOUSE, "SELECT count() FROM numbers(5, 100000) AS a CROSS JOIN generate_series(1, 1000) AS b"),
    (CLICKHOUSE, "SELECT count() FROM users AS a, users AS b, users AS c FINAL, users AS d"),
    (CLICKHOUSE, "SELECT arrayWithConstant(id * 10000000, 1) FROM users"),
    (CLICKHOUSE, "SELECT arrayResize([1], id * 10000000, 0) FROM users"),
    (CLICKHOUSE, "SELECT arrayResize([1], 1000000)"),
]
FINE = [
    (POSTGRES, "SELECT h, m FROM generate_series(0, 23) h, generate_series(0, 59) m"),
    (POSTGRES, "SELECT 1 FROM generate_series(1, 100000) a JOIN generate_series(1, 100000) b ON a = b"),
    (POSTGRES, "SELECT 1 FROM generate_series(1, 100000) a(n), generate_series(1, 100000) b(n) WHERE a.n = b.n"),
    (POSTGRES, "SELECT 1 FROM orders o, users u, regions r, events e WHERE o.user_id = u.id AND u.region = r.code AND e.user_id = u.id"),
    (POSTGRES, "WITH a AS (SELECT 1), b AS (SELECT 1), c AS (SELECT 1), d AS (SELECT 1) SELECT * FROM a, b, c, d"),
    (POSTGRES, "SELECT 1 FROM orders a JOIN orders b USING (id) JOIN orders c USING (id) JOIN orders d USING (id)"),
    (POSTGRES, "SELECT 1 FROM t, LATERAL (SELECT 1) a, LATERAL (SELECT 2) b, LATERAL (SELECT 3) c, LATERAL (SELECT 4) d"),
    (POSTGRES, "SELECT format('%5s|%-10s|%2$s|%I %%', a, b)"),
    (POSTGRES, "SELECT generate_series('2025-01-01'::date, '2025-01-31'::date, '1 day'::interval)"),
    (POSTGRES, "SELECT generate_series(timestamp '2025-01-01 00:00', now(), '6 hours')"),
    (POSTGRES, "SELECT generate_series(min(d), max(d), interval '1 month') FROM t"),
    (CLICKHOUSE, "SELECT format('{} ({})', a, b)"),
    (CLICKHOUSE, "SELECT a.number * 60 + b.number FROM numbers(24) AS a CROSS JOIN numbers(60) AS b"),
    (CLICKHOUSE, "SELECT arrayWithConstant(3, x), arrayResize([1], 3, 0) FROM t"),
    (CLICKHOUSE, "SELECT arrayReduce('sum', a), arrayReduce('quantile(0.5)', a), arrayReduce('uniqExactIf', a, b) FROM t"),
]


def code(text: str, dialect: Dialect) -> str:
    try:
        inspect(parse_statement(text, dialect), dialect)
    except UserError as error:
        return error.problem.code
    return ""


@pytest.mark.parametrize(("dialect", "text"), TOO_MUCH)
def test_what_makes_too_much_is_refused(dialect: Dialect, text: str) -> None:
    assert code(text, dialect) == "DM4015"


@pytest.mark.parametrize(("dialect", "text"), FINE)
def test_what_is_bounded_passes(dialect: Dialect, text: str) -> None:
    assert code(text, dialect) == ""


@pytest.mark.parametrize("named", ["'flameGraph'", "'aggThrow(1)'", "concat('su', 'm')", "x"])
def test_a_function_named_by_a_text_is_one_that_is_allowed(named: str) -> None:
    assert code(f"SELECT arrayReduce({named}, [1]), arrayReduceInRanges('max', [(1, 1)], [1]) FROM t", CLICKHOUSE) == "DM4013"
    assert code(f"SELECT arrayReduceInRanges({named}, [(1, 1)], [1]) FROM t", CLICKHOUSE) == "DM4013"
