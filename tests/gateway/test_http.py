"""What every request meets: problem documents, limits, headers, correlation ids, logs and numbers."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.gateway.config import GatewayConfig
from app.service.deps import Deps
from tests.gateway.conftest import Gateway, problem, serving

LOGIN = "/api/v1/auth/login"


@pytest.fixture(scope="module")
def small(deps: Deps) -> Iterator[Gateway]:
    """A gateway with tight limits and one origin."""
    config = GatewayConfig(cors_origins=("https://bi.example.com",), max_body_bytes=1000, body_seconds=0.5)
    with serving(deps, config) as found:
        yield found


def raw(gateway: Gateway, request: bytes, wait: float = 10) -> bytes:
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"\xff\xfe\x00",
        b'{"email": "a", "password": "b"',
        b"{'a': 1}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"9" * 5000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_bodies_that_are_no_json(gateway: Gateway, body: bytes) -> None:
    answer = gateway.client.post(LOGIN, content=body, headers={"Content-Type": "application/json"})
    problem(answer, answer.status_code, str(answer.json()["code"]))
    assert (answer.status_code, answer.json()["code"]) in {(400, "DM7030"), (422, "DM7031")}


@pytest.mark.parametrize("body", [[], "text", 1, None, {}, {"email": 1, "password": 2}, {"email": "a", "password": "b", "more": 1}])
def test_json_that_is_not_what_is_asked_for(gateway: Gateway, body: Any) -> None:
    found = problem(gateway.client.post(LOGIN, content=json.dumps(body), headers={"Content-Type": "application/json"}), 422, "DM7031")
    assert all(item["message"] for item in found["problems"])


def test_fields_by_the_thousand_are_one_problem(gateway: Gateway) -> None:
    """Each that is told costs more than all the rest of a request."""
    body = {f"f{n}": n for n in range(50_000)}
    for sent in (body, {"email": "a", "password": "b", **body}):
        assert len(problem(gateway.client.post(LOGIN, json=sent), 422, "DM7031")["problems"]) == 1
    few = {"email": "a", "password": "b", "more": 1, "and more": 2}
    assert len(problem(gateway.client.post(LOGIN, json=few), 422, "DM7031")["problems"]) == 2


@pytest.mark.parametrize("parts", [b"[" + b"[]," * 60_000 + b"[]]", b'{"a": [' + b"{}," * 60_000 + b"{}]}"], ids=["lists", "objects"])
def test_parts_by_the_thousand_are_not_read(gateway: Gateway, parts: bytes) -> None:
    answer = gateway.client.post(LOGIN, content=parts, headers={"Content-Type": "application/json"})
    assert "50,000 lists and objects" in str(problem(answer, 400, "DM7030")["detail"])


def test_what_was_sent_is_not_repeated(gateway: Gateway) -> None:
    answer = gateway.client.post(LOGIN, json={"email": ["my-secret"], "password": {"a": "my-secret"}})
    assert len(problem(answer, 422, "DM7031")["problems"]) == 2
    assert "my-secret" not in answer.text


def test_a_password_with_half_a_character_is_told_apart_from_json(gateway: Gateway) -> None:
    answer = gateway.client.post(LOGIN, content=rb'{"email": "a@b.c", "password": "\ud800"}', headers={"Content-Type": "application/json"})
    problem(answer, 422, "DM7031")


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1", "/api/v1/", "/api/v2/ask", "/api/v1/auth/login/", "/api/v1/%00", "/..%2f..%2fetc", "/docs/x"]
)
def test_paths_that_are_none(gateway: Gateway, path: str) -> None:
    problem(gateway.client.get(path), 404, "DM7032")


@pytest.mark.parametrize(("method", "path"), [("GET", LOGIN), ("DELETE", "/api/v1/users"), ("PUT", "/live"), ("BREW", "/live")])
def test_methods_that_a_path_does_not_know(gateway: Gateway, method: str, path: str) -> None:
    answer = gateway.client.request(method, path)
    problem(answer, 405, "DM7033")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"]
)
def test_bodies_that_are_not_declared_as_json(gateway: Gateway, kind: str) -> None:
    """Also what a form on another site could send without asking: refused before anything is read."""
    answer = gateway.client.post(LOGIN, content=b'{"email": "a", "password": "b"}', headers={"Content-Type": kind})
    problem(answer, 415, "DM7035")


def test_a_charset_beside_json_is_fine(gateway: Gateway) -> None:
    body = b'{"email": "a@b.c", "password": "b"}'
    problem(gateway.client.post(LOGIN, content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}), 401, "DM7001")


def test_a_body_that_is_too_large(gateway: Gateway, small: Gateway) -> None:
    problem(gateway.client.post(LOGIN, json={"email": "a", "password": "b" * 1_000_000}), 413, "DM7034")
    problem(small.client.post(LOGIN, json={"email": "a", "password": "b" * 1000}), 413, "DM7034")


def test_a_body_in_chunks_is_counted_too(small: Gateway) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(50):
            yield b" " * 100

    problem(small.client.post(LOGIN, content=chunks(), headers={"Content-Type": "application/json"}), 413, "DM7034")


def test_a_length_that_lies_is_not_waited_for(small: Gateway) -> None:
    answer = raw(
        small, b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 413")


def test_a_body_that_never_comes(small: Gateway) -> None:
    began = time.monotonic()
    answer = raw(small, b'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a')
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"DM7038" in answer
    assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (LOGIN, "POST"),
        ("/api/v1/users", "GET, POST"),
        ("/api/v1/data-control/policies/some", "GET, PUT, PATCH, DELETE"),
        ("/api/v1/users/usr_x", "PATCH"),
        ("/live", "GET"),
    ],
)
def test_every_method_that_a_path_knows_is_told(gateway: Gateway, path: str, methods: str) -> None:
    assert gateway.client.options(path).headers["allow"] == methods


@pytest.mark.parametrize("given", ["abcdefgh", "01234567-89ab-cdef-0123-456789abcdef", "A.b_c-d1" * 8])
def test_a_harmless_correlation_id_is_kept(gateway: Gateway, given: str) -> None:
    assert gateway.client.get("/live", headers={"X-Correlation-ID": given}).headers["x-correlation-id"] == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "has space", "newline%0a", "<script>", "é" * 10, '"quoted-id"', "-leading-dash"])
def test_another_is_replaced(gateway: Gateway, given: str) -> None:
    found = gateway.client.get("/live", headers={"X-Correlation-ID": given.encode()}).headers["x-correlation-id"]
    assert re.fullmatch(r"cor_[0-9a-f]{32}", found)


@pytest.mark.parametrize("path", ["/live", "/nothing", "/docs", "/api/v1/auth/me", "/openapi.json"])
def test_security_headers_are_everywhere(gateway: Gateway, path: str) -> None:
    headers = gateway.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def preflight(gateway: Gateway, origin: str):
    return gateway.client.options(LOGIN, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})


def test_cors_is_off_unless_it_is_set(gateway: Gateway, small: Gateway) -> None:
    assert "access-control-allow-origin" not in preflight(gateway, "https://bi.example.com").headers
    assert preflight(small, "https://bi.example.com").headers["access-control-allow-origin"] == "https://bi.example.com"
    assert "access-control-allow-origin" not in preflight(small, "https://evil.example.com").headers
    wrong = small.client.get("/nothing", headers={"Origin": "https://bi.example.com"})
    assert wrong.headers["access-control-allow-origin"] == "https://bi.example.com"
    assert "access-control-allow-credentials" not in wrong.headers


def test_what_nobody_foresaw_is_an_id(deps: Deps, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_arguments: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.service.auth.login", break_down)
    with serving(deps) as broken, capture_logs() as lines:
        answer = broken.client.post(LOGIN, json={"email": "a@b.c", "password": "b"})
    body = problem(answer, 500, "DM9001")
    assert "secret detail" not in answer.text
    incident = re.search(r"inc_[0-9a-f]{32}", str(body["detail"]))
    assert incident is not None
    line = next(line for line in lines if line["event"] == "unexpected_error")
    assert line["incident"] == incident.group()
    assert any("RuntimeError" in part for part in line["trace"])
    assert any("in break_down" in part for part in line["trace"])
    assert "secret detail" not in str(line)


def test_logs_say_what_was_answered_and_nothing_that_was_sent(gateway: Gateway) -> None:
    secret = "do-not-log-this"
    with capture_logs() as lines:
        gateway.client.post(f"{LOGIN}?q={secret}", json={"email": f"{secret}@example.com", "password": secret})
        gateway.client.get(f"/api/v1/users/{secret}", headers={"Authorization": f"Bearer {secret}"})
    found = [line for line in lines if line["event"] == "request" and line["route"] != "unmatched"]  # a request of before may be told late
    routes = [(line["method"], line["route"], line["status"]) for line in found]
    assert routes == [("POST", LOGIN, 401), ("GET", "/api/v1/users/{user_id}", 405)]
    assert secret not in str(lines)


def test_prometheus_counts_by_route_template(gateway: Gateway) -> None:
    for _ in range(3):
        gateway.client.patch("/api/v1/users/usr_x", json={})
        gateway.client.get("/never/heard/of/it")
    answer = gateway.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert re.search(r'datamind_http_requests_total\{method="PATCH",route="/api/v1/users/\{user_id\}",status="401"\} [3-9]', text)
    assert 'route="unmatched"' in text
    assert "/never/heard" not in text
    assert "datamind_http_request_seconds_bucket" in text
    assert "datamind_working 0.0" in text


def test_probes_tell_what_is_missing(gateway: Gateway) -> None:
    for prefix in ("", "/api/v1"):
        assert gateway.client.get(f"{prefix}/live").json() == {"status": "alive"}
        problem(gateway.client.get(f"{prefix}/ready"), 503, "DM7039")
        body = gateway.client.get(f"{prefix}/health").json()
        assert {"version", "operational_mode", "health_score", "components", "uptime_seconds"} <= set(body)
        assert set(body["components"]) == {"database", "llm", "redis", "vector_db", "dbt", "policies", "audit"}
        assert body["components"]["redis"]["status"] == "up"
        assert body["operational_mode"] == "CONFIGURATION"  # no layer was published, no engine is there
        assert body["uptime_seconds"] >= 0


def test_without_a_layer_the_layers_routes_say_so(gateway: Gateway) -> None:
    answer = gateway.client.get("/api/v1/metrics", headers=gateway.bearer("viewer"))
    problem(answer, 503, "DM8001")
    assert answer.headers["retry-after"]
