"""The roles, databases and rights of the two embedded PostgreSQL clusters, as scripts for psql that may be run again."""

from __future__ import annotations

from collections.abc import Mapping

Steps = tuple[tuple[str, str], ...]  # (database, script)

# Reading needs none of these, and a caller who turns read-only mode off must find nothing to write to.
_LARGE_OBJECTS = ("lo_creat(int)", "lo_create(oid)", "lo_from_bytea(oid, bytea)", "lo_put(oid, bigint, bytea)", "lowrite(int, bytea)")


def store(passwords: Mapping[str, str]) -> Steps:
    """The store: role and database `datamind`, with pgvector."""
    return (
        ("postgres", _role("datamind", passwords["datamind"]) + _database("datamind", owner="datamind")),
        ("datamind", "CREATE EXTENSION IF NOT EXISTS vector;\n"),
    )


def warehouse(passwords: Mapping[str, str]) -> Steps:
    """The warehouse: `dbt` owns database `warehouse`; `reader` reads what `dbt` makes, in read-only transactions, for at most a minute each."""
    accounts = _role("dbt", passwords["dbt"]) + _role("reader", passwords["reader"])
    limits = "\n".join(
        f"ALTER ROLE reader SET {setting};"
        for setting in ("default_transaction_read_only = on", "statement_timeout = '60s'", "idle_in_transaction_session_timeout = '60s'")
    )
    rights = """
ALTER DEFAULT PRIVILEGES FOR ROLE dbt GRANT USAGE ON SCHEMAS TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE dbt GRANT SELECT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE dbt REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
"""
    large_objects = "".join(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC;\n" for function in _LARGE_OBJECTS)
    return (
        ("postgres", accounts + limits + _database("warehouse", owner="dbt") + "GRANT CONNECT ON DATABASE warehouse TO reader;\n"),
        ("warehouse", rights + large_objects),
    )


def _role(name: str, password: str) -> str:
    return f"""
SET log_min_error_statement = panic; -- a statement that fails would be logged with its password
SELECT 'CREATE ROLE {name}' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec
ALTER ROLE {name} LOGIN PASSWORD '{password}';
"""


def _database(name: str, *, owner: str) -> str:
    """A database that only its owner (and whoever is granted it) may enter or fill; the others are closed to all but the superuser."""
    return f"""
SELECT 'CREATE DATABASE {name} OWNER {owner} STRATEGY file_copy' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec
REVOKE ALL ON DATABASE {name}, postgres, template1 FROM PUBLIC;
"""
