"""Schema files into the embedded PostgreSQL warehouse: emptied, loaded, and closed but for the tables that the policy names."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from app.adapters.mount.files import SchemaFile
from app.adapters.mount.left_out import left_out
from app.adapters.own_schemas import not_postgres_own
from app.errors import Problem
from app.model.physical import Relation

SCHEMA = "public"
"""Where a table without a schema is."""
_SCHEMAS = f"SELECT nspname FROM pg_catalog.pg_namespace WHERE {not_postgres_own('nspname')} ORDER BY 1"


def load(owner_url: str, reader_url: str, files: Iterable[SchemaFile], readable: Iterable[Relation]) -> tuple[Problem, ...]:
    """Run the files in their order in place of all that the database held; the reading role then reads `readable` and nothing else.

    A statement that the server refuses is left out with a note. Raises psycopg.Error where the server can't be had.
    """
    notes = []
    with psycopg.connect(owner_url, autocommit=True) as connection:
        for schema in _schemas(connection):
            connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
        for file in files:
            for statement in file.statements:
                try:
                    connection.execute(statement.text.encode())
                except psycopg.Error as error:
                    notes.append(left_out(file, statement, f"{error.sqlstate} {error.diag.message_primary or type(error).__name__}"))
            connection.execute("RESET ALL")  # a dump sets search_path and more for itself
        _close(connection, unquote(urlsplit(reader_url).username or ""), readable)
    return tuple(notes)


def _close(connection: psycopg.Connection[tuple[object, ...]], reader: str, readable: Iterable[Relation]) -> None:
    role = sql.Identifier(reader)
    for schema in _schemas(connection):
        revoked = sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM PUBLIC, {}").format(sql.Identifier(schema), role)
        connection.execute(revoked)
        connection.execute(sql.SQL("REVOKE ALL ON ALL ROUTINES IN SCHEMA {} FROM PUBLIC, {}").format(sql.Identifier(schema), role))
    for relation in readable:
        name = sql.Identifier(relation.schema, relation.name)
        found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [name.as_string(connection)]).fetchone()
        if found and found[0]:
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(relation.schema), role))
            connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(name, role))


def _schemas(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    return [str(row[0]) for row in connection.execute(_SCHEMAS.encode()).fetchall()]
