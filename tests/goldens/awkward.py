"""A table of awkward rows in both engines: NULL, zeros, negatives, empty texts, leap days, ends of years, huge numbers, many digits; with its types.

A column whose name ends in `0` has no NULL: ClickHouse keeps it as a plain type, the others as Nullable.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import psycopg
from clickhouse_connect.driver.client import Client

from app.adapters.embedded.stack import Part, Stack
from app.model.expr import Column, Expr
from app.model.types import DataType, Dialect
from app.sql.expressions.coerce import coerce
from app.sql.expressions.spell import Speller, build, speller
from app.sql.render import render_sql

N = DataType
KINDS: dict[str, tuple[DataType, str, str]] = {
    "id0": (N.INTEGER, "integer", "Int32"),
    "i": (N.INTEGER, "integer", "Int32"),
    "i0": (N.INTEGER, "integer", "Int16"),
    "big": (N.INTEGER, "bigint", "Int64"),
    "u0": (N.INTEGER, "bigint", "UInt32"),
    "d": (N.DECIMAL, "numeric(12, 3)", "Decimal(12, 3)"),
    "d0": (N.DECIMAL, "numeric(12, 2)", "Decimal(12, 2)"),
    "dd": (N.DECIMAL, "numeric(38, 12)", "Decimal(38, 12)"),
    "f": (N.FLOAT, "double precision", "Float64"),
    "f0": (N.FLOAT, "double precision", "Float64"),
    "t": (N.TEXT, "text", "String"),
    "t0": (N.TEXT, "text", "LowCardinality(String)"),
    "b": (N.BOOLEAN, "boolean", "Bool"),
    "b0": (N.BOOLEAN, "boolean", "Bool"),
    "day": (N.DATE, "date", "Date32"),
    "day0": (N.DATE, "date", "Date"),
    "ts": (N.TIMESTAMP, "timestamp", "DateTime64(6)"),
    "ts0": (N.TIMESTAMP, "timestamp", "DateTime64(6, 'Europe/Berlin')"),
    "sec0": (N.TIMESTAMP, "timestamp", "DateTime"),
}
TYPES = {name: kind for name, (kind, _, _) in KINDS.items()}
_D, _T = dt.date, dt.datetime
_BY_COLUMN: dict[str, list[Any]] = {
    "i": [0, 1, -1, None, 7, -7, 2147483647, -2147483647, 100, None, 3, 12],
    "i0": [0, 1, -1, 5, 7, -7, 32767, -32768, 100, 2, 3, 12],
    "big": [0, 9223372036854775807, -9223372036854775807, None, 5, -5, 9223372036854775807, 10**15, -(10**15), 42, None, 1],
    "u0": [0, 1, 2, 4294967295, 4294967295, 7, 8, 9, 10, 11, 12, 13],
    "d": ["0", "0.001", "-0.001", None, "999999999.999", "-999999999.999", "2.5", "-2.5", "0.125", "1.005", None, "33.333"],
    "d0": ["0", "0.01", "-0.01", "1", "9999999999.99", "-9999999999.99", "2.50", "-2.50", "0.15", "1.05", "10", "33.33"],
    "dd": ["0", "12345678901234567890.123456789012", "-0.000000000001", None, "1", "2.5", "0.5", "-1.5", "99999.999999999999", None, "7", "0.1"],
    "f": [0.0, -0.0, 0.1, None, 2.675, -2.5, 1e15, -1e-9, 0.30000000000000004, None, 1.5, 123456.789],
    "f0": [0.0, -0.0, 0.2, 1.0, 2.5, -2.5, 1e12, -1e-6, 3.5, 0.5, 1.5, -123456.789],
    "t": ["", "a", "B", None, "É", "ä", "a ", " A", "Z", None, "z%", "a_b\\c"],
    "t0": ["", "a", "B", "b", "É", "e", "é", "_", "10", "9", "12", "2024-02-29"],
    "b": [True, False, None, True, False, None, True, True, False, None, True, False],
    "b0": [True, False, True, True, False, False, True, True, False, True, True, False],
    "day": [_D(2024, 2, 29), _D(2023, 12, 31), _D(2024, 1, 1), None, _D(1969, 12, 31), _D(1950, 3, 5), _D(2020, 12, 31), _D(2021, 1, 3),
            _D(2024, 12, 30), None, _D(1900, 1, 1), _D(2261, 12, 31)],
    "day0": [_D(2024, 2, 29), _D(2023, 12, 31), _D(2024, 1, 1), _D(1970, 1, 1), _D(1970, 1, 3), _D(2149, 6, 6), _D(2020, 12, 31), _D(2021, 1, 3),
             _D(2024, 12, 30), _D(2000, 2, 29), _D(2024, 1, 31), _D(2024, 5, 31)],
    "ts": [_T(2024, 2, 29, 23, 59, 59, 999999), _T(2023, 12, 31, 23, 30), _T(2024, 1, 1), None, _T(1969, 12, 31, 23, 59, 59, 500000),
           _T(1950, 3, 5, 12, 59, 59, 789654), _T(2024, 3, 31, 2, 30), _T(2024, 10, 27, 2, 30, 0, 1), _T(2024, 12, 30, 0, 0, 0, 1), None,
           _T(1900, 1, 1), _T(2261, 12, 31, 23, 59, 59, 999999)],
    "ts0": [_T(2024, 2, 29, 23, 59, 59, 999999), _T(2023, 12, 31, 23, 30), _T(2024, 1, 1), _T(2024, 1, 1, 0, 30), _T(1969, 12, 31, 23, 59, 59, 500000),
            _T(1950, 3, 5, 12, 59, 59, 789654), _T(2024, 3, 31, 1, 30), _T(2024, 10, 27, 0, 30, 0, 1), _T(2024, 12, 29, 23, 0, 0, 1), _T(2000, 2, 29, 6),
            _T(1900, 1, 1), _T(2261, 12, 31, 23, 59, 59, 999999)],
    "sec0": [_T(2024, 2, 29, 23, 59, 59), _T(2023, 12, 31, 23, 30), _T(2024, 1, 1), _T(1970, 1, 1), _T(1970, 1, 1, 0, 0, 1), _T(2105, 12, 31, 23, 59, 59),
             _T(2024, 3, 31, 2, 30), _T(2024, 10, 27, 2, 30), _T(2024, 12, 30), _T(2000, 2, 29, 6), _T(2024, 1, 31), _T(2024, 5, 31, 12)],
}  # fmt: skip
_COUNT = 12
SCHEMA = "awkward"
TABLE = f"{SCHEMA}.rows"


def values() -> list[list[Any]]:
    """The rows, each column turned by its own step, so that awkward values meet; a block of rows is all NULL where it may be."""
    made = []
    for number in range(_COUNT * 4):
        row: list[Any] = [number]
        for step, name in enumerate(list(KINDS)[1:], start=1):
            held = _BY_COLUMN[name][(number + step * (number // _COUNT)) % _COUNT]
            row.append(Decimal(held) if isinstance(held, str) and TYPES[name] is N.DECIMAL else held)
        made.append(row)
    return made


def owner(stack: Stack, dialect: Dialect) -> Any:
    """A connection that may write: psycopg's or the ClickHouse driver's."""
    if dialect is Dialect.POSTGRES:
        return psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True)
    place = urlsplit(stack.owner_urls[Part.CLICKHOUSE])
    return clickhouse_connect.get_client(
        host=place.hostname, port=place.port, username=place.username, password=unquote(place.password or "")
    )


def load(stack: Stack) -> None:
    """Make the table in both engines."""
    rows = values()
    with owner(stack, Dialect.POSTGRES) as connection:
        connection.execute(f"create schema {SCHEMA}")
        connection.execute(f"create table {TABLE} ({', '.join(f'{name} {native}' for name, (_, native, _) in KINDS.items())})")
        with connection.cursor() as cursor:
            cursor.executemany(f"insert into {TABLE} values ({', '.join(['%s'] * len(KINDS))})", rows)
        connection.execute(f"grant usage on schema {SCHEMA} to public; grant select on all tables in schema {SCHEMA} to public")
    client: Client = owner(stack, Dialect.CLICKHOUSE)
    client.command(f"create database {SCHEMA}")
    columns = ", ".join(f"{name} {native if name.endswith('0') else f'Nullable({native})'}" for name, (_, _, native) in KINDS.items())
    client.command(f"create table {TABLE} ({columns}) engine = MergeTree order by id0")
    lines = ["(" + ", ".join(_written(value, name) for value, name in zip(row, KINDS, strict=True)) + ")" for row in rows]
    client.command(f"insert into {TABLE} select * from values('{columns.replace(chr(39), chr(92) + chr(39))}', {', '.join(lines)})")
    client.close()


def _written(value: Any, name: str) -> str:
    """A value as ClickHouse reads it, times in UTC."""
    match value:
        case None:
            return "NULL"
        case bool():
            return str(value).lower()
        case dt.datetime() if KINDS[name][2] == "DateTime":
            return f"toDateTime('{value.isoformat(' ')}', 'UTC')"
        case dt.datetime():
            return f"toDateTime64('{value.isoformat(' ')}', 6, 'UTC')"
        case dt.date():
            return f"toDate32('{value.isoformat()}')"
        case Decimal():
            return f"toDecimal128('{value}', 12)"
        case str():
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case _:
            return repr(value)


def spellers(dialect: Dialect) -> Speller:
    """The speller over the table as `r`."""
    return speller(dialect, lambda c: build.column(c.name, "r"), lambda c: TYPES[c.name])


def types(column: Column) -> DataType:
    """The type of a column of the table."""
    return TYPES[column.name]


def by_row(expr: Expr, dialect: Dialect) -> str:
    """The expression for every row, by the row's number."""
    text = render_sql(spellers(dialect).spell(coerce(expr, types)), dialect)
    return f"SELECT r.id0, {text} AS v FROM {TABLE} AS r ORDER BY r.id0"
