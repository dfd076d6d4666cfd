"""A store that is away: a Problem with an id, never a driver's words, and a process that still answers its probes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.gateway.conftest import Gateway, problem, serving


@pytest.fixture(scope="module")
def alone(settings: Settings) -> Iterator[Gateway]:
    servers = Servers(store="postgresql://nobody:hidden@127.0.0.1:1/none", redis="redis://127.0.0.1:1/0")
    with opened(settings, servers) as deps, serving(deps) as found:
        yield found


def test_signing_in(alone: Gateway) -> None:
    with capture_logs() as lines:
        answer = alone.client.post("/api/v1/auth/login", json={"email": "a@b.c", "password": "b"})
    body = problem(answer, 503, "DM8011")
    assert answer.headers["retry-after"]
    assert "127.0.0.1" not in answer.text
    assert "correlation id" in str(body["hint"])
    line = next(line for line in lines if line["event"] == "internal_error")
    assert line["code"] == "DM8011"
    assert "hidden" not in str(lines)


def test_probes(alone: Gateway) -> None:
    assert alone.client.get("/live").status_code == 200
    problem(alone.client.get("/ready"), 503, "DM7039")
    body = alone.client.get("/health").json()
    assert body["operational_mode"] == "CONFIGURATION"
    assert body["health_score"] < 0.5
    assert body["components"]["database"]["status"] == "down"
    assert body["components"]["redis"]["status"] == "down"
