"""No process outlives its launcher, whichever way it or a keeper goes; the next start finds the data."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import clickhouse_connect.driver.exceptions
import psutil
import psycopg
import pytest
import redis

from app.adapters.embedded.stack import Part, attach, start


def below(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def gone(processes: Iterable[psutil.Process], seconds: float = 15) -> bool:
    """Whether all are gone; zombies that nobody collects count as gone."""
    deadline = time.monotonic() + seconds
    left = list(processes)
    while left := [process for process in left if lives(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_launcher_leaves_nothing_and_the_next_start_recovers(
    tmp_path: Path, launch: Callable[..., object], clickhouse: Callable[..., object]
) -> None:
    launched = launch(tmp_path, list(Part))
    said = launched.said
    for url in (said["urls"]["store"], said["owner_urls"]["postgres"]):
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    client = clickhouse(said["owner_urls"]["clickhouse"])
    client.command("CREATE TABLE kept ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(1000)")
    client.close()
    with redis.Redis.from_url(said["urls"]["redis"]) as queue:
        queue.rpush("jobs", "one")

    busy = psycopg.connect(said["owner_urls"]["postgres"])
    errors: list[BaseException] = []

    def burn() -> None:
        try:
            busy.execute("SELECT count(*) FROM generate_series(1, 1e12::bigint) n WHERE n % 7 = 8")
        except psycopg.Error as error:
            errors.append(error)

    burning = threading.Thread(target=burn)
    burning.start()
    time.sleep(0.2)
    processes = below(launched.process.pid)
    assert len(processes) > 12  # four keepers, four servers, PostgreSQL's own

    launched.process.send_signal(signal.SIGKILL)
    launched.process.wait()
    assert attach(tmp_path) is None  # at once, while the servers are still ending
    with start(list(Part), tmp_path) as again:  # waits for them
        assert gone(processes, 0)
        for url in (again.urls[Part.STORE], again.urls[Part.POSTGRES]):
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        client = clickhouse(again.urls[Part.CLICKHOUSE])
        assert client.query("SELECT count() FROM kept").result_rows == [(1000,)]
        client.close()
        with redis.Redis.from_url(again.urls[Part.REDIS]) as queue:
            assert queue.lrange("jobs", 0, -1) == [b"one"]
    burning.join(5)
    busy.close()
    assert errors


def test_a_killed_keeper_takes_its_server_with_it(tmp_path: Path, launch: Callable[..., object]) -> None:
    launched = launch(tmp_path, list(Part))
    processes = below(launched.process.pid)
    for process in psutil.Process(launched.process.pid).children():
        process.kill()
    assert gone(processes)
    assert launched.finish() == 0


def test_keepers_and_launcher_killed_together_leave_nothing(tmp_path: Path, launch: Callable[..., object]) -> None:
    launched = launch(tmp_path, list(Part))
    processes = below(launched.process.pid)
    keepers = psutil.Process(launched.process.pid).children()
    launched.process.kill()
    for keeper in keepers:
        keeper.kill()
    launched.process.wait()
    assert gone(processes)
    with start(list(Part), tmp_path):
        pass


def test_a_stopped_server_is_killed_with_its_launcher(tmp_path: Path, launch: Callable[..., object]) -> None:
    """A server that cannot react (here: a frozen Valkey) is killed after its grace by the parent-death signal of its killed keeper."""
    launched = launch(tmp_path, [Part.REDIS])
    server = psutil.Process(launched.said["pids"]["redis"])
    keeper = server.parent()
    assert keeper is not None
    server.suspend()
    keeper.kill()
    assert gone([server])


@pytest.mark.parametrize("moment", [0.05, 0.2, 0.35, 0.5])
def test_a_first_start_killed_halfway_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, launch: Callable[..., object], moment: float
) -> None:
    launched = launch(tmp_path, [Part.STORE], wait=False)
    time.sleep(moment)
    processes = below(launched.process.pid)
    launched.process.kill()
    launched.process.wait()
    with start([Part.STORE], tmp_path) as stack:
        assert gone(processes)
        with psycopg.connect(stack.urls[Part.STORE]) as connection:
            assert connection.execute("SELECT '[1,2]'::vector <-> '[1,3]'").fetchone() == (1.0,)


def test_a_client_sees_an_error_and_no_hang_when_the_server_ends(tmp_path: Path, clickhouse: Callable[..., object]) -> None:
    with start([Part.CLICKHOUSE], tmp_path) as stack:
        client = clickhouse(stack.urls[Part.CLICKHOUSE])
    with pytest.raises(clickhouse_connect.driver.exceptions.Error):
        client.query("SELECT 1")
    client.close()
