"""Changing one column of a table on PostgreSQL so that whatever depends on it should show it: values are moved between rows, altered, and taken away."""

from __future__ import annotations

from typing import LiteralString, cast

import psycopg

_ALTERED = {
    "integer": "{c} + 1 + ({n} % 5)::int",
    "smallint": "{c} + 1 + ({n} % 5)::int",
    "bigint": "{c} + 1 + ({n} % 5)",
    "numeric": "{c} * 2 + ({n} % 7) + 0.5",
    "double precision": "{c} * 2 + ({n} % 7) + 0.5",
    "real": "{c} * 2 + ({n} % 7) + 0.5",
    "text": "{c} || 'x' || ({n} % 3)::text",
    "character varying": "{c} || 'x' || ({n} % 3)::text",
    "boolean": "not {c}",
    "date": "{c} + (1 + {n} % 300)::int",
    "timestamp without time zone": "{c} + make_interval(days => (1 + {n} % 300)::int)",
    "timestamp with time zone": "{c} + make_interval(days => (1 + {n} % 300)::int)",
    "ARRAY": "{c} || {c}[1]",
}


def perturb(connection: psycopg.Connection, schema: str, table: str, column: str, kind: str) -> int:
    """Change the column: a fourth of the rows get the value of another row, two fourths another value, one fourth none. How many rows there are."""
    altered = _ALTERED[kind].format(c=f'base."{column}"', n="base.n")
    text = f"""
        with base as (select ctid as id, "{column}", row_number() over (order by ctid) as n, row_number() over (order by md5(ctid::text)) as m from "{schema}"."{table}")
        update "{schema}"."{table}" as target
        set "{column}" = case base.n % 4 when 0 then other."{column}" when 3 then null else {altered} end
        from base join base as other on other.m = base.n
        where target.ctid = base.id
    """
    return connection.execute(cast(LiteralString, text)).rowcount


def columns_of(connection: psycopg.Connection, schema: str, table: str) -> list[tuple[str, str]]:
    """The columns of a table with their types."""
    found = connection.execute(
        "select column_name, data_type from information_schema.columns where table_schema = %s and table_name = %s order by ordinal_position",
        (schema, table),
    )
    return [(str(name), str(kind)) for name, kind in found.fetchall()]
