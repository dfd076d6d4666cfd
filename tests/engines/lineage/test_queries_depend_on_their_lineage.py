"""For SQL of every shape: what an output column's lineage leaves out does not matter to it, on the engine itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, LiteralString, cast

import clickhouse_connect
import psycopg
import pytest

from app.compile.lineage.flow import Flow
from tests.engines.lineage.queries import BOTH, CLICKHOUSE, POSTGRES
from tests.support.demo import Demo
from tests.support.sql_lineage import TABLES, flow

Row = dict[str, Any]
Data = dict[str, list[Row]]
Run = Callable[[str, str], dict[str, list[str]]]
"""Runs a query over the tables of a schema: each column's values, sorted."""

PLAIN = "plain"


def data() -> Data:
    """Rows by chance, the same each time."""
    rng = random.Random(7)

    def few() -> int:
        return rng.randint(0, 6)

    return {
        "t": [
            {"id": n, "a": few(), "b": few(), "c": few(), "k": few(), "arr": [few() for _ in range(rng.randint(0, 3))]} for n in range(24)
        ],
        "u": [{"id": n, "t_id": rng.randint(0, 30), "x": few(), "y": few(), "k": few()} for n in range(24)],
        "v": [{"k": k, "z": few(), "n": few()} for k in range(7)],
    }


def variants() -> Iterator[tuple[str, str, str, Data]]:
    """A schema for each column, in which it has other values: (schema, table, column, rows)."""
    rng = random.Random(8)
    for table, names in TABLES.items():
        for column in names:
            changed = data()
            values = [row[column] for row in changed[table]]
            rng.shuffle(values)
            for number, (row, value) in enumerate(zip(changed[table], values, strict=True)):
                row[column] = value if number % 2 else [*value, 3] if isinstance(value, list) else (value + 3) % 8
            yield f"changed_{table}_{column}", table, column, changed


def literal(value: Any, dialect: str) -> str:
    """A value in SQL."""
    if not isinstance(value, list):
        return str(value)
    body = ", ".join(map(str, value))
    return f"array[{body}]::int[]" if dialect == "postgres" else f"cast([{body}] as Array(Int32))"


def statements(schema: str, rows: Data, dialect: str) -> Iterator[str]:
    """What makes a schema with the tables."""
    yield f"create schema {schema}" if dialect == "postgres" else f"create database {schema}"
    for table, names in TABLES.items():
        kinds = {name: "int[]" if name == "arr" else "int" for name in names}
        columns = ", ".join(f"{n} {k if dialect == 'postgres' else 'Array(Int32)' if n == 'arr' else 'Int32'}" for n, k in kinds.items())
        values = ", ".join("(" + ", ".join(literal(row[name], dialect) for name in names) + ")" for row in rows[table])
        engine = "" if dialect == "postgres" else " engine = MergeTree order by tuple()"
        yield f"create table {schema}.{table} ({columns}){engine}"
        yield f"insert into {schema}.{table} values {values}"


def by_column(names: list[str], rows: list[Any]) -> dict[str, list[str]]:
    """The values of each column in an order of their own."""
    return {name.lower(): sorted(repr(row[number]) for row in rows) for number, name in enumerate(names)}


@pytest.fixture(scope="module")
def postgres(demo: Demo) -> Iterator[Run]:
    with psycopg.connect(demo.servers.owners["postgres"]) as connection:
        for schema, rows in ((PLAIN, data()), *((name, changed) for name, _, _, changed in variants())):
            for statement in statements(schema, rows, "postgres"):
                connection.execute(cast(LiteralString, statement))

        def run(schema: str, sql: str) -> dict[str, list[str]]:
            connection.execute(cast(LiteralString, f"set local search_path to {schema}"))
            cursor = connection.execute(cast(LiteralString, sql))
            return by_column([column.name for column in cursor.description or ()], cursor.fetchall())

        yield run
        connection.rollback()


@pytest.fixture(scope="module")
def clickhouse(demo: Demo) -> Iterator[Run]:
    client = clickhouse_connect.get_client(dsn=demo.servers.owners["clickhouse"].replace("clickhouse://", "http://"))
    schemas = [(PLAIN, data()), *((name, changed) for name, _, _, changed in variants())]
    for schema, rows in schemas:
        for statement in statements(schema, rows, "clickhouse"):
            client.command(statement)

    def run(schema: str, sql: str) -> dict[str, list[str]]:
        client.database = schema
        found = client.query(sql.replace("merge_t", "t"), settings={"join_use_nulls": 1})
        return by_column(list(found.column_names), list(found.result_rows))

    yield run
    for schema, _ in schemas:
        client.command(f"drop database {schema}")
    client.close()


def check(sql: str, dialect: str, run: Run) -> int:
    """Hold every column of the query to its lineage; how many (column, changed column) pairs showed a change that the lineage tells."""
    found: Flow = flow(sql.replace("merge_t", "t"), dialect)
    plain = run(PLAIN, sql)
    assert list(plain) == list(found.columns), "the columns themselves"
    assert not [e for deps in (*found.columns.values(), found.rows) for e in deps if e.reason is not None], "nothing is unknown here"
    told = 0
    for schema, table, column, _ in variants():
        now = run(schema, sql)
        for name, deps in found.columns.items():
            said = any((edge.model, edge.column) == (table, column) for edge in deps | found.rows)
            changed = now[name] != plain[name]
            assert said or not changed, f"`{name}` changes with {table}.{column}, which its lineage leaves out"
            told += said and changed
    return told


@pytest.mark.parametrize("title", [*BOTH, *POSTGRES])
def test_on_postgres(title: str, postgres: Run) -> None:
    assert check((BOTH | POSTGRES)[title], "postgres", postgres) > 0


@pytest.mark.parametrize("title", [*BOTH, *CLICKHOUSE])
def test_on_clickhouse(title: str, clickhouse: Run) -> None:
    assert check((BOTH | CLICKHOUSE)[title], "clickhouse", clickhouse) > 0
