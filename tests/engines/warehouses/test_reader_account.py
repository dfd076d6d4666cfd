"""What the account may do by which an engine is read: nothing beyond reading goes unseen, and the statements that are told take it away."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import clickhouse_connect
import psycopg
import pytest

from app.adapters.embedded import credentials
from app.adapters.embedded.reader import keep_to
from app.adapters.embedded.stack import Part, Stack
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.clickhouse_account import excesses
from app.adapters.engines.postgres import PostgresEngine
from app.errors import DataMindError
from app.service.reader_account import account_problem, too_much
from tests.engines.warehouses.conftest import Asking

SERVED = frozenset({"marts"})
MEANT = "GRANT USAGE ON SCHEMA marts TO stranger; GRANT SELECT ON ALL TABLES IN SCHEMA marts TO stranger"


@pytest.fixture(scope="module")
def superuser(warehouses: Stack) -> Iterator[psycopg.Connection]:
    """The cluster's administrator, in a warehouse with the schemas marts and hr."""
    password = credentials.load(warehouses.running.directory)[Part.POSTGRES]["postgres"]
    place = urlsplit(warehouses.urls[Part.POSTGRES])
    with psycopg.connect(urlunsplit(place._replace(netloc=f"postgres:{password}@127.0.0.1:{place.port}")), autocommit=True) as connection:
        connection.execute(
            "CREATE SCHEMA marts AUTHORIZATION dbt; CREATE TABLE marts.orders (id int, note text); ALTER TABLE marts.orders OWNER TO dbt"
        )
        connection.execute(
            "CREATE SCHEMA hr AUTHORIZATION dbt; CREATE TABLE hr.pay (id int); ALTER TABLE hr.pay OWNER TO dbt; CREATE SEQUENCE hr.s"
        )
        connection.execute(
            "CREATE FUNCTION marts.f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION marts.f FROM PUBLIC"
        )
        connection.execute("CREATE ROLE crew; CREATE ROLE within; GRANT within TO crew")
        yield connection
        connection.execute("DROP SCHEMA marts, hr CASCADE; DROP ROLE crew, within")


@pytest.fixture
def stranger(superuser: psycopg.Connection, warehouses: Stack) -> Iterator[PostgresEngine]:
    """An engine that is read by an account which may read marts and nothing else, until a test gives it more."""
    superuser.execute(f"CREATE ROLE stranger LOGIN PASSWORD 'x'; GRANT CONNECT ON DATABASE warehouse TO stranger; {MEANT}")
    place = urlsplit(warehouses.urls[Part.POSTGRES])
    engine = PostgresEngine(urlunsplit(place._replace(netloc=f"stranger:x@127.0.0.1:{place.port}")))
    yield engine
    engine.close()
    superuser.execute("REASSIGN OWNED BY stranger TO dbt; DROP OWNED BY stranger; DROP ROLE stranger")


def test_an_account_that_only_reads_what_is_served_has_nothing_too_much(stranger: PostgresEngine) -> None:
    assert [(one.what, one.schema) for one in stranger.account()] == [("reads the schema marts", "marts")]
    assert too_much(stranger.account(), SERVED) == ()
    assert [one.schema for one in too_much(stranger.account(), frozenset({"other"}))] == ["marts"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ALTER ROLE stranger SUPERUSER", "is superuser"),
        ("ALTER ROLE stranger BYPASSRLS", "passes by row-level security"),
        ("ALTER ROLE stranger CREATEROLE", "may create roles"),
        ("ALTER ROLE stranger CREATEDB", "may create databases"),
        ("ALTER ROLE stranger REPLICATION", "may replicate"),
        ("GRANT pg_read_server_files TO stranger", "is a member of pg_read_server_files"),
        ("GRANT pg_write_server_files TO stranger", "is a member of pg_write_server_files"),
        ("GRANT pg_execute_server_program TO stranger", "is a member of pg_execute_server_program"),
        ("GRANT pg_read_all_data TO stranger", "is a member of pg_read_all_data"),
        ("GRANT pg_write_all_data TO stranger", "is a member of pg_write_all_data"),
        ("GRANT pg_execute_server_program TO within; GRANT crew TO stranger", "is a member of pg_execute_server_program"),
        ("GRANT postgres TO stranger", "is a member of"),
        ("GRANT dbt TO stranger", "may act as dbt"),
        ("CREATE TABLE marts.mine (a int); ALTER TABLE marts.mine OWNER TO stranger", "owns what it reads"),
        ("GRANT CREATE ON DATABASE warehouse TO stranger", "has CREATE on the database"),
        ("GRANT TEMPORARY ON DATABASE warehouse TO PUBLIC", "has TEMPORARY on the database"),
        ("GRANT CREATE ON SCHEMA marts TO stranger", "has CREATE on the schema marts"),
        ("GRANT INSERT, DELETE ON marts.orders TO stranger", "has DELETE, INSERT on tables of marts"),
        ("GRANT UPDATE (note) ON marts.orders TO stranger", "has UPDATE on tables of marts"),
        ("GRANT TRUNCATE ON marts.orders TO PUBLIC", "has TRUNCATE on tables of marts"),
        ("GRANT INSERT ON marts.orders TO within; GRANT crew TO stranger", "has INSERT on tables of marts"),
        ("GRANT USAGE ON SEQUENCE hr.s TO stranger", "has USAGE on sequences of hr"),
        ("GRANT EXECUTE ON FUNCTION marts.f TO stranger", "has EXECUTE on a function with the rights of its owner"),
        ("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO stranger", "has EXECUTE on files or large objects"),
        ("GRANT USAGE ON SCHEMA hr TO stranger; GRANT SELECT ON hr.pay TO stranger", "reads the schema hr"),
        ("GRANT USAGE ON SCHEMA hr TO within; GRANT SELECT ON hr.pay TO PUBLIC; GRANT crew TO stranger", "reads the schema hr"),
        ("GRANT USAGE ON SCHEMA hr TO stranger; GRANT SELECT (id) ON hr.pay TO stranger", "reads the schema hr"),
    ],
)
def test_what_is_too_much_is_told_and_its_statements_take_it_away(
    stranger: PostgresEngine, superuser: psycopg.Connection, given: str, told: str
) -> None:
    superuser.execute(given)
    found = too_much(stranger.account(), SERVED)
    problem = account_problem("postgres", found)
    assert problem is not None
    assert (problem.code, problem.severity.value) == ("DM5011", "warning")
    assert told in problem.message
    statements = problem.hint.partition(": ")[2]
    superuser.execute(statements.encode())
    superuser.execute(
        "REVOKE ALL ON marts.orders, hr.pay FROM within; REVOKE pg_execute_server_program FROM within; REVOKE ALL ON SCHEMA hr FROM within"
    )
    superuser.execute("REVOKE ALL ON hr.pay FROM PUBLIC; DROP TABLE IF EXISTS marts.mine")
    assert too_much(stranger.account(), SERVED) == ()
    assert [one.schema for one in stranger.account()] == ["marts"], "it can still read what is served"


def test_an_extension_is_nobodys_data(stranger: PostgresEngine, superuser: psycopg.Connection) -> None:
    superuser.execute("GRANT USAGE ON SCHEMA public TO PUBLIC; CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public")
    assert too_much(stranger.account(), SERVED) == ()
    superuser.execute("DROP EXTENSION pg_stat_statements; REVOKE USAGE ON SCHEMA public FROM PUBLIC")


def test_the_check_leaves_its_connection_as_it_was(stranger: PostgresEngine, ask: Asking) -> None:
    before = ask(stranger, "SELECT pg_backend_pid() AS p").data
    stranger.account()
    assert ask(stranger, "SELECT pg_backend_pid() AS p").data == before


def test_the_embedded_reader_reads_what_it_is_kept_to(
    warehouses: Stack, superuser: psycopg.Connection, postgres: PostgresEngine, ask: Asking
) -> None:
    owner, reader = warehouses.owner_urls[Part.POSTGRES], warehouses.urls[Part.POSTGRES]
    superuser.execute("GRANT USAGE ON SCHEMA marts, hr TO reader; GRANT SELECT ON marts.orders, hr.pay TO reader")
    keep_to(Part.POSTGRES, owner, reader, SERVED)
    assert too_much(postgres.account(), SERVED) == ()
    assert ask(postgres, "SELECT count(*) AS n FROM marts.orders").data == ((0,),)
    with pytest.raises(DataMindError, match="DM5005"):
        ask(postgres, "SELECT count(*) AS n FROM hr.pay")
    keep_to(Part.POSTGRES, owner, reader, {"hr"})
    assert ask(postgres, "SELECT count(*) AS n FROM hr.pay").data == ((0,),)


@pytest.fixture
def chosen(warehouses: Stack) -> Iterator[ClickHouseEngine]:
    """The owner's engine, while the databases marts and hr hold a table each."""
    owner = clickhouse_connect.get_client(dsn=warehouses.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    for name in ("marts", "hr"):
        owner.command(f"CREATE DATABASE {name}")
        owner.command(f"CREATE TABLE {name}.t ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a")
    engine = ClickHouseEngine(warehouses.owner_urls[Part.CLICKHOUSE])
    yield engine
    engine.close()
    keep_to(Part.CLICKHOUSE, warehouses.owner_urls[Part.CLICKHOUSE], warehouses.urls[Part.CLICKHOUSE], {"marts", "hr"})
    for name in ("marts", "hr"):
        owner.command(f"DROP DATABASE {name} SYNC")
    owner.close()


def test_the_owner_of_clickhouse_may_do_too_much(chosen: ClickHouseEngine) -> None:
    told = [one.what for one in too_much(chosen.account(), SERVED)]
    assert told[0] == "may choose `readonly` itself"
    assert any("INSERT" in one for one in told)
    assert "reads the database hr" in told
    assert "reads the database marts" not in told


def test_the_embedded_clickhouse_reader_reads_what_it_is_kept_to(
    warehouses: Stack, chosen: ClickHouseEngine, clickhouse: ClickHouseEngine, ask: Asking
) -> None:
    owner, reader = warehouses.owner_urls[Part.CLICKHOUSE], warehouses.urls[Part.CLICKHOUSE]
    assert [one.schema for one in too_much(clickhouse.account(), SERVED)] == ["hr"]
    keep_to(Part.CLICKHOUSE, owner, reader, SERVED)
    assert too_much(clickhouse.account(), SERVED) == ()
    assert ask(clickhouse, "SELECT a FROM marts.t").data == ((7,),)
    with pytest.raises(DataMindError, match="DM5005"):
        ask(clickhouse, "SELECT a FROM hr.t")
    keep_to(Part.CLICKHOUSE, owner, reader, {"hr"})
    assert ask(clickhouse, "SELECT a FROM hr.t").data == ((7,),)


DATABASES = ("marts", "raw", "a.b", "system", "information_schema")


@pytest.mark.parametrize(
    ("lines", "readonly", "told"),
    [
        (["GRANT SELECT ON marts.* TO reader"], "2", []),
        (["GRANT SHOW, SELECT ON marts.* TO reader", "GRANT USAGE ON *.* TO reader"], "1", []),
        (["GRANT SELECT(a, b), SHOW TABLES ON marts.orders TO reader"], "2", []),
        (
            [
                "GRANT SELECT ON *.* TO reader",
                "REVOKE SELECT ON raw.* FROM reader",
                "REVOKE SELECT ON `a.b`.* FROM reader",
                "REVOKE SELECT ON system.* FROM reader",
            ],
            "2",
            [],
        ),
        (["GRANT SELECT ON *.* TO reader"], "2", ["reads the database a.b", "reads the database raw", "reads the database system"]),
        (["GRANT SELECT ON `ra`*.* TO reader"], "2", ["reads the database raw"]),
        (["GRANT SELECT ON `a.b`.t TO reader"], "2", ["reads the database a.b"]),
        (["GRANT SELECT ON nowhere.* TO reader"], "2", []),
        (["GRANT SELECT ON ra*.* TO reader"], "2", ["reads the database raw"]),
        (["GRANT SELECT ON marts.* TO reader"], "0", ["may choose `readonly` itself"]),
        (["GRANT SELECT, INSERT ON marts.* TO reader WITH GRANT OPTION"], "2", ["has INSERT on marts.*"]),
        (["GRANT SELECT ON marts.* TO reader", "GRANT FILE, URL ON *.* TO reader"], "2", ["has FILE, URL on *.*"]),
        (["GRANT ALL ON *.* TO reader"], "2", ["has ALL on *.*"]),
        (["GRANT analysts TO reader"], "2", ["has a right that is told"]),
    ],
)
def test_what_the_grants_of_clickhouse_mean(lines: list[str], readonly: str, told: list[str]) -> None:
    found = too_much(excesses(lines, DATABASES, readonly=readonly), SERVED)
    assert len(found) == len(told)
    for one, what in zip(found, told, strict=True):
        assert what in one.what
        assert one.mend or "a right that is told" in what


def test_the_statements_of_clickhouse_name_what_to_revoke_and_from_whom() -> None:
    found = excesses(["GRANT SELECT, INSERT, ALTER ON raw.* TO reader"], DATABASES, readonly="0")
    assert [one.mend for one in found] == [
        "ALTER USER reader SETTINGS readonly = 2;",
        "REVOKE INSERT, ALTER ON raw.* FROM reader;",
        "REVOKE SELECT ON `raw`.* FROM reader;",
    ]
