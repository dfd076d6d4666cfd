"""Streams of events: refused like any other request, begun where they were left or now, and ended with the reason."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.errors import DataMindError
from app.gateway import streams
from app.model.ids import new_id
from app.model.jobs import EventKind, JobEvent, JobKind
from app.model.principal import Role
from app.service import jobs
from app.service.deps import Deps
from app.service.users import UserChanges, change_user, operator
from tests.gateway.conftest import Gateway, problem, serving, wait_until


@pytest.fixture
def gateway(deps: Deps) -> Iterator[Gateway]:
    project = new_id("prj")
    with serving(replace(deps, project_id=project)) as found:
        person = found.person
        found.person = lambda role, **more: person(role, project_id=project, **more)
        yield found


def ask(gateway: Gateway) -> str:
    job = jobs.request(gateway.deps, JobKind.SYNC, {}, trigger="admin", by="usr_ana")
    assert job is not None
    return job.id


@contextmanager
def listening(gateway: Gateway, path: str, token: str = "", **headers: str) -> Iterator[httpx2.Response]:
    given = {"Authorization": f"Bearer {token}"} if token else gateway.bearer(Role.ADMIN)
    with gateway.client.stream("GET", f"/api/v1{path}", headers=given | headers) as stream:
        yield stream


def socket(gateway: Gateway, path: str, **headers: str) -> ClientConnection:
    return connect(f"{gateway.url.replace('http', 'ws', 1)}/api/v1{path}", additional_headers=headers or gateway.bearer(Role.ADMIN))


def told(lines: Iterator[str]) -> tuple[str, dict[str, object]]:
    """The next event's kind and data."""
    kind, nothing = "", 0
    for line in lines:
        nothing += line.startswith(":")
        assert nothing < 4, "nothing came for a minute"
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            return kind, json.loads(line[6:])
    raise AssertionError("the stream ended without another event")


def test_one_stream_too_many_is_refused_until_another_ends(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 1)
    path = f"/jobs/{ask(gateway)}/events"
    with listening(gateway, path) as first:
        lines = first.iter_lines()  # whoever drops them hangs up
        assert told(lines)[0] == "state"
        for refused in (path, "/events"):
            problem(gateway.client.get(f"/api/v1{refused}", headers=gateway.bearer(Role.ADMIN)), 429, "DM8037")
        with pytest.raises(InvalidStatus) as raised, socket(gateway, path):
            pass
    assert (raised.value.response.status_code, json.loads(raised.value.response.body)["code"]) == (429, "DM8037")

    def free() -> bool:
        with listening(gateway, path) as again:
            return again.status_code == 200

    wait_until(free)


def test_who_may_not_listen_any_more_is_told_so_in_the_stream(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CHECK_SECONDS", 0.0)
    gateway.person(Role.ADMIN)  # the last admin can't be disabled
    user_id, email = gateway.person(Role.ADMIN)
    token, path = str(gateway.login(email)["access_token"]), f"/jobs/{ask(gateway)}/events"
    with listening(gateway, path, token) as stream, socket(gateway, path, Authorization=f"Bearer {token}") as held:
        lines = stream.iter_lines()
        assert told(lines)[0] == "state"
        held.recv(timeout=10)
        change_user(gateway.deps.people, operator(), user_id, UserChanges(disabled=True))
        kind, document = told(lines)
        assert (kind, document["code"], document["status"]) == ("error", "DM7002", 401)
        assert document["correlation_id"] == stream.headers["x-correlation-id"]
        assert [line for line in lines if line] == []  # and no `end`: the job goes on
        with pytest.raises(ConnectionClosed) as raised:
            held.recv(timeout=10)
    assert (raised.value.rcvd.code, raised.value.rcvd.reason) == (1008, "DM7002")


@pytest.mark.parametrize("number", [2**63, 10**40, -1])
def test_a_number_that_no_event_can_have_is_refused(gateway: Gateway, number: int) -> None:
    for path in (f"/jobs/{ask(gateway)}/events", "/events"):
        with listening(gateway, path, **{"Last-Event-ID": str(number)}) as stream:
            assert stream.status_code == 422
            stream.read()
            problem(stream, 422, "DM7031")
        with pytest.raises(InvalidStatus) as raised, socket(gateway, f"{path}?after={number}"):
            pass
        assert (raised.value.response.status_code, json.loads(raised.value.response.body)["code"]) == (422, "DM7031")
    with listening(gateway, "/events", **{"Last-Event-ID": str(2**63 - 1)}) as stream, socket(gateway, f"/events?after={2**63 - 1}"):
        assert stream.status_code == 200


def test_a_store_that_is_away_is_waited_for_and_one_that_refuses_is_not(
    gateway: Gateway, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ask(gateway)
    seen: list[str] = []
    looked = streams.events_after

    def looking(*given: object) -> object:
        try:
            return looked(*given)
        except DataMindError as error:
            seen.append(error.problem.code)
            raise

    monkeypatch.setattr(streams, "events_after", looking)
    with (
        listening(gateway, f"/jobs/{job_id}/events") as stream,
        socket(gateway, f"/jobs/{job_id}/events") as held,
        psycopg.connect(store_url, autocommit=True) as store,
    ):
        lines = stream.iter_lines()
        assert told(lines)[0] == json.loads(held.recv(timeout=10))["kind"] == "state"
        database = store.info.dbname
        store.execute(f'ALTER DATABASE "{database}" CONNECTION LIMIT 0')
        try:
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
            store.execute(others, [database])
            wait_until(lambda: "DM8011" in seen)
        finally:
            store.execute(f'ALTER DATABASE "{database}" CONNECTION LIMIT -1')
        gateway.deps.jobs.tell(JobEvent(job_id, gateway.deps.project_id, dt.datetime.now(dt.UTC), EventKind.LINE, "{}"))
        assert told(lines)[0] == json.loads(held.recv(timeout=10))["kind"] == "line"
        store.execute("ALTER TABLE jobs.events RENAME TO events_elsewhere")
        try:
            kind, document = told(lines)
            with pytest.raises(ConnectionClosed) as raised:
                held.recv(timeout=10)
        finally:
            store.execute("ALTER TABLE jobs.events_elsewhere RENAME TO events")
    assert (kind, document["code"]) == ("error", "DM8013")
    assert raised.value.rcvd.reason == "DM8013"


def test_an_unforeseen_failure_is_told_in_the_stream(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = ask(gateway)

    def broken(_event: object) -> bytes:
        raise ValueError("with a secret in it")

    monkeypatch.setattr(streams, "body_of", broken)
    with listening(gateway, f"/jobs/{job_id}/events") as stream:
        kind, document = told(stream.iter_lines())
    assert (kind, document["code"]) == ("error", "DM9001")
    assert "secret" not in json.dumps(document)


def test_the_events_of_all_jobs_begin_now_and_history_is_told_where_it_is_asked_for(gateway: Gateway) -> None:
    old = ask(gateway)
    with listening(gateway, "/events") as stream, socket(gateway, "/events") as held:
        new = ask(gateway)
        assert told(stream.iter_lines())[1]["job_id"] == new
        assert json.loads(held.recv(timeout=10))["job_id"] == new
    with listening(gateway, "/events", **{"Last-Event-ID": "0"}) as stream, socket(gateway, "/events?after=0") as held:
        assert told(stream.iter_lines())[1]["job_id"] == old
        assert json.loads(held.recv(timeout=10))["job_id"] == old


@pytest.mark.parametrize(("headers", "status", "code"), [({"Authorization": "Bearer x.y.z"}, 401, "DM7002"), ({}, 403, "DM7011")])
def test_a_socket_is_refused_with_a_problem_document(gateway: Gateway, headers: dict[str, str], status: int, code: str) -> None:
    with pytest.raises(InvalidStatus) as raised, socket(gateway, "/events", **(headers or gateway.bearer(Role.ANALYST))):
        pass
    response = raised.value.response
    assert (response.status_code, json.loads(response.body)["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
