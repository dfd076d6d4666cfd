"""What goes wrong with servers."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

from tests.support.vendors.server import FakeVendor, Fault, Handler

Answer = Callable[[FakeVendor], Any]


def status(code: int, **headers: str) -> Fault:
    """That status, with the headers (`retry_after` is Retry-After)."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda handler, vendor: handler.send(code, vendor.form.error("the server is at fault, says sk-echo"), headers=named)


def says(answer: Answer) -> Fault:
    """A whole answer in the vendor's form, which is no good."""
    return lambda handler, vendor: handler.send(200, answer(vendor))


def raw(data: bytes, content_type: str = "application/json", **headers: str) -> Fault:
    """That body."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return lambda handler, vendor: handler.send(200, data, content_type=content_type, headers=named)


def redirect(to: str, code: int = 307) -> Fault:
    return lambda handler, vendor: handler.send(code, b"", headers={"Location": to})


def reset(handler: Handler, vendor: FakeVendor) -> None:
    """The connection is reset before an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def reset_within(handler: Handler, vendor: FakeVendor) -> None:
    """The connection is reset in the middle of one."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" + b'{"a": ')
    handler.wfile.flush()
    reset(handler, vendor)


def silent(handler: Handler, vendor: FakeVendor) -> None:
    """Nothing comes."""
    vendor.done.wait(20)
    handler.close_connection = True


def endless(piece: bytes, pause: float) -> Fault:
    """A body that never ends: fast, it comes to the cap; slowly, to the deadline."""

    def fault(handler: Handler, vendor: FakeVendor) -> None:
        _head(handler)
        while not vendor.done.is_set():
            _chunk(handler, piece)
            vendor.done.wait(pause)

    return fault


def slow_headers(handler: Handler, vendor: FakeVendor) -> None:
    """A byte of a header at a time: no single wait is long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Slow: ")
    while not vendor.done.is_set():
        handler.wfile.write(b"x")
        handler.wfile.flush()
        vendor.done.wait(0.05)


def huge(handler: Handler, vendor: FakeVendor) -> None:
    """A body that says that it is of a terabyte."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1099511627776\r\n\r\n")
    while not vendor.done.is_set():
        handler.wfile.write(b" " * 65_536)


def truncated(vendor: FakeVendor) -> bytes:
    """Half of a good answer."""
    whole = json.dumps(vendor.form.answer('{"metrics": ["revenue"]}', 1, 11)).encode()
    return whole[: len(whole) // 2]


def _head(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")


def _chunk(handler: Handler, piece: bytes) -> None:
    handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
    handler.wfile.flush()
