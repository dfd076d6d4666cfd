"""Standard output carries results only: progress, log lines and Problems go to standard error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo

ROOT = Path(__file__).resolve().parents[3]


def test_an_adapters_log_line_is_no_result(process: Cli, demo: Demo) -> None:
    """The engine refuses the sign-in, which is logged with its cause for whoever runs the service."""
    place = demo.servers.engines["postgres"].rpartition("@")[2]
    url = f"postgresql://nobody_of_that_name:hunter2@{place}"
    ran = process("sql", "SELECT 1 AS one", "--source", "postgres", "--json", DATAMIND_POSTGRES_URL=url)
    assert ran.code == 2
    assert ran.problem["code"] == "DM5006"
    assert "event='sign_in_refused'" in ran.err
    assert "hunter2" not in ran.out + ran.err


def test_json_is_all_that_standard_output_holds(process: Cli) -> None:
    for arguments in (("query", "--metrics", "revenue"), ("list", "metrics"), ("sync",), ("debug",), ("users", "list")):
        ran = process(*arguments, "--json")
        assert ran.code == 0, ran.err
        assert len(ran.out.splitlines()) == 1
        json.loads(ran.out)


def test_a_reader_that_goes_away_ends_the_command_quietly(environment: dict[str, str], tmp_path: Path) -> None:
    command = f"{sys.executable} -m app.cli.main list models | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 0


def test_an_interrupt_is_no_traceback(environment: dict[str, str], tmp_path: Path) -> None:
    """A reader of standard input that never comes to an end is stopped by Ctrl-C."""
    child = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "users", "create", "a@example.com", "--password-stdin"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until_reading(child.pid)
    os.kill(child.pid, signal.SIGINT)
    out, err = child.communicate(timeout=20)
    assert child.returncode in (1, 130)
    assert "Traceback" not in out + err


def until_reading(pid: int) -> None:
    """Wait until the process sleeps in a read of its standard input."""
    deadline = time.monotonic() + 30
    process = psutil.Process(pid)
    still = 0
    while still < 5:
        assert time.monotonic() < deadline
        used = sum(process.cpu_times()[:2])
        time.sleep(0.2)
        still = still + 1 if sum(process.cpu_times()[:2]) == used and used > 0.2 else 0


def test_quiet_leaves_the_rows_alone(cli: Cli) -> None:
    asked = ("query", "--metrics", "orders", "--group-by", "metric_time__year")
    loud, quiet = cli(*asked), cli("-q", *asked)
    assert quiet.err == ""
    assert loud.out.splitlines()[1 : len(quiet.out.splitlines()) + 1] == quiet.out.splitlines()
    assert "SELECT" in loud.out
    assert "SELECT" not in quiet.out
    assert cli(*asked, "--quiet").out == cli(*asked, DBT_QUIET="1").out == quiet.out


def test_an_answer_shows_its_sql_once_and_is_sure_of_itself(cli: Cli) -> None:
    asked = cli("query", "--metrics", "revenue", "--group-by", "customer__country").out
    assert asked.count("SELECT") == 1
    assert "confidence" not in asked
    assert "(confidence " in cli("ask", "revenue by country").out


def test_numbers_are_written_as_in_the_sentence(cli: Cli) -> None:
    printed = cli("query", "--metrics", "refund_rate,revenue", "--group-by", "customer__region").out
    rate = printed.partition("highest")[2].partition(" with ")[2].partition(",")[0]
    assert rate.endswith("%")
    assert f" {rate} │ €" in printed


def test_all_that_stands_on_standard_error_are_objects_if_asked_for(process: Cli, demo: Demo) -> None:
    place = demo.servers.engines["postgres"].rpartition("@")[2]
    url = f"postgresql://nobody_of_that_name:hunter2@{place}"
    ran = process("sql", "SELECT 1 AS one", "--source", "postgres", "--log-format", "json", DATAMIND_POSTGRES_URL=url)
    lines = [json.loads(line) for line in ran.err.splitlines()]
    assert {line["info"]["level"] for line in lines} == {"error"}
    assert lines[0]["info"]["msg"] == "sign_in_refused"
    assert lines[-1]["info"]["code"] == "DM5006"
    assert ran.out == ""


def test_colours_are_for_terminals_or_on_request(process: Cli) -> None:
    asked = ("list", "metrics", "--search", "refund_rate")
    assert "\x1b" not in process(*asked).out
    assert "\x1b" in process(*asked, FORCE_COLOR="1").out
    assert "\x1b" in process(*asked, "--use-colors").out
    assert "\x1b" not in process(*asked, "--no-color", FORCE_COLOR="1").out
    assert "\x1b" not in process(*asked, FORCE_COLOR="1", NO_COLOR="1").out
    assert "\x1b" not in process("compile", "--project-dir", "none_of_that_name").err
