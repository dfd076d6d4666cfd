"""The HTTP side: one request in, one query run, one response out, with ClickHouse's headers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from app.adapters.embedded.clickhouse_server import request
from app.adapters.embedded.clickhouse_server.disconnects import Disconnects
from app.adapters.embedded.clickhouse_server.encoding import encode
from app.adapters.embedded.clickhouse_server.engine import Call, Engine
from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.statement import parse
from app.adapters.embedded.clickhouse_server.users import User, Users

_IDLE_SECONDS = 300.0
_TEXT = "text/plain; charset=UTF-8"
_CONTENT_TYPES = {
    "Native": "application/octet-stream",
    "RowBinary": "application/octet-stream",
    "RowBinaryWithNamesAndTypes": "application/octet-stream",
    "Arrow": "application/octet-stream",
    "ArrowStream": "application/octet-stream",
    "Parquet": "application/octet-stream",
    "JSON": "application/json; charset=UTF-8",
    "JSONCompact": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": "text/csv; charset=UTF-8; header=present",
}
_TAB_SEPARATED = "text/tab-separated-values; charset=UTF-8"


class Server(ThreadingHTTPServer):
    """Serves an engine to its users on loopback."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, port: int, users: Users, engine: Callable[[], Engine]) -> None:
        super().__init__(("127.0.0.1", port), Handler)  # first: a taken port is known before the engine is loaded
        self.users = users
        self.engine = engine()
        self.disconnects = Disconnects(self.engine.cancel)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is no error."""


class Handler(BaseHTTPRequestHandler):
    """One connection; its requests one after another."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "ClickHouse"
    sys_version = ""
    timeout = _IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = 1 << 16

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Queries and parameters are not logged: they may hold values."""

    def do_GET(self) -> None:
        """A query in the URL, which may only read; `/ping`."""
        self._serve()

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """A query in the URL or the body."""
        self._serve()

    def _serve(self) -> None:
        query_id = str(uuid.uuid4())
        self.body_read = False
        try:
            target = urlsplit(self.path)
            sent = request.parameters(target.query)
            query_id = _clean(sent.get("query_id", "")) or query_id
            if target.path in ("/ping", "/replicas_status") or (target.path == "/" and self.command != "POST" and "query" not in sent):
                self.body_read = self.command != "POST"
                self._send(200, b"Ok.\n", _TEXT)
                return
            if target.path not in ("", "/"):
                raise Failure(48, "There is no handle for this path")
            user = self.server.users.authenticate(*request.credentials(self.headers, sent))
            content = request.body(self.headers, self.rfile) if self.command == "POST" else b""
            self.body_read = True
            self._query(user, sent, content, query_id)
        except Failure as failure:
            text = f"{failure.text} (version {self.server.engine.version} (chDB))\n".encode()
            self._send(
                failure.status, text, _TEXT, [("X-ClickHouse-Exception-Code", str(failure.code)), ("X-ClickHouse-Query-Id", query_id)]
            )

    def _query(self, user: User, sent: dict[str, str], content: bytes, query_id: str) -> None:
        if self.headers.get("Content-Type", "").lower().startswith("multipart/form-data"):
            sent |= request.form(self.headers, content)
            content = b""
        statement = parse(sent.get("query", ""), content)
        if self.command != "POST" and not statement.reads:
            raise Failure(164, "Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly")
        call = Call(
            user=user,
            statement=statement,
            database=sent.get("database") or self.headers.get("X-ClickHouse-Database") or self.server.engine.database,
            settings=user.settings(list(sent.items())),
            parameters={name[len("param_") :]: value for name, value in sent.items() if name.startswith("param_")},
            output_format=sent.get("default_format") or self.headers.get("X-ClickHouse-Format") or "TabSeparated",
            session=sent.get("session_id", ""),
            session_seconds=_seconds(sent.get("session_timeout", "60")),
        )
        with self.server.disconnects.during(self.connection, call.cancel_key):
            answer = self.server.engine.run(call)
        headers = [
            ("X-ClickHouse-Server-Display-Name", "embedded"),
            ("X-ClickHouse-Query-Id", query_id),
            ("X-ClickHouse-Format", answer.output_format),
            ("X-ClickHouse-Timezone", self.server.engine.timezone),
            ("X-ClickHouse-Summary", json.dumps(answer.summary)),
        ]
        wanted = self.headers.get("Accept-Encoding", "") if sent.get("enable_http_compression") == "1" else ""
        body, encoding = encode(answer.body, wanted)
        if encoding:
            headers.append(("Content-Encoding", encoding))
        self._send(200, body, _CONTENT_TYPES.get(answer.output_format, _TAB_SEPARATED), headers)

    def _send(self, status: int, body: bytes, content_type: str, headers: Sequence[tuple[str, str]] = ()) -> None:
        try:
            self.send_response(status)
            for name, value in (*headers, ("Content-Type", content_type), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            if not self.body_read and self.command == "POST":
                self.send_header("Connection", "close")  # what the client still sends must not be taken for a request
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            self.close_connection = True


def _clean(text: str) -> str:
    """A caller's query id as it may stand in a header."""
    return "".join(letter for letter in text[:128] if letter.isascii() and letter.isprintable())


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Failure(36, "Bad value of session_timeout") from None
