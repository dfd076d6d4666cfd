"""The last look: a text that reads a table in any other way than through a barrier is never sealed."""

from __future__ import annotations

import pytest

from app.errors import InternalError, UserError
from app.govern.verify import verify
from app.model.types import Dialect

INNER = 'SELECT "dm_t"."id" AS "id" FROM "public"."t" AS "dm_t"'
GOOD = f'WITH "dm_c1" AS (SELECT "id" FROM ({INNER}) AS "t") SELECT "id" FROM "dm_c1", ({INNER}) AS "u", GENERATE_SERIES(1, 2) LIMIT 3'


def look(text: str, dialect: Dialect = Dialect.POSTGRES, written: str = "") -> None:
    verify(text, dialect, [INNER], ["dm_c1"], written)


def test_barriers_ctes_and_generators_pass() -> None:
    look(GOOD)
    look('SELECT "number" FROM numbers(3)', Dialect.CLICKHOUSE)
    look("SELECT 1")


@pytest.mark.parametrize(
    "text",
    [
        'SELECT "id" FROM "public"."t"',
        'SELECT "id" FROM "t"',
        'SELECT "id" FROM "dm_c2"',
        f'SELECT "id" FROM ({INNER}) AS "t", "public"."secrets"',
        f'SELECT "id" FROM ({INNER} WHERE TRUE) AS "t"',
        f'SELECT "id", \'({INNER}) AS \' FROM "public"."t"',
        'SELECT "id" FROM "public"."secrets" WHERE \'x\' IN (SELECT "id" FROM ' + f'({INNER}) AS "t")',
        "SELECT 1 FROM CURRENT_CATALOG",
        "DROP TABLE x",
        "SELECT 1; SELECT 2",
        "SELECT 1 INTO x",
        "SELECT 1 FOR UPDATE",
        "SELECT CURRENT_ROLE",
        "SELECT CAST(1 AS REGCLASS)",
        "SELECT 1 FROM other.numbers(3)",
    ],
)
def test_anything_else_does_not(text: str) -> None:
    with pytest.raises((InternalError, UserError)):
        look(text)


def test_a_function_is_named_only_where_the_caller_named_it() -> None:
    with pytest.raises(UserError) as caught:
        look("SELECT PG_SLEEP(1)", written="select pg_sleep(1)")
    assert "PG_SLEEP" in caught.value.problem.message
    with pytest.raises(UserError) as caught:
        look("SELECT PG_SLEEP(1)")
    assert "PG_SLEEP" not in caught.value.problem.message


def test_a_query_that_is_none_is_a_fault() -> None:
    with pytest.raises(InternalError, match="DM4090"):
        look('("public"."t")')


@pytest.mark.parametrize(("text", "code"), [(f"SELECT '{'a' * 500_000}'", "DM4001"), (f"SELECT {', '.join('1' * 90_000)}", "DM4004")])
def test_a_statement_that_grew_too_large_is_refused_and_no_fault_of_ours(text: str, code: str) -> None:
    """A metric query within bounds repeats its filter where it compares."""
    with pytest.raises(UserError) as caught:
        look(text)
    assert caught.value.problem.code == code
