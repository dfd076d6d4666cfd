"""The source tables of the cases, loaded into both engines with the types that a warehouse would have them in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import msgspec
import psycopg

SCHEMA = "mf_conf"
_POSTGRES = {"TIME": "timestamp", "STRING": "text", "INT": "bigint", "FLOAT": "double precision", "BOOLEAN": "boolean"}
_CLICKHOUSE = {"STRING": "String", "INT": "Int64", "FLOAT": "Float64", "BOOLEAN": "Bool"}
_READ = {"INT": int, "FLOAT": float, "BOOLEAN": {"True": True, "False": False}.__getitem__}


class Table(NamedTuple):
    """A table's name, its columns as (name, kind), and its rows as text and None."""

    name: str
    columns: list[tuple[str, str]]
    rows: list[list[str | None]]


def read(folder: Path) -> Iterator[Table]:
    """The tables of the folder of cases, by name."""
    for file in sorted((folder / "tables").glob("*.json")):
        found = json.loads(file.read_text(encoding="utf-8"))
        yield Table(found["table"], [(name, kind) for name, kind in found["columns"]], found["rows"])


def load_postgres(url: str, tables: Iterable[Table], schema: str = SCHEMA) -> None:
    """Make the schema and its tables as their owner; everybody may read them."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"create schema {schema}")
        for table in tables:
            cursor.execute(f"create table {schema}.{table.name} ({', '.join(f'{name} {_POSTGRES[kind]}' for name, kind in table.columns)})")
            with cursor.copy(f"copy {schema}.{table.name} from stdin") as copy:
                for row in table.rows:
                    copy.write_row(row)
        cursor.execute(f"grant usage on schema {schema} to public; grant select on all tables in schema {schema} to public")
        cursor.execute("analyze")


def load_clickhouse(url: str, tables: Iterable[Table], schema: str = SCHEMA) -> None:
    """Make the database and its tables as their owner; every column may hold NULL, as it may in PostgreSQL."""
    place = urlsplit(url)
    client = clickhouse_connect.get_client(
        host=place.hostname, port=place.port, username=place.username, password=unquote(place.password or "")
    )
    client.command(f"create database {schema}")
    for table in tables:
        declared = ", ".join(f"{name} Nullable({_kind(table, at)})" for at, (name, _) in enumerate(table.columns))
        client.command(f"create table {schema}.{table.name} ({declared}) engine = MergeTree order by tuple()")
        lines = b"\n".join(msgspec.json.encode(_cells(table, row)) for row in table.rows)
        client.raw_insert(
            f"{schema}.{table.name}",
            insert_block=lines,
            fmt="JSONCompactEachRow",
            settings={"date_time_input_format": "best_effort"},
        )
    client.close()


def _kind(table: Table, at: int) -> str:
    """ClickHouse's type of a column; a time has as many digits as its values need, and at least microseconds."""
    kind = table.columns[at][1]
    if kind != "TIME":
        return _CLICKHOUSE[kind]
    digits = max((len((row[at] or "").partition(".")[2]) for row in table.rows), default=0)
    return f"DateTime64({max(digits, 6)}, 'UTC')"


def _cells(table: Table, row: list[str | None]) -> list[Any]:
    """The row's values as JSON has them."""
    kinds = [kind for _, kind in table.columns]
    return [None if value is None else _READ.get(kind, str)(value) for kind, value in zip(kinds, row, strict=True)]
