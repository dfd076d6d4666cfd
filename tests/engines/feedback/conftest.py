"""The demo over real HTTP, with people who ask and people who decide."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.service.replay_job import run_replay
from tests.gateway.conftest import Gateway, serving, wait_until
from tests.support.demo import TODAY, Demo, forget_corrections

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Person:
    """Somebody who is signed in."""

    gateway: Gateway
    id: str
    token: str

    def call(self, method: str, path: str, body: object = None, **query: object) -> httpx2.Response:
        """A request of theirs below `/api/v1`."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.gateway.client.request(method, f"/api/v1{path}", json=body, params=query or None, headers=headers)

    def ask(self, question: str) -> dict[str, Any]:
        """The answer."""
        told = self.call("POST", "/ask", {"question": question})
        assert told.status_code == 200, told.text
        return dict(told.json())

    def flag(self, query_id: str, rating: int = 1, comment: str = "that is not what I mean") -> str:
        """The id of the entry."""
        told = self.call("POST", "/feedback/flag", {"query_id": query_id, "comment": comment, "rating": rating})
        assert told.status_code == 201, told.text
        return str(told.json()["feedback_id"])

    def approve(self, entry_id: str, question: str, **query: object) -> httpx2.Response:
        """Correct it."""
        body = {"flagged_entry_id": entry_id, "question": question, "corrected_query": query}
        return self.call("POST", "/admin/training-data/approve", body)

    def correction(self, correction_id: str) -> dict[str, Any]:
        """As it is now."""
        found = self.call("GET", "/admin/training-data/corrections", limit=200).json()["items"]
        return next(one for one in found if one["id"] == correction_id)


@pytest.fixture(scope="module")
def gateway(demo: Demo) -> Iterator[Gateway]:
    with serving(demo.deps) as found:
        yield found


@pytest.fixture(scope="module", autouse=True)
def uncorrected(demo: Demo) -> Iterator[None]:
    """Nothing that is approved here answers elsewhere."""
    yield
    forget_corrections(demo)


def person(gateway: Gateway, role: str = "analyst", email: str = "", **attributes: str) -> Person:
    """A new one."""
    given = tuple(sorted({"region": "DACH", **attributes}.items()))
    who, address = gateway.person(role, attributes=given)
    del email
    return Person(gateway, who, str(gateway.login(address)["access_token"]))


@pytest.fixture(scope="module")
def asker(gateway: Gateway) -> Person:
    return person(gateway)


@pytest.fixture(scope="module")
def other(gateway: Gateway) -> Person:
    return person(gateway)


@pytest.fixture(scope="module")
def admin(gateway: Gateway) -> Person:
    return person(gateway, "admin")


@contextmanager
def worker(demo: Demo, log: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker on the demo's servers, with more of the environment, ended with the block."""
    environment = {
        **os.environ,
        **demo.servers.environment(),
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(demo.settings.dbt_project_path),
        "DATAMIND_TODAY": TODAY,
        "DATAMIND_DBT_PARSE": "false",
        **more,
    }
    command = [sys.executable, "-m", "celery", "-A", "celery_worker.app", "worker", "--concurrency", "1", "--loglevel", "INFO"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT)
    try:
        wait_until(lambda: b" ready." in log.read_bytes() or process.poll() is not None, 60)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def replayed(demo: Demo, correction_id: str) -> None:
    """Do here what a worker does."""
    jobs = demo.deps.jobs.page("default", ("queued",), "", 200)
    for job in jobs:
        if job.kind == "replay" and correction_id in job.arguments:
            run_replay(demo.deps, job, lambda _kind, _data: None)
    time.sleep(0.06)


def flagged(who: Person, question: str) -> str:
    """The entry of a flagged answer to it."""
    return who.flag(who.ask(question)["query_id"])


def served(demo: Demo, asker: Person, admin: Person, question: str, **query: Any) -> dict[str, Any]:
    """An approved correction after its replay."""
    made = admin.approve(flagged(asker, question), question, **query)
    assert made.status_code == 202, made.text
    replayed(demo, made.json()["id"])
    return admin.correction(made.json()["id"])


__all__ = ["Person", "flagged", "person", "replayed", "served", "worker"]
