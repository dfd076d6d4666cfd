"""The gateway as processes: two start at once on an empty store, log JSON, and stop when they are told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from app.errors import UserError
from app.gateway.serve import bound
from tests.gateway.conftest import wait_until
from tests.support.store import StoreCluster


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


@pytest.mark.parametrize(("ending", "expected"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_two_instances_on_an_empty_store(store_cluster: StoreCluster, tmp_path: Path, ending: signal.Signals, expected: int) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_")},
        "DATAMIND_STORE_URL": store_cluster.empty(),
        "DATAMIND_REDIS_URL": store_cluster.redis,
        "DATAMIND_ENGINES": '["postgres"]',
        "DATAMIND_POSTGRES_URL": "postgresql://reader:none@127.0.0.1:1/none",  # away: nothing is asked here
        "DATAMIND_DATA_DIR": str(tmp_path / "data"),
        "DATAMIND_SECRET_KEY": "s" * 40,
    }
    ports = [free_port(), free_port()]
    logs = [tmp_path / f"{port}.log" for port in ports]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", str(port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=log.open("wb"),
            cwd=tmp_path,
        )
        for port, log in zip(ports, logs, strict=True)
    ]
    try:
        for port in ports:
            wait_until(lambda port=port: answers(f"http://127.0.0.1:{port}/live"), 60)
        secret = {"email": "a@b.c", "password": "do-not-log-this"}
        reply = httpx2.post(f"http://127.0.0.1:{ports[0]}/api/v1/auth/login", json=secret, timeout=30)
        assert reply.status_code == 401
    finally:
        for process in processes:
            process.send_signal(ending)
        codes = [process.wait(timeout=30) for process in processes]
    assert codes == [expected, expected]
    for log in logs:
        text = log.read_text()
        assert "Traceback" not in text
        assert "do-not-log-this" not in text
    lines = [json.loads(line) for line in logs[0].read_text().splitlines() if line.startswith("{")]
    request = next(line for line in lines if line["event"] == "request" and line["route"] == "/api/v1/auth/login")
    assert request["correlation_id"] == reply.headers["x-correlation-id"]
    assert (request["status"], request["level"]) == (401, "info")


def test_a_port_that_is_taken_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UserError) as caught:
        bound("127.0.0.1", taken.getsockname()[1])
    assert caught.value.problem.code == "DM7021"
