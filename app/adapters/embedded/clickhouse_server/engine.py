"""chDB as a server's engine: a connection for each query, or for each session that keeps temporary tables; cancellation; plain results."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.adapters.embedded.clickhouse_server import guard
from app.adapters.embedded.clickhouse_server.failure import Failure
from app.adapters.embedded.clickhouse_server.grants import Grants
from app.adapters.embedded.clickhouse_server.statement import Statement
from app.adapters.embedded.clickhouse_server.users import Settings, User
from app.adapters.own_schemas import CLICKHOUSE_VIEWS

MAX_QUERIES = 64
_SESSION_SECONDS = 60.0
_MAX_SESSION_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Call:
    """One query as asked: `cancel_key` is ours and unique, so that a disconnect cancels this query and no other."""

    user: User
    statement: Statement
    database: str = ""
    settings: Settings = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    output_format: str = "TabSeparated"
    session: str = ""
    session_seconds: float = _SESSION_SECONDS
    cancel_key: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True, slots=True)
class Answer:
    """The result's bytes in `output_format` (that of the data after an INSERT), and ClickHouse's summary of the work."""

    body: bytes
    output_format: str
    summary: Mapping[str, str]


class _Session:
    """A connection that outlives a query, with its temporary tables; one query at a time."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.lock = threading.Lock()
        self.last_used = time.monotonic()
        self.seconds = _SESSION_SECONDS
        self.kept: dict[str, str] = {}  # settings that a SET statement of the session itself made


class Engine:
    """The engine on one data directory; no other process may open it. Safe to use from many threads."""

    def __init__(self, data: str, database: str, grants: Grants | None = None) -> None:
        from chdb import _chdb  # the engine alone: chdb.connect would load pyarrow too, for half a second and 60 MB

        self._connect: Callable[[], Any] = lambda: _chdb.connect(data)  # type: ignore[attr-defined]
        self._root = self._connect()  # the engine lives while a connection is open
        self._root_lock = threading.Lock()
        self._sessions: dict[tuple[str, str], _Session] = {}
        self._sessions_lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(MAX_QUERIES)
        self.database = database
        self.grants = grants or Grants()
        self._root.query(f"CREATE DATABASE IF NOT EXISTS {_quoted(database)}", "TSV")
        self.version, self.timezone = self._root.query("SELECT version(), timezone()", "TSV").bytes().decode().strip().split("\t")
        names = self._root.query("SELECT lower(name) FROM system.table_functions", "TSV").bytes().decode().split()
        self._table_functions = frozenset(names)

    def run(self, call: Call) -> Answer:
        """Run one query for a user. Raises Failure."""
        words = [word.folded for word in call.statement.words[:2]]
        if call.user.reader:
            guard.check(call.statement, call.database, self._table_functions, self.grants.closed(call.user.name))
            if words == ["show", "grants"]:
                call = replace(call, statement=replace(call.statement, sql=self._shown_grants(call)))
        elif words[0] in ("grant", "revoke"):
            self.grants.change(call.statement)
            return Answer(b"", call.output_format, {})
        if not self._slots.acquire(blocking=False):
            raise Failure(202, f"Too many simultaneous queries. Maximum: {MAX_QUERIES}")
        try:
            with self._connection(call) as (connection, session):
                return _Run(connection, session, call).answer()
        except RuntimeError as error:
            raise Failure.of_engine(error) from None
        finally:
            self._slots.release()

    def _shown_grants(self, call: Call) -> str:
        """The query that answers a reader's SHOW GRANTS."""
        with self._root_lock:
            databases = self._root.query("SHOW DATABASES", "TSVRaw").bytes().decode().splitlines()
        held = set(databases) - guard.CLOSED - self.grants.closed(call.user.name) - CLICKHOUSE_VIEWS
        lines = ", ".join(_literal(f"GRANT SELECT ON {_quoted(name)}.* TO {call.user.name}") for name in sorted(held))
        written = f" FORMAT {call.statement.output_format}" if call.statement.output_format else ""
        return f"SELECT arrayJoin(CAST([{lines}] AS Array(String))) AS GRANTS{written}"

    def cancel(self, cancel_key: str) -> None:
        """End a running query, whose caller gets Failure 394; nothing happens when it has ended."""
        with self._root_lock, contextlib.suppress(RuntimeError):
            self._root.query(f"KILL QUERY WHERE Settings['log_comment'] = '{cancel_key}' ASYNC", "TSV")

    @contextlib.contextmanager
    def _connection(self, call: Call) -> Iterator[tuple[Any, _Session | None]]:
        # read-only mode cannot be left again, so such a query never shares a connection
        if not call.session or any(name == "readonly" for name, _value in call.settings):
            connection = self._connect()
            try:
                yield connection, None
            finally:
                connection.close()
            return
        session = self._session(call)
        try:
            yield session.connection, session
        finally:
            session.last_used = time.monotonic()
            session.lock.release()

    def _session(self, call: Call) -> _Session:
        """The caller's session, locked. Raises Failure 373 when another query runs in it."""
        key = (call.user.name, call.session)
        with self._sessions_lock:
            now = time.monotonic()
            for other, session in list(self._sessions.items()):
                if now - session.last_used > session.seconds and session.lock.acquire(blocking=False):
                    session.connection.close()
                    del self._sessions[other]
            session = self._sessions.setdefault(key, _Session(None))
            if not session.lock.acquire(blocking=False):
                raise Failure(373, f"Session {call.session[:64]} is locked by a concurrent client")
            session.last_used = now
            session.seconds = min(max(call.session_seconds, 1.0), _MAX_SESSION_SECONDS)
            if session.connection is None:
                session.connection = self._connect()
            return session


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on one connection: prepare, run, and in a session put back what was prepared."""

    connection: Any
    session: _Session | None
    call: Call

    def answer(self) -> Answer:
        call, statement = self.call, self.call.statement
        try:
            # `readonly` comes last: after it nothing can be set
            if call.database:
                self._do(f"USE {_quoted(call.database)}")
            self._set("log_comment", call.cancel_key)
            for name, value in call.settings:
                self._set(name, value)
            began = time.perf_counter_ns()
            if statement.data is not None:
                return self._insert(began)
            sql = guard.show_choices(statement) if call.user.reader else statement.sql
            result = self.connection.query(sql, call.output_format, params=dict(call.parameters))
            if self.session is not None and statement.verb == "set":
                self.session.kept.update(_assignments(statement))
            body = bytes(result.bytes() or b"")
            summary = _summary(
                began,
                read_rows=result.storage_rows_read(),
                read_bytes=result.storage_bytes_read(),
                written_rows=result.rows_written(),
                written_bytes=result.bytes_written(),
                result_rows=result.rows_read(),
                result_bytes=len(body),
            )
            return Answer(body, statement.output_format or call.output_format, summary)
        finally:
            self._restore()

    def _insert(self, began: int) -> Answer:
        statement = self.call.statement
        stream = self.connection.send_insert(statement.sql, statement.data_format)
        try:
            self.connection.insert_append(stream, statement.data)
            result = self.connection.insert_done(stream)
        except BaseException:
            with contextlib.suppress(RuntimeError):
                self.connection.insert_cancel(stream)
            raise
        rows, size = result.rows_written(), result.bytes_written()
        summary = _summary(
            began, read_rows=rows, read_bytes=size, written_rows=rows, written_bytes=size, result_rows=rows, result_bytes=size
        )
        return Answer(b"", statement.data_format, summary)

    def _do(self, sql: str) -> None:
        self.connection.query(sql, "TSV")

    def _set(self, name: str, value: str) -> None:
        self._do(f"SET {name} = {_literal(value)}")

    def _restore(self) -> None:
        """In a session, the settings of this query alone go back to what the session had."""
        if self.session is None:
            return
        for name, _value in self.call.settings:
            with contextlib.suppress(RuntimeError):
                self._do(f"SET {name} = {self.session.kept.get(name, 'DEFAULT')}")


def _assignments(statement: Statement) -> dict[str, str]:
    """Of `SET a = 1, b = 'x'`: name → value as written."""
    words = statement.words
    return {
        words[index - 1].text: words[index + 1].text
        for index in range(2, len(words) - 1)
        if words[index].text == "=" and words[index + 1].kind in ("word", "string")
    }


def _summary(began: int, **numbers: int) -> dict[str, str]:
    return {**{name: str(number) for name, number in numbers.items()}, "elapsed_ns": str(time.perf_counter_ns() - began)}


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
