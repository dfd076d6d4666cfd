"""Load the source tables into ClickHouse: Native column batches, and the record of the load last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from app.adapters.demo.spelling import amounts, with_nulls
from app.adapters.demo.tables import Column, Kind, Table, expect_rows

DATABASE = "raw"
_BATCH = 50_000

_TYPES = {
    Kind.ID: "Int64",
    Kind.COUNT: "Int32",
    Kind.TEXT: "String",
    Kind.MONEY: "Decimal(14, 2)",
    Kind.DAY: "Date",
    # Date begins in 1970; people are older.
    Kind.BIRTHDAY: "Date32",
    Kind.TIME: "DateTime('UTC')",
    Kind.FLAG: "Bool",
}


class ClickHouseTarget:
    """A ClickHouse server, named by URL (`clickhouse://user:password@host:8123/database`, or `http(s)://…`), that receives the source tables in its database `raw`."""

    name = "ClickHouse"

    def __init__(self, url: str) -> None:
        self._url = url

    def recorded(self) -> str:
        """What was loaded last, "" where nothing was or a load broke off. Raises clickhouse_connect's errors."""
        client = self._client()
        try:
            if not int(client.command(f"EXISTS TABLE {DATABASE}.demo_load")):  # type: ignore[arg-type]
                return ""
            rows = client.query(f"SELECT content FROM {DATABASE}.demo_load").result_rows
            return str(rows[0][0]) if rows else ""
        finally:
            client.close()

    def load(self, tables: Sequence[Table], content: str, loaded: Callable[[Table], None]) -> None:
        """Replace the tables and record `content`. The record goes first and comes back last: a load that breaks off is repeated. Raises clickhouse_connect's errors."""
        client = self._client()
        try:
            client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
            client.command(f"DROP TABLE IF EXISTS {DATABASE}.demo_load SYNC")
            for table in tables:
                _fill(client, table)
                loaded(table)
            client.command(f"CREATE TABLE {DATABASE}.demo_load (content String) ENGINE = MergeTree ORDER BY tuple()")
            client.insert("demo_load", [[content]], column_names=["content"], database=DATABASE)
        finally:
            client.close()

    def _client(self) -> Client:
        return clickhouse_connect.get_client(dsn=self._url, autogenerate_session_id=False)


def _fill(client: Client, table: Table) -> None:
    columns = ", ".join(f"`{column.name}` {_type(column)}" for column in table.columns)
    client.command(f"DROP TABLE IF EXISTS {DATABASE}.{table.name} SYNC")
    client.command(f"CREATE TABLE {DATABASE}.{table.name} ({columns}) ENGINE = MergeTree ORDER BY {table.key}")
    names = [column.name for column in table.columns]
    for batch in table.batches(_BATCH):
        client.insert(table.name, [_values(column) for column in batch], column_names=names, database=DATABASE, column_oriented=True)
    expect_rows("ClickHouse", table, int(client.command(f"SELECT count() FROM {DATABASE}.{table.name}")))  # type: ignore[arg-type]


def _type(column: Column) -> str:
    return f"Nullable({_TYPES[column.kind]})" if column.missing is not None else _TYPES[column.kind]


def _values(column: Column) -> list[Any]:
    """The driver takes days and seconds as whole numbers and decimals as texts."""
    values = amounts(column) if column.kind is Kind.MONEY else column.values.tolist()
    return with_nulls(column, values, None)
