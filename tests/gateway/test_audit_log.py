"""The audit trail over HTTP: who may read it, how it filters and pages, and that refusals are in it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.gateway.schemas.security import AuditPage, AuditRecord
from app.gateway.status import _EXACT, _PREFIX, status_of
from app.model.ids import new_id
from app.service.audit_log import record_body
from app.service.audit_verify import verify
from app.service.deps import Deps
from app.settings import Settings
from tests.gateway.conftest import Gateway, problem, wait_until


def read(gateway: Gateway, role: str = "admin", **params: Any):
    return gateway.client.get("/api/v1/security/audit-log", params=params, headers=gateway.bearer(role))


def records(gateway: Gateway, **params: Any) -> list[dict[str, Any]]:
    answer = read(gateway, **params)
    assert answer.status_code == 200, answer.text
    AuditPage.model_validate_json(answer.text)
    return list(answer.json()["items"])


def correlated(gateway: Gateway, correlation: str) -> list[tuple[str, str, str]]:
    """Type, status and problem of the records of a request, oldest first."""
    found = records(gateway, correlation_id=correlation, limit=200)
    return [(one["event_type"], one["status"], one["details"].get("problem", "")) for one in reversed(found)]


def test_records_are_whole_and_masked(gateway: Gateway) -> None:
    user_id, email = gateway.person()
    gateway.login(email)
    (login,) = records(gateway, user_id=user_id, event_type="auth.login")
    assert (login["status"], login["ip_address"], login["component"]) == ("succeeded", "127.0.0.1", "auth")
    assert login["email"] == f"{email[0]}***@example.com"
    assert len(login["hash"]) == len(login["previous_hash"]) == len(login["hmac"]) == 64
    assert login["sequence"] > 0


def test_the_body_has_all_that_the_document_says(gateway: Gateway) -> None:
    link = gateway.deps.trail.trail.chain("default", 1, 1)[0]
    assert set(record_body(link)) == set(AuditRecord.model_fields)


def test_pages_go_back_to_the_first_record(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.person()
    found, cursor = [], ""
    for _ in range(100):
        page = read(gateway, limit=4, cursor=cursor, event_type="user.create").json()
        assert len(page["items"]) <= 4
        found += [one["sequence"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == sorted(set(found), reverse=True)
    assert len(found) == len(records(gateway, event_type="user.create", limit=200)) >= 6


def test_filters_meet(gateway: Gateway) -> None:
    user_id, email = gateway.person()
    gateway.login(email)
    gateway.client.post("/api/v1/auth/login", json={"email": email, "password": "a wrong password"})
    mine = records(gateway, user_id=user_id)
    assert [(one["event_type"], one["status"]) for one in mine] == [("auth.login", "failed"), ("auth.login", "succeeded")]
    assert records(gateway, user_id=user_id, status="failed") == mine[:1]
    assert records(gateway, user_id=user_id, component="users") == []
    assert records(gateway, user_id=user_id, since=mine[0]["timestamp"]) == mine[:1]
    assert records(gateway, user_id=user_id, until=mine[0]["timestamp"]) == mine[1:]
    assert records(gateway, query_id=new_id("qry")) == []
    assert records(gateway, user_id=user_id, since=mine[1]["timestamp"].removesuffix("Z")) == mine  # without a zone it is UTC


@pytest.mark.parametrize("params", [{"event_type": "no.such"}, {"since": "yesterday"}, {"limit": 0}, {"limit": 201}, {"cursor": "!"}])
def test_filters_that_are_none(gateway: Gateway, params: dict[str, Any]) -> None:
    assert read(gateway, **params).status_code in (400, 422)


@pytest.mark.parametrize("name", ["user_id", "status", "component", "correlation_id", "query_id"])
def test_a_text_that_no_record_can_hold_is_in_none(gateway: Gateway, name: str) -> None:
    assert records(gateway, **{name: "a\x00b"}) == []


def test_reading_is_recorded_before_anything_is_shown(gateway: Gateway) -> None:
    correlation = new_id("cor")
    headers = {**gateway.bearer("admin"), "X-Correlation-ID": correlation}
    seen = gateway.client.get("/api/v1/security/audit-log", params={"status": "begin", "user_id": "x"}, headers=headers)
    assert seen.json()["items"] == []
    assert correlated(gateway, correlation) == [("audit.read", "begin", ""), ("audit.read", "succeeded", "")]
    assert records(gateway, correlation_id=correlation)[1]["details"]["filters"] == ["user_id", "status"]


@pytest.mark.parametrize("role", ["viewer", "analyst"])
def test_only_admins_read_it(gateway: Gateway, role: str) -> None:
    problem(read(gateway, role), 403, "DM7011")
    problem(gateway.client.get("/api/v1/security/audit-log"), 401, "DM7002")


def test_another_projects_records_are_not_shown(gateway: Gateway) -> None:
    stranger = gateway.person(project_id="elsewhere")[0]
    assert not any(stranger in str(one) for one in records(gateway, event_type="user.create", limit=200))


@pytest.mark.parametrize(
    ("method", "path", "body", "role", "code"),
    [
        ("GET", "/users", None, "analyst", "DM7011"),
        ("POST", "/users", {"email": "x@example.com", "role": "viewer"}, "viewer", "DM7011"),
        ("POST", "/users", {"email": "x@example.com", "role": "viewer", "project_id": "elsewhere"}, "admin", "DM7008"),
        ("POST", "/ask", {"question": "revenue"}, "viewer", "DM7010"),
        ("GET", "/versions", None, "analyst", "DM7011"),
        ("GET", "/jobs", None, "viewer", "DM7011"),
        ("GET", "/security/audit-log", None, "analyst", "DM7011"),
        ("POST", "/feedback/flag", {"query_id": f"qry_{'0' * 32}", "comment": "", "rating": 1}, "viewer", "DM7010"),
    ],
)
def test_a_person_who_is_refused_is_recorded(gateway: Gateway, method: str, path: str, body: Any, role: str, code: str) -> None:
    correlation = new_id("cor")
    headers = {**gateway.bearer(role), "X-Correlation-ID": correlation}
    answer = gateway.client.request(method, f"/api/v1{path}", json=body, headers=headers)
    problem(answer, 403, code)
    (one,) = records(gateway, correlation_id=correlation)
    assert (one["event_type"], one["status"]) == ("access.refuse", "refused")
    assert one["user_id"].startswith("usr_")
    assert one["details"] == {"method": method, "problem": code, "route": f"/api/v1{path}", "times": 1}


def test_a_person_of_another_project_is_recorded_here(gateway: Gateway) -> None:
    user_id, email = gateway.person(project_id="elsewhere")
    token = gateway.login(email)["access_token"]
    problem(gateway.client.get("/api/v1/metrics", headers={"Authorization": f"Bearer {token}"}), 403, "DM7012")
    assert [one["details"]["problem"] for one in records(gateway, user_id=user_id)] == ["DM7012"]


def test_bad_tokens_are_recorded_within_a_bound(gateway: Gateway) -> None:
    before = len(records(gateway, event_type="access.refuse", limit=200))
    with ThreadPoolExecutor(8) as pool:
        path, headers = "/api/v1/dimensions", {"Authorization": "Bearer nonsense"}
        for answer in pool.map(lambda _number: gateway.client.get(path, headers=headers), range(60)):
            problem(answer, 401, "DM7002")
    found = records(gateway, event_type="access.refuse", limit=200)
    assert len(found) == before + 1
    assert (found[0]["user_id"], found[0]["ip_address"], found[0]["details"]["route"]) == ("", "127.0.0.1", "/api/v1/dimensions")


def test_a_refresh_token_that_is_spent_is_recorded(gateway: Gateway) -> None:
    correlation = new_id("cor")
    answer = gateway.client.post("/api/v1/auth/refresh", json={"refresh_token": "nonsense"}, headers={"X-Correlation-ID": correlation})
    problem(answer, 401, "DM7003")
    assert correlated(gateway, correlation) == [("access.refuse", "refused", "DM7003")]


def test_a_socket_that_is_refused_is_recorded(gateway: Gateway) -> None:
    before = len(records(gateway, event_type="access.refuse", limit=200))
    for headers in ({}, gateway.bearer("analyst")):
        with pytest.raises(InvalidStatus), connect(gateway.url.replace("http", "ws") + "/api/v1/events", additional_headers=headers):
            pass
    wait_until(lambda: len(records(gateway, event_type="access.refuse", limit=200)) == before + 2)
    person, nobody = records(gateway, event_type="access.refuse", limit=2)
    assert [one["details"]["problem"] for one in (person, nobody)] == ["DM7011", "DM7002"]
    assert [one["user_id"][:4] for one in (person, nobody)] == ["usr_", ""]


def test_a_stream_that_ends_with_its_right_is_recorded(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.gateway.streams.CHECK_SECONDS", 0.1)
    user_id, email = gateway.person("admin")
    token = gateway.login(email)["access_token"]
    with gateway.client.stream("GET", "/api/v1/events", headers={"Authorization": f"Bearer {token}"}) as answer:
        assert answer.status_code == 200
        changed = gateway.client.patch(f"/api/v1/users/{user_id}", json={"role": "viewer"}, headers=gateway.bearer("admin"))
        assert changed.status_code == 200
        assert "DM7011" in answer.read().decode()
    assert [one["details"]["problem"] for one in records(gateway, user_id=user_id, event_type="access.refuse")] == ["DM7011"]


def test_an_unknown_address_leaves_no_trace_of_what_was_typed(gateway: Gateway) -> None:
    correlation = new_id("cor")
    body = {"email": "my-secret-password", "password": "x" * 12}
    gateway.client.post("/api/v1/auth/login", json=body, headers={"X-Correlation-ID": correlation})
    (one,) = records(gateway, correlation_id=correlation)
    assert (one["event_type"], one["status"], one["user_id"], one["email"]) == ("auth.login", "failed", "", "")
    assert "secret" not in str(one)


def test_every_refusal_is_recorded_somewhere() -> None:
    """A code that answers 401 or 403 is either one that its use case records, named here, or recorded at the edge."""
    codes = [code for code in (*_EXACT, *_PREFIX) if status_of(code) in (401, 403)]
    by_use_case = {code for code in codes if code.startswith(("DM4", "DM6067", "DM7001", "DM8035"))}
    assert by_use_case == {"DM4", "DM6067", "DM7001", "DM8035"}
    assert set(codes) - by_use_case == {"DM6074", "DM6081", "DM7002", "DM7003", "DM7008", "DM7010", "DM7011", "DM7012", "DM8034"}


def test_no_record_no_answer(gateway: Gateway, store_url: str) -> None:
    headers, viewer = gateway.bearer("admin"), gateway.bearer("viewer")
    with psycopg.connect(store_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit.audit_log RENAME TO away")
        try:
            problem(gateway.client.get("/api/v1/security/audit-log", headers=headers), 503, "DM8010")
            problem(gateway.client.get("/api/v1/users", headers=viewer), 403, "DM7011")
        finally:
            connection.execute("ALTER TABLE audit.away RENAME TO audit_log")
    assert read(gateway).status_code == 200


def test_the_trail_of_all_this_is_whole(gateway: Gateway, deps: Deps) -> None:
    gateway.person()
    deps.audit.close()  # type: ignore[attr-defined]
    outcome = verify(deps.trail, "default")
    assert outcome.whole, outcome.faults
    assert outcome.records > 0
    assert outcome.unproven == 0


def test_health_says_where_checkpoints_fail(gateway: Gateway, deps: Deps, settings: Settings) -> None:
    deps.audit.close()  # type: ignore[attr-defined]  # from here on each record has its checkpoint
    gateway.person()  # the folder comes with the first of them
    folder = Path(settings.data_dir) / "logs"
    file = folder / "audit.log"
    body = gateway.client.get("/api/v1/health").json()
    assert body["components"]["audit"] == {"status": "up", "ms": 0.0, "detail": ""}
    file.unlink(missing_ok=True)
    file.mkdir()
    try:
        gateway.person()
        body = gateway.client.get("/api/v1/health").json()
        assert body["components"]["audit"]["status"] == "degraded"
        assert "can't be written" in body["components"]["audit"]["detail"]
    finally:
        file.rmdir()
    gateway.person()
    assert gateway.client.get("/api/v1/health").json()["components"]["audit"]["status"] == "up"
