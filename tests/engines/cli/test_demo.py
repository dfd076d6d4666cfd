"""`datamind demo` on a demo that is built already: five answers, what it took, and staying up until told to stop."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from app.cli.demo.questions import QUESTIONS
from tests.engines.cli.conftest import Cli
from tests.support.demo import SCALE, Demo

SMALL = ("--scale", str(SCALE))


@pytest.fixture
def _handlers() -> Iterator[None]:
    """What this process does with signals is put back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def free_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def test_five_questions_are_answered_and_the_cost_is_told(cli: Cli) -> None:
    ran = cli("demo", *SMALL, DATAMIND_INSTALL_SECONDS="12")
    assert ran.code == 0, ran.err
    for number, question in enumerate(QUESTIONS, 1):
        assert f"{number}. {question}" in ran.out
    assert ran.out.count("stages: interpret") == len(QUESTIONS)
    assert ran.out.count("an analyst of DACH") == len(QUESTIONS)
    assert "policies applied" in ran.out
    assert re.search(r"install 12 s · start of the stack [\d.]+ s · demo [\d.]+ s · servers' memory \d+ MB", ran.out)
    assert "the models are built already" in ran.err


def test_raw_rows_that_are_there_are_not_loaded_again(cli: Cli) -> None:
    ran = cli("demo", "load", *SMALL)
    assert (ran.code, ran.out) == (0, "")


def test_the_demo_writes_to_no_server_that_it_did_not_start(cli: Cli, demo: Demo) -> None:
    ran = cli("demo", "load", *SMALL, DATAMIND_POSTGRES_URL=demo.servers.owners["postgres"])
    assert ran.code == 1
    assert "DM1050" in ran.err


@pytest.mark.usefixtures("_handlers")
def test_it_stays_up_until_it_is_told_to_stop(cli: Cli) -> None:
    port, ui_port = free_port(), free_port()
    seen: list[int] = []

    def stop_when_up() -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            time.sleep(0.2)
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{ui_port}/_stcore/health", timeout=2) as page:
                    seen.append(page.status)
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/ready", timeout=2) as gateway:
                    seen.append(gateway.status)
                break
            except OSError:
                continue
        time.sleep(1.5)
        if signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, signal.SIG_IGN):
            os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=stop_when_up)
    watcher.start()
    ran = cli("demo", "--serve", *SMALL, DATAMIND_PORT=port, DATAMIND_UI_PORT=ui_port)
    watcher.join()
    assert ran.code == 0, ran.err
    assert seen[-2:] == [200, 200]
    assert f"http://127.0.0.1:{port}/api/v1" in ran.out
    assert re.search(r"user\s+admin@example.com\s+password \S{12,}", ran.out)
    assert "curl -s" in ran.out
    assert "stopping" in ran.err
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/live", timeout=2)


@pytest.mark.usefixtures("_handlers")
def test_a_port_that_is_taken_is_told(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = cli("demo", "--serve", *SMALL, DATAMIND_PORT=str(taken.getsockname()[1]), DATAMIND_UI_PORT=free_port())
    assert ran.code == 1
    assert "DM1054" in ran.err
