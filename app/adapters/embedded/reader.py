"""Keeping the reader of an embedded warehouse to some of its schemas: all others are closed to it."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import psycopg
from psycopg import sql

from app.adapters.embedded.parts import Part
from app.adapters.own_schemas import CLICKHOUSE_OWN, not_postgres_own

_OWNED = f"SELECT nspname FROM pg_catalog.pg_namespace WHERE {not_postgres_own('nspname')} AND pg_has_role(nspowner, 'MEMBER')"


def keep_to(part: Part, owner_url: str, reader_url: str, schemas: Collection[str]) -> None:
    """Let the reader into these schemas (databases on ClickHouse), as far as they are there, and into no other. May be said again, with others.

    Raises the drivers' errors where the server can't be had.
    """
    reader = unquote(urlsplit(reader_url).username or "")
    if part is Part.CLICKHOUSE:
        _clickhouse(owner_url, reader, {*schemas, urlsplit(reader_url).path.strip("/")})  # it could not even begin elsewhere
    else:
        _postgres(owner_url, reader, schemas)


def _postgres(owner_url: str, reader: str, schemas: Collection[str]) -> None:
    with psycopg.connect(owner_url) as connection:
        owned = connection.execute(_OWNED.encode()).fetchall()
        for (name,) in owned:
            given = sql.SQL("GRANT USAGE ON SCHEMA {} TO {}" if name in schemas else "REVOKE ALL ON SCHEMA {} FROM {}, PUBLIC")
            connection.execute(given.format(sql.Identifier(name), sql.Identifier(reader)))


def _clickhouse(owner_url: str, reader: str, schemas: Collection[str]) -> None:
    client = clickhouse_connect.get_client(dsn=owner_url, autogenerate_session_id=False)
    try:
        for (name,) in client.query("SELECT name FROM system.databases").result_rows:
            if name not in CLICKHOUSE_OWN:
                client.command(
                    f"{'GRANT' if name in schemas else 'REVOKE'} SELECT ON `{name}`.* {'TO' if name in schemas else 'FROM'} {reader}"
                )
    finally:
        client.close()
