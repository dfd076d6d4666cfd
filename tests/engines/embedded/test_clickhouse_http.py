"""ClickHouse's HTTP interface itself: methods, headers, statuses, bodies, and clients that misbehave or leave."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest


class Caller:
    """Requests of one account over one kept connection."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self.headers = {"X-ClickHouse-User": place.username or "", "X-ClickHouse-Key": place.password or ""}
        self.connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)

    def __call__(
        self,
        method: str = "POST",
        body: Any = None,
        *,
        path: str = "/",
        headers: Mapping[str, str] | None = None,
        chunked: bool = False,
        **query: str,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        target = path + ("?" + urlencode(query) if query else "")
        self.connection.request(method, target, body, {**self.headers, **(headers or {})}, encode_chunked=chunked)
        response = self.connection.getresponse()
        return response, response.read()


@pytest.fixture
def call(served: Any) -> Iterator[Caller]:
    caller = Caller(served.owner_url)
    yield caller
    caller.connection.close()


@pytest.fixture
def read(served: Any) -> Iterator[Caller]:
    caller = Caller(served.reader_url)
    yield caller
    caller.connection.close()


def test_ping_needs_no_password(call: Caller) -> None:
    call.headers = {}
    assert call("GET", path="/ping")[1] == b"Ok.\n"
    assert call("HEAD", path="/ping")[1] == b""


def test_the_query_may_be_in_the_url_the_body_or_both(call: Caller) -> None:
    assert call("GET", query="SELECT 1")[1] == b"1\n"
    assert call(body="SELECT 1")[1] == b"1\n"
    assert call(body="UNION ALL SELECT 1", query="SELECT 1")[1] == b"1\n1\n"


def test_formats_and_headers(call: Caller) -> None:
    response, body = call(body="SELECT 1 AS a", default_format="JSONEachRow", query_id="mine\r\nX: y")
    assert (response.headers["X-ClickHouse-Format"], body) == ("JSONEachRow", b'{"a":1}\n')
    assert response.headers["X-ClickHouse-Query-Id"] == "mineX: y"
    assert response.headers["X-ClickHouse-Timezone"] in ("UTC", "Etc/UTC")
    assert json.loads(response.headers["X-ClickHouse-Summary"])["result_rows"] == "1"
    response, body = call(body="SELECT 1 AS a FORMAT CSVWithNames", default_format="Native")
    assert (response.headers["X-ClickHouse-Format"], body) == ("CSVWithNames", b'"a"\n1\n')
    response, body = call(body="SELECT 1 AS a", headers={"X-ClickHouse-Format": "CSV"})
    assert body == b"1\n"


def test_get_only_reads(call: Caller) -> None:
    response, body = call("GET", query="CREATE TABLE made_by_get (a Int8) ENGINE = Memory")
    assert response.status == 500
    assert response.headers["X-ClickHouse-Exception-Code"] == "164"
    assert body.startswith(b"Code: 164. DB::Exception: ")


@pytest.mark.parametrize(
    ("query", "status", "code"), [("SELECT nope", 404, "47"), ("SELECT", 400, "62"), ("SELECT 1; SELECT 2", 400, "62")]
)
def test_statuses_of_failures(call: Caller, query: str, status: int, code: str) -> None:
    response, body = call(body=query)
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (status, code)
    assert body.count(b"DB::Exception") == 1
    assert call(body="SELECT 1")[1] == b"1\n"  # on the same connection


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-ClickHouse-User": "reader"},
        {"X-ClickHouse-User": "reader", "X-ClickHouse-Key": "wrong"},
        {"X-ClickHouse-User": "default"},
        {"X-ClickHouse-User": "nobody", "X-ClickHouse-Key": ""},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic cmVhZGVyOndyb25n"},
        {"Authorization": "Bearer x"},
    ],
)
def test_wrong_credentials(call: Caller, headers: dict[str, str]) -> None:
    call.headers = {}
    response, _body = call(body="SELECT 1", headers=headers)
    assert (response.status, response.headers["X-ClickHouse-Exception-Code"]) == (403, "516")


def test_credentials_in_the_url(call: Caller) -> None:
    user, password = call.headers["X-ClickHouse-User"], call.headers["X-ClickHouse-Key"]
    call.headers = {}
    assert call(body="SELECT 1", user=user, password=password)[1] == b"1\n"


def test_chunked_and_compressed_bodies(call: Caller) -> None:
    call(body="CREATE OR REPLACE TABLE chunked (a UInt32) ENGINE = Memory")
    rows = "\n".join(str(n) for n in range(1000)).encode()
    call(
        body=iter([rows[:100], rows[100:]]), chunked=True, headers={"Transfer-Encoding": "chunked"}, query="INSERT INTO chunked FORMAT TSV"
    )
    call(body=gzip.compress(rows), headers={"Content-Encoding": "gzip"}, query="INSERT INTO chunked FORMAT TSV")
    call(body=b"INSERT INTO chunked FORMAT TSV\n" + rows)
    assert call(body="SELECT count(), sum(a) FROM chunked")[1] == b"3000\t1498500\n"


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Encoding": "gzip"}, b"not gzip", 400),
        ({"Content-Encoding": "br"}, b"x", 501),
        ({"Content-Length": "99999999999"}, b"", 413),
        ({"Content-Length": "-1"}, b"", 411),
        ({"Transfer-Encoding": "chunked"}, b"zz\r\n", 400),
        ({"Transfer-Encoding": "chunked"}, b"fffffffffff\r\n", 413),
        ({}, b"\xff\xfe", 400),
    ],
)
def test_bad_bodies(call: Caller, headers: dict[str, str], body: bytes, status: int) -> None:
    assert call(body=body, headers=headers)[0].status == status
    assert call(body="SELECT 1")[0].status == 200


def test_a_compressed_bomb_is_refused(call: Caller) -> None:
    bomb = gzip.compress(bytes(1 << 20), 9) * 520  # members of one stream
    assert call(body=bomb, headers={"Content-Encoding": "gzip"})[0].status == 413


def test_responses_are_compressed_when_asked(call: Caller) -> None:
    sql = "SELECT number FROM numbers(10000)"
    response, body = call(body=sql, headers={"Accept-Encoding": "gzip"}, enable_http_compression="1")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).count(b"\n") == 10000
    assert "Content-Encoding" not in call(body=sql, headers={"Accept-Encoding": "gzip"})[0].headers


def test_forms(call: Caller) -> None:
    form = (
        b'--B\r\nContent-Disposition: form-data; name="query"\r\n\r\nSELECT {x:String}\r\n--B\r\n'
        b'Content-Disposition: form-data; name="param_x"\r\n\r\n\xc5\xbe\r\n--B--\r\n'
    )
    assert call(body=form, headers={"Content-Type": "multipart/form-data; boundary=B"})[1].decode() == "ž\n"
    files = b'--B\r\nContent-Disposition: form-data; name="t"; filename="t"\r\n\r\n1\r\n--B--\r\n'
    assert call(body=files, headers={"Content-Type": "multipart/form-data; boundary=B"}, query="SELECT 1")[0].status == 501


def test_a_session_in_use_is_locked(served: Any) -> None:
    one, two = Caller(served.owner_url), Caller(served.owner_url)
    one.connection.request("POST", "/?session_id=s", "SELECT sleep(1)", one.headers)
    time.sleep(0.3)
    response, _body = two(body="SELECT 1", session_id="s")
    assert response.headers["X-ClickHouse-Exception-Code"] == "373"
    assert one.connection.getresponse().read() == b"0\n"
    assert two(body="SELECT 1", session_id="s")[1] == b"1\n"
    one.connection.close()
    two.connection.close()


@pytest.mark.parametrize("path", ["/x", "/play", "//etc/passwd"])
def test_other_paths_are_refused(call: Caller, path: str) -> None:
    assert call("GET", path=path)[0].status in (403, 501)


def test_a_query_ends_when_its_client_leaves(call: Caller, read: Caller) -> None:
    marker = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'"
    read.connection.request("POST", "/", "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1", read.headers)
    deadline = time.monotonic() + 10
    while call(body=marker)[1] != b"1\n" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert read.connection.sock is not None
    read.connection.sock.shutdown(socket.SHUT_RDWR)
    read.connection.close()
    while call(body=marker)[1] != b"0\n" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert call(body=marker)[1] == b"0\n"


def test_clients_that_leave_early_or_send_nonsense_harm_nothing(served: Any, call: Caller) -> None:
    place = urlsplit(served.reader_url)
    for text in (
        b"",
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((place.hostname or "", place.port or 0)) as connection:
            connection.sendall(text)
    assert call(body="SELECT 1")[1] == b"1\n"


def test_what_an_unknown_client_still_sends_is_no_request(served: Any) -> None:
    """The body of a refused request must not be read as the next one."""
    place = urlsplit(served.reader_url)
    with socket.create_connection((place.hostname or "", place.port or 0)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nGET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        connection.settimeout(5)
        try:
            while chunk := connection.recv(4096):
                said += chunk
        except ConnectionResetError:
            pass
    assert said.count(b"HTTP/1.1 ") == 1
    assert b"Code: 516" in said
