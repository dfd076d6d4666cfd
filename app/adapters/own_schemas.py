"""The schemas that a database brings with it: nobody's data, and none of ours to empty, to grant or to warn of."""

from __future__ import annotations

CLICKHOUSE_VIEWS = frozenset({"information_schema", "INFORMATION_SCHEMA"})
"""Databases of views over the others: each account sees there what it may see of these."""
CLICKHOUSE_OWN = CLICKHOUSE_VIEWS | {"system", "default"}
"""All that ClickHouse has from the start."""


def not_postgres_own(column: str) -> str:
    """The condition, as SQL, that a column with the name of a schema names none of PostgreSQL's own."""
    return f"{column} !~ '^pg_' AND {column} <> 'information_schema'"
