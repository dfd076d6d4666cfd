"""`datamind demo --serve`: it answers over HTTP, and a launcher that is killed leaves nothing running."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.demo import ROOT, SCALE, TODAY

SECONDS = 150.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def asked(url: str, body: dict[str, Any] | None = None, token: str = "") -> tuple[int, Any]:
    """Status and JSON of a request; (0, None) where nothing answers."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
            return response.status, json.loads(text) if text.startswith((b"{", b"[")) else None
    except urllib.error.HTTPError as error:
        return error.code, None
    except OSError:
        return 0, None


def until(true: Any, seconds: float = SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


class Served:
    """A launcher with its ports and what it has said."""

    def __init__(self, demo_folder: Path, folder: Path) -> None:
        shutil.copytree(demo_folder, folder, symlinks=True)
        self.port, self.ui_port = free_port(), free_port()
        self.out, self.err = folder / "out", folder / "err"
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "DATAMIND_DATA_DIR": str(folder / "data"),
            "DATAMIND_DBT_PROJECT_PATH": str(folder / "dbt_project"),
            "DATAMIND_TODAY": TODAY,
            "DATAMIND_PORT": str(self.port),
            "DATAMIND_UI_PORT": str(self.ui_port),
        }
        command = [sys.executable, "-m", "app.cli.main", "demo", "--serve", "--scale", str(SCALE)]
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def wait(self) -> None:
        """Until it has said all that it says before it stays up: the curl line comes last."""
        until(lambda: "Authorization: Bearer" in self.out.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.err.read_text()

    def below(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def served(demo_folder: Path, tmp_path: Path) -> Iterator[Served]:
    found = Served(demo_folder, tmp_path / "served")
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.process.terminate()
            found.process.wait(60)


def of_dbt(processes: list[psutil.Process], word: str) -> tuple[bool, bool]:
    """Whether the process is told of the warehouse that dbt builds in, and with its owner's password."""
    (found, *_) = (
        process.environ()
        for process in processes
        if word in " ".join(process.cmdline()) and "app.adapters" not in " ".join(process.cmdline())
    )
    return "DATAMIND_DBT_POSTGRES_PORT" in found, "DATAMIND_DBT_POSTGRES_PASSWORD" in found


def gone(processes: list[psutil.Process], seconds: float = 30.0) -> list[psutil.Process]:
    """Those that are still there after a while; zombies that nobody collects count as gone."""
    deadline = time.monotonic() + seconds
    while True:
        left = []
        for process in processes:
            try:
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
            except psutil.NoSuchProcess:
                continue
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.1)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_answers_and_leaves_nothing_behind(served: Served, number: signal.Signals) -> None:
    served.wait()
    said = served.out.read_text()
    email, password = re.search(r"user\s+(analyst@\S+)\s+password (\S+)", said).groups()
    status, pair = asked(f"{served.base}/auth/login", {"email": email, "password": password})
    assert status == 200
    status, answer = asked(f"{served.base}/ask", {"question": "Orders by month in 2026"}, pair["access_token"])
    assert status == 200
    assert answer["outcome"] == "answer"
    assert answer["policies_applied"]
    assert asked(f"http://127.0.0.1:{served.ui_port}/_stcore/health")[0] == 200
    assert "the models are built already" in served.err.read_text()
    assert password not in served.err.read_text()
    processes = served.below()
    names = " ".join(" ".join(process.cmdline()) for process in processes)
    for part in ("postgres", "valkey", "clickhouse", "celery", "streamlit", "serve"):
        assert part in names
    assert [of_dbt(processes, word) for word in ("celery", "app.cli.main serve", "streamlit")] == [
        (True, True),
        (True, False),
        (False, False),
    ]
    served.process.send_signal(number)
    assert served.process.wait(60) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert gone(processes) == []
    assert asked(f"{served.base}/live")[0] == 0
