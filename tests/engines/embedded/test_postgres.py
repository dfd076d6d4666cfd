"""The roles and rights of the two PostgreSQL clusters."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from app.adapters.embedded.stack import Part, Stack


def show(url: str, name: str) -> str:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SHOW {name}").fetchone()
    assert row is not None
    return str(row[0])


def test_the_store_is_durable_and_has_vectors(stack: Stack) -> None:
    url = stack.urls[Part.STORE]
    assert show(url, "fsync") == "on"
    assert show(url, "synchronous_commit") == "on"
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT extname FROM pg_extension WHERE extname = 'vector'").fetchall() == [("vector",)]
        connection.execute("CREATE SCHEMA made_by_owner CREATE TABLE t (v vector(2))")
        connection.execute("DROP SCHEMA made_by_owner CASCADE")


def test_the_warehouse_is_another_server(stack: Stack) -> None:
    assert urlsplit(stack.urls[Part.STORE]).port != urlsplit(stack.urls[Part.POSTGRES]).port
    assert Part.STORE not in stack.owner_urls


@pytest.mark.parametrize("part", [Part.STORE, Part.POSTGRES])
def test_both_speak_utc_and_order_text_by_its_code_points(stack: Stack, part: Part) -> None:
    url = stack.urls[part]
    assert show(url, "timezone") == "UTC"
    assert show(url, "server_encoding") == "UTF8"
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT array_agg(x ORDER BY x), lower('ŽÉ') FROM unnest(ARRAY['b', 'Z', 'a', 'é']) x").fetchone()
    assert row == (["Z", "a", "b", "é"], "žé")


def test_the_reader_sees_what_dbt_makes_in_any_schema(stack: Stack) -> None:
    with psycopg.connect(stack.owner_urls[Part.POSTGRES]) as dbt:
        dbt.execute("CREATE SCHEMA marts")
        dbt.execute("CREATE TABLE marts.orders AS SELECT 1 AS id")
        dbt.execute("CREATE VIEW marts.v AS SELECT * FROM marts.orders")
    with psycopg.connect(stack.urls[Part.POSTGRES]) as reader:
        assert reader.execute("SELECT id FROM marts.orders JOIN marts.v USING (id)").fetchall() == [(1,)]
    with psycopg.connect(stack.owner_urls[Part.POSTGRES]) as dbt:
        dbt.execute("DROP SCHEMA marts CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.t (a int)",
        "CREATE SCHEMA s",
        "CREATE TEMPORARY TABLE t (a int)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "CREATE ROLE r",
        "ALTER ROLE reader SUPERUSER",
        "SET ROLE dbt",
        "INSERT INTO guarded VALUES (1)",
    ],
)
@pytest.mark.parametrize("mode", ["on", "off"])
def test_the_reader_writes_nothing_even_out_of_read_only_mode(stack: Stack, statement: str, mode: str) -> None:
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as dbt:
        dbt.execute("CREATE TABLE IF NOT EXISTS guarded (a int)")
    with psycopg.connect(stack.urls[Part.POSTGRES], autocommit=True) as reader:
        reader.execute(f"SET default_transaction_read_only = {mode}")
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
            reader.execute(statement)


def test_the_reader_is_read_only_and_limited_in_time_by_default(stack: Stack) -> None:
    assert show(stack.urls[Part.POSTGRES], "transaction_read_only") == "on"
    assert show(stack.urls[Part.POSTGRES], "statement_timeout") == "1min"


@pytest.mark.parametrize("part", [Part.STORE, Part.POSTGRES])
def test_a_wrong_or_no_password_is_refused(stack: Stack, part: Part) -> None:
    place = urlsplit(stack.urls[part])
    for credentials in (f"{place.username}:wrong", f"{place.username}", "postgres"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(urlunsplit(place._replace(netloc=f"{credentials}@127.0.0.1:{place.port}")))


def test_no_other_database_is_open_to_the_reader(stack: Stack) -> None:
    place = urlsplit(stack.urls[Part.POSTGRES])
    for name in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(urlunsplit(place._replace(path=f"/{name}")))
