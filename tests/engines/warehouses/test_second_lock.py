"""What holds in the database even where nothing else did: here the account may write, and the statement is one that governance would never send."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import clickhouse_connect
import psycopg
import pytest
import urllib3

from app.adapters.embedded.stack import Part, Stack
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.errors import DataMindError, InternalError
from app.ports import Engine
from tests.engines.warehouses.conftest import Asking

WRITES = {
    "postgres": [
        "WITH w AS (INSERT INTO public.kept VALUES (1) RETURNING a) SELECT a FROM w",
        "SELECT nextval('public.counted') AS n",
        "SELECT lo_from_bytea(0, 'x') AS o",
        "CREATE TABLE public.written (a int)",
    ],
    "clickhouse": [
        "INSERT INTO kept SELECT 1",
        "CREATE TABLE written ENGINE = Memory AS SELECT 1 AS a",
        "TRUNCATE TABLE kept",
        "SET readonly = 0",
    ],
}


@pytest.fixture(scope="module")
def kept(warehouses: Stack) -> Iterator[dict[str, Callable[[], object]]]:
    """A table of each warehouse with the one row 7; per engine, what the owner finds there."""
    client = clickhouse_connect.get_client(dsn=warehouses.owner_urls[Part.CLICKHOUSE], autogenerate_session_id=False)
    client.command("CREATE TABLE kept ENGINE = MergeTree ORDER BY a AS SELECT 7 AS a")
    with psycopg.connect(warehouses.owner_urls[Part.POSTGRES], autocommit=True) as owner:
        owner.execute("CREATE TABLE public.kept AS SELECT 7 AS a; CREATE SEQUENCE public.counted")
        look = "SELECT array_agg(a), to_regclass('public.written') IS NULL, (SELECT NOT is_called FROM public.counted) FROM public.kept"
        yield {
            "postgres": lambda: owner.execute(look).fetchall() == [([7], True, True)],
            "clickhouse": lambda: (
                client.query("SELECT groupArray(a), (SELECT count() FROM system.tables WHERE name = 'written') FROM kept").result_rows
                == [([7], 0)]
            ),
        }
        owner.execute("DROP TABLE public.kept; DROP SEQUENCE public.counted")
    client.command("DROP TABLE kept SYNC")
    client.close()


@pytest.fixture(params=list(WRITES))
def owning(request: pytest.FixtureRequest, warehouses: Stack) -> Iterator[Engine]:
    """An engine that is read by the warehouse's owner."""
    engine = {"postgres": PostgresEngine, "clickhouse": ClickHouseEngine}[request.param](warehouses.owner_urls[Part(request.param)])
    yield engine
    engine.close()


def test_an_owner_writes_nothing_either(owning: Engine, ask: Asking, kept: dict[str, Callable[[], object]]) -> None:
    for statement in WRITES[owning.name]:
        with pytest.raises(DataMindError, match="DM5005"):
            ask(owning, statement)
    assert kept[owning.name]()


def test_two_statements_are_none(owning: Engine, ask: Asking) -> None:
    with pytest.raises(DataMindError, match="DM5005"):
        ask(owning, "SELECT 1 AS a; COMMIT")
    assert ask(owning, "SELECT 1 AS a").data == ((1,),)


def test_clickhouse_is_asked_read_only_whatever_the_account_may(warehouses: Stack, ask: Asking) -> None:
    engine = ClickHouseEngine(warehouses.owner_urls[Part.CLICKHOUSE])
    assert ask(engine, "SELECT toString(getSetting('readonly')) AS r, toString(getSetting('join_use_nulls')) AS j").data == (
        ("1",),
        ("true",),
    )
    engine.close()


def test_a_wait_for_a_lock_is_bounded(warehouses: Stack, postgres: PostgresEngine, ask: Asking) -> None:
    with psycopg.connect(warehouses.owner_urls[Part.POSTGRES]) as owner:
        owner.execute("CREATE TABLE public.locked (a int)")
        owner.execute("GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON public.locked TO reader")
        owner.commit()
        owner.execute("LOCK TABLE public.locked IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(DataMindError) as raised:
            ask(postgres, "SELECT a FROM public.locked", seconds=20)
        assert raised.value.problem.code == "DM5002"
        assert "waited longer for a lock" in raised.value.problem.message
        owner.execute("DROP TABLE public.locked")


def test_memory_is_bounded(postgres: PostgresEngine, clickhouse: ClickHouseEngine, ask: Asking) -> None:
    assert ask(postgres, "SELECT current_setting('work_mem') AS m", memory_bytes=64 << 20).data == (("8MB",),)
    with pytest.raises(DataMindError, match="DM5004"):
        ask(clickhouse, "SELECT length(groupArray(number)) AS n FROM numbers(100000000)", memory_bytes=50_000_000)


def pid(engine: PostgresEngine, ask: Asking) -> int:
    return int(ask(engine, "SELECT pg_backend_pid() AS p").data[0][0])


@pytest.mark.parametrize("statement", ["SELECT 1/0 AS a", "SELECT generate_series(1, 100000) AS a"])
def test_a_connection_on_which_a_statement_was_broken_off_is_dropped(postgres: PostgresEngine, ask: Asking, statement: str) -> None:
    before = pid(postgres, ask)
    assert pid(postgres, ask) == before
    with suppress(DataMindError):
        assert ask(postgres, statement, rows=10).truncated
    assert pid(postgres, ask) != before


def test_another_role_and_its_settings_do_not_outlive_a_statement(warehouses: Stack, ask: Asking) -> None:
    engine = PostgresEngine(warehouses.owner_urls[Part.POSTGRES])
    before = pid(engine, ask)
    ask(
        engine,
        "SELECT set_config('role', 'dbt', false) AS a, set_config('statement_timeout', '0', false) AS b, set_config('transaction_read_only', 'on', false) AS c",
    )
    seen = ask(
        engine,
        "SELECT current_setting('role') AS a, current_setting('statement_timeout') AS b, current_setting('transaction_read_only') AS c",
    )
    assert [column[0] for column in seen.data] == ["none", "30s", "on"]
    assert pid(engine, ask) == before
    with pytest.raises(DataMindError, match="DM5005"):
        ask(engine, "SELECT set_config('transaction_read_only', 'off', false) AS a, 1 AS b")
    engine.close()


class Forwarder(BaseHTTPRequestHandler):
    """A proxy before ClickHouse that does not let a setting through."""

    target = ""
    http = urllib3.PoolManager()

    def do_POST(self) -> None:
        path, _, sent = self.path.partition("?")
        kept = urlencode([(name, value) for name, value in parse_qsl(sent, keep_blank_values=True) if name != "join_use_nulls"])
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        answer = self.http.request(
            "POST", f"{self.target}{path}?{kept}", body=body, headers=headers, preload_content=True, decode_content=False
        )
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.data)))
        self.end_headers()
        self.wfile.write(answer.data)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        return


def test_an_account_without_join_use_nulls_is_refused_at_connect(warehouses: Stack, ask: Asking) -> None:
    url = urlsplit(warehouses.urls[Part.CLICKHOUSE])
    Forwarder.target = f"http://127.0.0.1:{url.port}"
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Forwarder)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    engine = ClickHouseEngine(f"clickhouse://{url.username}:{url.password}@127.0.0.1:{proxy.server_address[1]}{url.path}")
    try:
        with pytest.raises(InternalError) as raised:
            ask(engine, "SELECT 1 AS a")
        assert raised.value.problem.code == "DM5007"
        assert "join_use_nulls" in raised.value.problem.message
        assert not engine.health().up
    finally:
        engine.close()
        proxy.shutdown()
        proxy.server_close()
