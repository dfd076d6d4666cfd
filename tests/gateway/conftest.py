"""The gateway over real HTTP, on a real store."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
import pytest

from app.gateway.app import create_app
from app.gateway.config import GatewayConfig
from app.gateway.serve import server
from app.model.ids import new_id
from app.model.principal import Role
from app.service.deps import Deps
from app.service.users import NewUser, create_user, operator
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.support.store import StoreCluster, cluster

PROJECT = "default"
PASSWORD = "a password for tests"


@dataclass
class Clock:
    """The computer's clock, some time ahead."""

    ahead: dt.timedelta = dt.timedelta()

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead


@dataclass
class Gateway:
    """A running gateway: its address, its Deps, and people who can sign in."""

    url: str
    deps: Deps
    client: httpx2.Client
    tokens: dict[str, str] = field(default_factory=dict)

    def person(self, role: Role | str = Role.ANALYST, project_id: str = PROJECT, **more: object) -> tuple[str, str]:
        """A new user's id and e-mail; the password is PASSWORD."""
        email = f"{new_id('mail')}@example.com"
        user, _ = create_user(self.deps.people, operator(), NewUser(email, Role(role), project_id, PASSWORD, **more))
        return user.id, email

    def login(self, email: str, password: str = PASSWORD) -> dict[str, object]:
        """A pair of tokens."""
        answer = self.client.post("/api/v1/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def bearer(self, role: Role | str = Role.ANALYST) -> dict[str, str]:
        """The header of somebody with that role in the region DACH, the same for all tests of the module."""
        if role not in self.tokens:
            self.tokens[role] = str(self.login(self.person(role, attributes=(("region", "DACH"),))[1])["access_token"])
        return {"Authorization": f"Bearer {self.tokens[role]}"}


@contextmanager
def serving(deps: Deps, config: GatewayConfig | None = None) -> Iterator[Gateway]:
    """A gateway on a free port, on a thread of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        running = server(create_app(deps, config or GatewayConfig()), "127.0.0.1", port)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        wait_until(lambda: running.started)
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx2.Client(base_url=url, timeout=30) as client:
                yield Gateway(url, deps, client)
        finally:
            running.should_exit = running.force_exit = True
            thread.join(timeout=20)


def wait_until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Until it holds, or the test has failed."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold in time"
        time.sleep(0.01)


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, object]:
    """The problem document, which has that status and code."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), answer.text
    assert body["type"] == f"urn:datamind:problem:{code}"
    assert body["correlation_id"] == answer.headers["x-correlation-id"]
    assert body["problems"][0]["code"] == code
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.text
    return dict(body)


@pytest.fixture(scope="session")
def store_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreCluster]:
    with cluster(tmp_path_factory.mktemp("gateway")) as found:
        yield found


@pytest.fixture(scope="module")
def store_url(store_cluster: StoreCluster) -> str:
    return store_cluster.migrated()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("settings")
    return load_settings(data_dir=folder, dbt_project_path=folder / "none", project_id=PROJECT, secret_key="k" * 48)


@pytest.fixture(scope="module")
def deps(settings: Settings, store_cluster: StoreCluster, store_url: str) -> Iterator[Deps]:
    with opened(settings, Servers(store=store_url, redis=store_cluster.redis)) as found:
        yield found


@pytest.fixture(scope="module")
def gateway(deps: Deps) -> Iterator[Gateway]:
    with serving(deps) as found:
        yield found
