"""The few calls of GitHub's and GitLab's APIs that are used, answered by a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass
class Api:
    """A pull request's comments. `comments` are as the API gives them; `refused` maps `METHOD` to the status with which it answers; `seen` is what came."""

    url: str
    user: dict[str, Any] | None = None
    bot: dict[str, Any] = field(default_factory=lambda: {"login": "github-actions[bot]", "type": "Bot"})
    comments: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, list[str]], sent: dict[str, Any]) -> tuple[int, Any]:
        if path == "/user":
            return (200, self.user) if self.user else (403, {"message": "Resource not accessible by integration"})
        if method in self.refused:
            return self.refused[method], {"message": "no"}
        if method == "GET":
            size, page = int(query["per_page"][0]), int(query["page"][0])
            return 200, self.comments[size * (page - 1) : size * page]
        if method == "POST":
            made = {"id": 900 + len(self.comments), "body": sent["body"], "user": self.user or self.bot, "author": self.user}
            self.comments.append(made)
            return 201, made | {"html_url": f"https://forge.example/c/{made['id']}"}
        found = next(one for one in self.comments if str(one["id"]) == path.rpartition("/")[2])
        found["body"] = sent["body"]
        return 200, found | {"html_url": f"https://forge.example/c/{found['id']}"}


@pytest.fixture
def api() -> Iterator[Api]:
    """The API, answering."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            sent = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            found.seen.append((self.command, parts.path, {name.upper(): value for name, value in self.headers.items()}))
            status, body = found.answer(self.command, parts.path, parse_qs(parts.query), sent)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = handle_one

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Api(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
