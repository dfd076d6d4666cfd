"""A stack of all four parts for the tests that only use one, and launchers in other processes for those that start and kill."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import pytest

from app.adapters.embedded.clickhouse_server.engine import Engine
from app.adapters.embedded.clickhouse_server.http import Server
from app.adapters.embedded.clickhouse_server.users import User, Users
from app.adapters.embedded.stack import Part, Stack, start

ROOT = Path(__file__).resolve().parents[3]
LAUNCHER = Path(__file__).with_name("launcher.py")


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with start(list(Part), tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def clickhouse() -> Callable[..., Any]:
    """A clickhouse-connect client for a URL of the stack."""

    def connect(url: str, **options: Any) -> Any:
        place = urlsplit(url)
        return clickhouse_connect.get_client(
            host=place.hostname, port=place.port, username=place.username, password=place.password, database=place.path[1:], **options
        )

    return connect


@dataclass(frozen=True)
class Served:
    """A ClickHouse server in this process (which measures its coverage), as its owner and as its reader."""

    owner_url: str
    reader_url: str


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    accounts = Users({"dbt": User("dbt", "owns", reader=False), "reader": User("reader", "reads", reader=True)})
    server = Server(0, accounts, lambda: Engine(str(tmp_path_factory.mktemp("chdb")), "warehouse"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    place = f"127.0.0.1:{server.server_address[1]}/warehouse"
    yield Served(f"clickhouse://dbt:owns@{place}", f"clickhouse://reader:reads@{place}")
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def owner(served: Served, clickhouse: Callable[..., Any]) -> Iterator[Any]:
    client = clickhouse(served.owner_url)
    yield client
    client.close()


@pytest.fixture
def reader(served: Served, clickhouse: Callable[..., Any]) -> Iterator[Any]:
    client = clickhouse(served.reader_url)
    yield client
    client.close()


@dataclass
class Launched:
    """A launcher in another process and what it said when it was ready."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    def finish(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(30)


@pytest.fixture
def launch() -> Iterator[Callable[..., Launched]]:
    """Start a launcher; `said` is None-free JSON of its URLs and pids, or of its Problem."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(directory: Path, parts: Sequence[Part], *, prefix: Sequence[str] = (), wait: bool = True, **options: Any) -> Launched:
        python = options.pop("python", sys.executable)
        environment = {
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *(place for place in sys.path if place.endswith("site-packages"))]),
        }
        process = subprocess.Popen(
            [*prefix, python, str(LAUNCHER), str(directory), *parts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd="/",
            **options,
        )
        processes.append(process)
        assert process.stdout is not None
        return Launched(process, json.loads(process.stdout.readline() or "{}") if wait else {})

    yield begin
    for process in processes:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user can pass through, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="dm-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
