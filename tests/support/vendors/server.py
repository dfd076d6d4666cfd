"""A server that answers in a vendor's form, keeps what it received, and has one fault for each of the next requests."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Form:
    """A vendor's wire form from the server's side."""

    key: str = ""
    model: str = ""
    base = ""
    """What the vendor's URL has behind host and port."""
    probe = ""
    structured = True

    def __init__(self, key: str, model: str) -> None:
        self.key = key
        self.model = model

    def allowed(self, headers: Mapping[str, str]) -> bool:
        return headers.get("authorization") == f"Bearer {self.key}"

    def wrong(self, path: str, body: Any) -> str:
        """What is wrong with a request, "" where nothing is."""
        raise NotImplementedError

    def answer(self, text: str, tokens_in: int, tokens_out: int) -> Any:
        raise NotImplementedError

    def tool_call(self, name: str) -> Any:
        raise NotImplementedError

    def cut(self, text: str) -> Any:
        raise NotImplementedError

    def refusal(self) -> Any:
        raise NotImplementedError

    def error(self, message: str) -> Any:
        return {"error": {"message": message, "type": "invalid_request_error"}}

    def words(self, body: Any) -> list[str]:
        """Every text that the request says, ours and the user's."""
        raise NotImplementedError

    def schema(self, body: Any) -> Any:
        """The JSON Schema of the request, None without one."""
        raise NotImplementedError


@dataclass
class Received:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes
    body: Any


Fault = Callable[["Handler", "FakeVendor"], None]


@dataclass
class FakeVendor:
    """`faults` are for the next requests, one each; after them `always`, else `says` is what the model says. `done` ends what goes on for ever."""

    form: Form
    url: str = ""
    says: Callable[[Any], str] | str = '{"metrics": ["revenue"]}'
    tokens: tuple[int, int] = (120, 30)
    faults: deque[Fault] = field(default_factory=deque)
    always: Fault | None = None
    log: list[Received] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def posts(self) -> list[Received]:
        return [one for one in self.log if one.method == "POST"]

    def text(self, body: Any) -> str:
        return self.says if isinstance(self.says, str) else self.says(body)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    vendor: FakeVendor

    def log_message(self, *args: Any) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        self._received(b"")
        if self._refused():
            return
        self.send(200 if self.path == self.vendor.form.probe else 404, {"ok": True})

    def do_POST(self) -> None:
        body = self._received(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        fault = self.vendor.faults.popleft() if self.vendor.faults else self.vendor.always
        if fault is not None:
            fault(self, self.vendor)
            return
        if self._refused():
            return
        if wrong := self.vendor.form.wrong(self.path, body):
            self.send(400, self.vendor.form.error(wrong))
            return
        self.send(200, self.vendor.form.answer(self.vendor.text(body), *self.vendor.tokens))

    def send(self, status: int, body: Any, *, content_type: str = "application/json", headers: Mapping[str, str] | None = None) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _received(self, raw: bytes) -> Any:
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.vendor.log.append(Received(self.command, self.path, headers, raw, body))
        return body

    def _refused(self) -> bool:
        if self.vendor.form.allowed(self.vendor.log[-1].headers):
            return False
        self.send(401, self.vendor.form.error("no such key"))
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up in the middle of faults."""


@contextmanager
def serving(form: Form) -> Iterator[FakeVendor]:
    """The vendor on a free port of the loopback interface, for as long as the block runs."""
    vendor = FakeVendor(form)
    server = _Server(("127.0.0.1", 0), type("OfVendor", (Handler,), {"vendor": vendor}))
    vendor.url = f"http://127.0.0.1:{server.server_port}{form.base}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        vendor.done.set()
        server.shutdown()
        server.server_close()
        thread.join()
