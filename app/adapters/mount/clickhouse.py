"""Schema files into the embedded ClickHouse warehouse: emptied and loaded."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from app.adapters.mount.files import SchemaFile
from app.adapters.mount.left_out import left_out
from app.adapters.own_schemas import CLICKHOUSE_OWN
from app.errors import Problem

_SETTINGS = {"mutations_sync": "2"}
"""UPDATE and DELETE are done when they answer."""


EMBEDDED = "warehouse"
"""The database that the embedded server opens."""


def database_of(url: str) -> str:
    """Where a table without a database is."""
    return urlsplit(url).path.strip("/") or "default"


def load(owner_url: str, files: Iterable[SchemaFile]) -> tuple[Problem, ...]:
    """Run the files in their order in place of all that the server held. A statement that it refuses is left out with a note.

    Raises clickhouse_connect's errors where the server can't be had.
    """
    notes = []
    client = clickhouse_connect.get_client(dsn=owner_url, autogenerate_session_id=False)
    try:
        _empty(client, database_of(owner_url))
        for file in files:
            for statement in file.statements:
                try:
                    client.command(statement.text, settings=_SETTINGS)
                except DatabaseError as error:
                    code = getattr(error, "code", None)
                    notes.append(left_out(file, statement, f"code {code}" if code is not None else type(error).__name__))
    finally:
        client.close()
    return tuple(notes)


def _empty(client: Client, own: str) -> None:
    for (name,) in client.query("SELECT name FROM system.databases").result_rows:
        if name in CLICKHOUSE_OWN:
            continue
        if name != own:
            client.command(f"DROP DATABASE `{name}` SYNC")
            continue
        for (table,) in client.query("SELECT name FROM system.tables WHERE database = {own:String}", parameters={"own": own}).result_rows:
            client.command(f"DROP TABLE `{own}`.`{table}` SYNC")
