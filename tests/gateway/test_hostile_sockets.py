"""Web sockets and streams of events under attack: who may not listen learns nothing, who may can send nothing that does harm."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from app.gateway import streams
from app.model.jobs import JobKind
from app.model.principal import Role
from app.service import jobs
from tests.gateway.conftest import Gateway, wait_until
from tests.security.faults import INSIDES, late

EVENTS = "/api/v1/events"
GONE = "ASGI callable returned without completing handshake."
"""What the server logs where a client has what it wanted of a refusal and leaves before the last byte of it."""


@pytest.fixture(autouse=True)
def _no_exception(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that was sent is a surprise to the server."""
    with caplog.at_level(logging.ERROR):
        yield
    assert [told for record in caplog.records if (told := record.getMessage()) != GONE] == []


def opened(gateway: Gateway, path: str = EVENTS, **headers: str) -> tuple[socket.socket, bytes]:
    """A connection that asks to become a web socket, and what it is answered."""
    host, port = gateway.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    given = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "A" * 22 + "==",
    }
    given |= headers or gateway.bearer(Role.ADMIN)
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    answer = b""
    while b"\r\n\r\n" not in answer and (chunk := connection.recv(65536)):
        answer += chunk
    return connection, answer


def frame(opcode: int, data: bytes = b"", first: int = 0x80) -> bytes:
    """A masked frame; `first` has the bits before the opcode: by default that it is the last of its message."""
    length = (
        bytes([0x80 | len(data)])
        if len(data) < 126
        else b"\xfe" + len(data).to_bytes(2)
        if len(data) < 2**16
        else b"\xff" + len(data).to_bytes(8)
    )
    return bytes([first | opcode]) + length + bytes(4) + data


REFUSED: dict[str, tuple[str, dict[str, str], int]] = {
    "nobody": (EVENTS, {"X-A": "a"}, 401),
    "a token that is none": (EVENTS, {"Authorization": "Bearer " + "a." * 2_000}, 401),
    "a token without end": (EVENTS, {"Authorization": "Bearer " + "a." * 20_000}, 431),
    "another scheme": (EVENTS, {"Authorization": "Basic YTpi"}, 401),
    "a subprotocol without a token": (EVENTS, {"Sec-WebSocket-Protocol": "bearer"}, 401),
    "many subprotocols": (EVENTS, {"Sec-WebSocket-Protocol": "bearer, " + ", ".join(f"a{n}" for n in range(1_000))}, 401),
    "a path without end": ("/api/v1/jobs/" + "a" * 30_000 + "/events", {}, 414),
    "many headers": (EVENTS, {f"X-{n}": "a" for n in range(500)}, 431),
    "a number that is none": (EVENTS + "?after=" + "9" * 5_000, {}, 422),
    "a parameter that is none": (EVENTS + "?after=1&after=" + "a" * 1_000, {}, 422),
    "other digits": (EVENTS + "?after=%D9%A3", {}, 422),
    "less than nothing": (EVENTS + "?after=-1", {}, 422),
    "half a character": (EVENTS + "?after=%ED%A0%80", {}, 422),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_handshake_is_refused_at_once(gateway: Gateway, name: str) -> None:
    """With a problem document, where it could be read at all."""
    path, headers, status = REFUSED[name]
    connection, answer = opened(gateway, path, **headers)
    connection.close()
    assert answer.startswith(b"HTTP/1.1 %d" % status), answer[:200]
    assert status in (414, 431) or b"application/problem+json" in answer
    assert INSIDES.search(answer.decode()) is None


@pytest.mark.parametrize("job", ["%00%ff%F0%9F%92%A9", "job_" + "0" * 32, "a" * 1_000, "..%2f..%2fetc", "job_%0a"])
def test_a_job_that_is_none_has_no_events(gateway: Gateway, job: str) -> None:
    path = f"/api/v1/jobs/{job}/events"
    answer = gateway.client.get(path, headers=gateway.bearer(Role.ADMIN))
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    if "%2f" not in job:
        url = gateway.url.replace("http", "ws", 1) + path
        with connect(url, additional_headers=gateway.bearer(Role.ADMIN)) as listener, pytest.raises(ConnectionClosedError) as raised:
            listener.recv(timeout=10)
        assert raised.value.rcvd is not None
        assert (raised.value.rcvd.code, raised.value.rcvd.reason) == (1008, "DM8030")


@pytest.mark.parametrize("last", ["-1", "9" * 5_000, "1e3", "٣".encode(), b"\xff", "9223372036854775808", "1, 2"])
def test_a_number_that_no_event_has_is_refused(gateway: Gateway, last: str | bytes) -> None:
    answer = gateway.client.get(EVENTS, headers={**gateway.bearer(Role.ADMIN), "Last-Event-ID": last})
    assert (answer.status_code, answer.json()["code"]) == (422, "DM7031")


TEXT, BINARY, PART, CLOSE, PING, MORE = 1, 2, 0, 8, 9, 0
SENT: dict[str, bytes] = {
    "a text": frame(TEXT, b"{}"),
    "bytes": frame(BINARY, bytes(range(100))),
    "json without end": frame(TEXT, b"[" * 60_000),
    "no text": frame(TEXT, b"\xff\xfe\xfd"),
    "a message too large": frame(BINARY, bytes(2_000_000)),
    "a message of a size that no memory has": bytes([0x82, 0xFF]) + (2**62).to_bytes(8) + bytes(1_000),
    "a message too large, in parts": frame(BINARY, bytes(1_000), MORE) + frame(PART, bytes(1_000), MORE) * 500,
    "a message that never ends": frame(TEXT, b"a", MORE) + frame(PART, b"", MORE) * 5_000,
    "many messages": frame(TEXT, b"{}") * 20_000,
    "many pings": frame(PING, bytes(125)) * 5_000,
    "a continuation of nothing": frame(PART, b"a"),
    "a ping too large": frame(PING, bytes(500)),
    "a ping in parts": frame(PING, b"a", MORE),
    "bits that mean nothing": frame(TEXT, b"a", 0xF0),
    "a kind that is none": frame(7, b"a"),
    "no mask": b"\x81\x01a",
    "a farewell that is none": frame(CLOSE, b"\x00"),
    "a farewell of a number that is none": frame(CLOSE, b"\xff\xff" + b"a" * 100),
    "another protocol": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a frame": b"\x81",
}


@pytest.mark.parametrize("name", SENT)
def test_what_a_listener_sends_does_no_harm(gateway: Gateway, name: str) -> None:
    """It is ignored or ends the connection; other listeners hear what happens all the same."""
    url = gateway.url.replace("http", "ws", 1) + EVENTS
    attacker, answer = opened(gateway)
    assert answer.startswith(b"HTTP/1.1 101")
    with attacker, connect(url, additional_headers=gateway.bearer(Role.ADMIN)) as other:
        with suppress(OSError):  # it may be hung up on
            attacker.sendall(SENT[name])
        asked = jobs.request(gateway.deps, JobKind.SYNC, {"reason": name}, trigger="admin", by="usr_ana")
        assert asked is not None
        assert not late(lambda: gateway.client.get("/live").raise_for_status())
        assert json.loads(other.recv(timeout=10))["job_id"] == asked.id


def test_places_of_listeners_that_went_without_a_word_are_free_at_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 1)

    def free() -> bool:
        connection, answer = opened(gateway)
        with connection, suppress(OSError):
            connection.sendall(frame(BINARY, bytes(2_000_000)))
        return answer.startswith(b"HTTP/1.1 101")

    for _ in range(3):
        wait_until(free, seconds=5)
