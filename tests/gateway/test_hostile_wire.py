"""Bytes that are no decent request: refused or cut off, soon, and the gateway goes on."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Iterator

import pytest

from app.gateway.config import GatewayConfig
from app.service.deps import Deps
from tests.gateway.conftest import Gateway, problem, serving
from tests.security.faults import INSIDES, MOST_SECONDS, late

POST = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
GET = b"GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\n"
END = b"Connection: close\r\n\r\n"
BODY = b'{"email": "a@b.c", "password": "b"}'


def raw(gateway: Gateway, *parts: bytes, pause: float = 0.0) -> bytes:
    """What comes back, up to the end of the connection."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
        except OSError:
            pass  # it has answered and hung up
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


REFUSED = {
    "garbage": [b"\x00\xff" * 1_000 + b"\r\n\r\n"],
    "a handshake of TLS": [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n"],
    "HTTP/2": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    "a huge header": [GET + b"X-A: " + b"a" * 1_000_000 + b"\r\n" + END],
    "many headers": [GET + b"".join(b"X-%d: a\r\n" % n for n in range(50_000)) + END],
    "a path without end": [b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n" + END],
    "a method without end": [b"A" * 1_000_000 + b" / HTTP/1.1\r\nHost: x\r\n" + END],
    "no host": [b"GET /live HTTP/1.1\r\n" + END],
    "a space before a colon": [GET + b"Authorization : Bearer x\r\n" + END],
    "a folded header": [GET + b"X-A: a\r\n b\r\n" + END],
    "a null byte in a header": [GET + b"X-A: a\x00b\r\n" + END],
    "two lengths": [POST + b"Content-Length: 5\r\nContent-Length: 6\r\n" + END + BODY],
    "no length": [POST + b"Content-Length: -1\r\n" + END + BODY],
    "a length beyond numbers": [POST + b"Content-Length: " + b"9" * 5_000 + b"\r\n" + END + BODY],
    "chunks that are none": [POST + b"Transfer-Encoding: chunked\r\n" + END + b"zz\r\n{}\r\n0\r\n\r\n"],
    "a chunk beyond numbers": [POST + b"Transfer-Encoding: chunked\r\n" + END + b"f" * 5_000 + b"\r\n"],
    "an encoding that nobody knows": [POST + b"Transfer-Encoding: gzip, chunked\r\n" + END + b"0\r\n\r\n"],
    "a body too large, in chunks": [
        POST + b"Transfer-Encoding: chunked\r\n" + END,
        *[b"fffff\r\n" + b" " * 0xFFFFF + b"\r\n"] * 3,
        b"0\r\n\r\n",
    ],
    "a body too large, with its length": [POST + b"Content-Length: 3000000\r\n" + END, b" " * 3_000_000],
    "a body in one-byte chunks": [POST + b"Transfer-Encoding: chunked\r\n" + END + b"1\r\n \r\n" * 50_000 + b"0\r\n\r\n"],
    "many tokens": [GET + b"Authorization: Bearer x\r\n" * 500 + END],
    "a long token": [GET + b"Authorization: Bearer " + b"eyJhbGciOiJub25lIn0." * 2_500 + b"\r\n" + END],
    "a token of other letters": [GET + b"Authorization: Bearer \xff\xfe\xe9\r\n" + END],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_decent_request_is_refused_soon(gateway: Gateway, name: str) -> None:
    answers = []
    assert not late(lambda: answers.append(raw(gateway, *REFUSED[name])))
    status = answers[-1][:13]
    assert status.startswith(b"HTTP/1.1 4"), answers[-1][:300]
    assert INSIDES.search(answers[-1].decode("latin-1")) is None
    assert gateway.client.get("/live").status_code == 200


@pytest.mark.parametrize(
    "packed", [gzip.compress(b" " * 50_000_000), zlib.compress(BODY), gzip.compress(BODY)], ids=["bomb", "deflate", "gzip"]
)
def test_nothing_is_unpacked(gateway: Gateway, packed: bytes) -> None:
    for encoding in ("gzip", "deflate", "br", "gzip, gzip"):
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
        problem(gateway.client.post("/api/v1/auth/login", content=packed, headers=headers), 400, "DM7030")


@pytest.fixture(scope="module")
def hasty(deps: Deps) -> Iterator[Gateway]:
    """As by default, in a fifth of the time."""
    with serving(deps, GatewayConfig(body_seconds=GatewayConfig().body_seconds / 5)) as found:
        yield found


SLOW = {
    "that trickles": ([POST + b"Content-Length: 1000\r\n" + END, *[b" "] * 30], b"408"),
    "that trickles in chunks": ([POST + b"Transfer-Encoding: chunked\r\n" + END, *[b"1\r\n \r\n"] * 30], b"408"),
    "too large, that trickles on": (
        [POST + b"Transfer-Encoding: chunked\r\n" + END, b"fffff\r\n" + b" " * 0xFFFFF + b"\r\n", *[b"1\r\n \r\n"] * 30],
        b"413",
    ),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_body_is_not_waited_for(hasty: Gateway, name: str) -> None:
    """However it is sent, the answer comes when the time for a body is over: by default before six seconds."""
    assert GatewayConfig().body_seconds < MOST_SECONDS - 0.5
    parts, status = SLOW[name]
    answers: list[bytes] = []
    assert not late(lambda: answers.append(answered(hasty, parts)), 1.9)
    assert answers[-1].startswith(b"HTTP/1.1 " + status)


def answered(gateway: Gateway, parts: list[bytes]) -> bytes:
    """The answer's beginning, while the rest is still being sent."""
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
            connection.settimeout(0.1)
            try:
                return connection.recv(65536)
            except TimeoutError:
                connection.settimeout(30)
        return b""
