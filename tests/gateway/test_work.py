"""The thread pool: bounded, cancelled when the client goes away, and never in the way of probes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx2
import pytest
from fastapi import APIRouter
from fastapi.responses import Response

from app.gateway import routes
from app.gateway.callers import WorkDep
from app.gateway.config import GatewayConfig
from app.gateway.responses import json_response
from app.ports import Cancel
from app.service.deps import Deps
from tests.gateway.conftest import Gateway, serving, wait_until


class Slow:
    """A route whose use case runs until it is told to end or cancelled."""

    def __init__(self) -> None:
        self.router = APIRouter()
        self.running = 0
        self.most = 0
        self.cancelled = 0
        self.end = threading.Event()
        self._lock = threading.Lock()
        self.router.add_api_route("/slow", self.handle, methods=["GET", "POST"])

    async def handle(self, work: WorkDep) -> Response:
        cancel = Cancel()
        await work(lambda: self.use_case(cancel), cancel=cancel)
        return json_response({"done": True})

    def use_case(self, cancel: Cancel) -> None:
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
        while not self.end.wait(0.01) and not cancel.cancelled:
            pass
        with self._lock:
            self.running -= 1
            self.cancelled += cancel.cancelled


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def gate(deps: Deps, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    monkeypatch.setattr("app.gateway.app.ROUTERS", (*routes.ROUTERS, slow.router))
    with serving(deps, GatewayConfig(threads=2)) as found:
        yield found
        slow.end.set()


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_client_that_goes_away_cancels_its_work(gate: Gateway, slow: Slow, method: bytes) -> None:
    host, port = gate.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        body = b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}" if method == b"POST" else b"\r\n"
        connection.sendall(method + b" /slow HTTP/1.1\r\nHost: x\r\n" + body)
        wait_until(lambda: slow.running == 1)
    wait_until(lambda: slow.cancelled == 1)
    assert slow.running == 0


def test_the_pool_is_bounded_and_probes_answer_all_the_same(gate: Gateway, slow: Slow) -> None:
    answers: list[int] = []

    def ask() -> None:
        answers.append(httpx2.get(f"{gate.url}/slow", timeout=30).status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    wait_until(lambda: slow.running == 2)
    wait_until(lambda: "datamind_working 6.0" in gate.client.get("/metrics").text)
    assert gate.client.get("/live").status_code == 200
    assert gate.client.get("/health").status_code == 200
    slow.end.set()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert slow.most == 2


def test_a_client_that_stays_is_not_cancelled(gate: Gateway, slow: Slow) -> None:
    slow.end.set()
    assert gate.client.get("/slow").json() == {"done": True}
    assert slow.cancelled == 0
