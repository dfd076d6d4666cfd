"""A server that is down, comes back, or answers no more."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import pytest

from app.adapters.embedded.stack import Part, start
from app.adapters.engines.clickhouse import ClickHouseEngine
from app.adapters.engines.postgres import PostgresEngine
from app.errors import DataMindError, UserError
from app.gateway.status import status_of

ENGINES = {Part.POSTGRES: PostgresEngine, Part.CLICKHOUSE: ClickHouseEngine}
SCHEME = {Part.POSTGRES: "postgresql", Part.CLICKHOUSE: "clickhouse"}


def forward(listener: socket.socket, target: tuple[str, int], open_: threading.Event) -> None:
    """A door before a server: while `open_` is set it lets connections through."""
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        if not open_.is_set():
            near.close()
            continue
        far = socket.create_connection(target)
        for a, b in ((near, far), (far, near)):
            threading.Thread(target=pump, args=(a, b, open_), daemon=True).start()


def pump(source: socket.socket, sink: socket.socket, open_: threading.Event) -> None:
    try:
        source.settimeout(0.05)
        while open_.is_set():
            try:
                data = source.recv(65536)
            except TimeoutError:
                continue
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    source.close()
    sink.close()


@pytest.mark.parametrize("part", list(ENGINES))
def test_a_server_that_goes_and_comes_back(warehouses, ask, part):
    credentials, _, address = warehouses.urls[part].partition("//")[2].rpartition("@")
    hostport, _, database = address.partition("/")
    host, _, port = hostport.partition(":")
    up = threading.Event()
    up.set()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=forward, args=(listener, (host, int(port)), up), daemon=True).start()
        engine = ENGINES[part](f"{SCHEME[part]}://{credentials}@127.0.0.1:{listener.getsockname()[1]}/{database}")
        for _ in range(2):
            assert ask(engine, "SELECT 1 AS a").data == ((1,),)
            up.clear()
            time.sleep(0.15)
            for _ in range(2):
                started = time.monotonic()
                with pytest.raises(DataMindError) as raised:
                    ask(engine, "SELECT 1 AS a")
                assert raised.value.problem.code == "DM5001"
                assert time.monotonic() - started < 2
            assert not engine.health().up
            up.set()
            assert ask(engine, "SELECT 2 AS a").data == ((2,),)
            assert engine.health().up
        engine.close()


@pytest.mark.parametrize("part", list(ENGINES))
def test_nothing_listens(ask, part):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    engine = ENGINES[part](f"{SCHEME[part]}://u:p@127.0.0.1:{port}/d")
    started = time.monotonic()
    with pytest.raises(DataMindError) as raised:
        ask(engine, "SELECT 1 AS a")
    assert raised.value.problem.code == "DM5001"
    assert time.monotonic() - started < 1
    engine.close()


@pytest.mark.parametrize("part", list(ENGINES))
def test_a_listener_that_says_nothing(ask, part):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = ENGINES[part](f"{SCHEME[part]}://u:p@127.0.0.1:{listener.getsockname()[1]}/d")
        started = time.monotonic()
        with pytest.raises(DataMindError) as raised:
            ask(engine, "SELECT 1 AS a")
        assert raised.value.problem.code == "DM5001"
        assert time.monotonic() - started < 2
        engine.close()


def test_a_server_that_freezes_under_a_statement(tmp_path, ask):
    with start([Part.CLICKHOUSE], tmp_path / "stack") as stack:
        engine = ClickHouseEngine(stack.urls[Part.CLICKHOUSE])
        assert ask(engine, "SELECT 1 AS a").data == ((1,),)
        os.kill(stack.pids[Part.CLICKHOUSE], signal.SIGSTOP)
        try:
            started = time.monotonic()
            with pytest.raises(DataMindError) as raised:
                ask(engine, "SELECT 1 AS a", seconds=0.3)
            assert raised.value.problem.code == "DM5002"
            assert time.monotonic() - started < 2
            assert not engine.health().up
        finally:
            os.kill(stack.pids[Part.CLICKHOUSE], signal.SIGCONT)
        assert ask(engine, "SELECT 1 AS a").data == ((1,),)
        engine.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sumState(number) AS a FROM numbers(3)",
        "SELECT arrayReduce('sumState', [1]) AS a",
        "SELECT number % 2 AS b, uniqState(number) AS a FROM numbers(5) GROUP BY b",
        "SELECT groupArray(a) FROM (SELECT maxState(number) AS a FROM numbers(3))",
        "SELECT tuple(1, anyState(number)) FROM numbers(3)",
    ],
)
def test_a_result_that_cannot_be_shown_is_no_outage(clickhouse, ask, sql):
    with pytest.raises(UserError) as raised:
        ask(clickhouse, sql)
    assert raised.value.problem.code == "DM5012"
    assert status_of("DM5012") == 422
    assert clickhouse.health().up
    assert ask(clickhouse, "SELECT 1 AS a").data == ((1,),)
