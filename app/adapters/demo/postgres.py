"""Load the source tables into PostgreSQL: one COPY a table, all tables and the record of the load in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg
from psycopg import sql

from app.adapters.demo.spelling import COPY_TEXT, with_nulls
from app.adapters.demo.tables import Kind, Table, expect_rows

SCHEMA = "raw"
_RECORD = sql.Identifier(SCHEMA, "demo_load")
_BATCH = 20_000
# Two loads at once would each drop what the other made: the second waits for the first.
_LOCK = 0x6B63_6C6F_6164

_TYPES = {
    Kind.ID: "bigint",
    Kind.COUNT: "integer",
    Kind.TEXT: "text",
    Kind.MONEY: "numeric(14,2)",
    Kind.DAY: "date",
    Kind.BIRTHDAY: "date",
    Kind.TIME: "timestamp without time zone",
    Kind.FLAG: "boolean",
}


class PostgresTarget:
    """A PostgreSQL database, named by URL, that receives the source tables in its schema `raw`."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self._url = url

    def recorded(self) -> str:
        """What was loaded last, "" where nothing was. Raises psycopg.Error."""
        with psycopg.connect(self._url) as connection:
            row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.demo_load"]).fetchone()
            if row is None or not row[0]:
                return ""
            found = connection.execute(sql.SQL("SELECT content FROM {}").format(_RECORD)).fetchone()
            return str(found[0]) if found else ""

    def load(self, tables: Sequence[Table], content: str, loaded: Callable[[Table], None]) -> None:
        """Replace the tables and record `content`; all or nothing. Views that read the old tables are dropped with them. Raises psycopg.Error."""
        with psycopg.connect(self._url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute("SET LOCAL client_min_messages = warning")
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            for table in tables:
                _fill(cursor, table)
                loaded(table)
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_RECORD))
            cursor.execute(sql.SQL("CREATE TABLE {} (content text NOT NULL)").format(_RECORD))
            cursor.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(_RECORD), [content])
        # Outside the transaction, so that statistics of what was loaded are there for the first query.
        with psycopg.connect(self._url, autocommit=True) as connection:
            for table in tables:
                connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(SCHEMA, table.name)))


def _fill(cursor: psycopg.Cursor[tuple[object, ...]], table: Table) -> None:
    name = sql.Identifier(SCHEMA, table.name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(
            sql.Identifier(column.name),
            sql.SQL(_TYPES[column.kind] + ("" if column.missing is not None else " NOT NULL")),
        )
        for column in table.columns
    )
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(name))
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for batch in table.batches(_BATCH):
            texts = [with_nulls(column, COPY_TEXT[column.kind](column), "\\N") for column in batch]
            copy.write("".join(["\t".join(row) + "\n" for row in zip(*texts, strict=True)]).encode())
    expect_rows("PostgreSQL", table, cursor.rowcount)
