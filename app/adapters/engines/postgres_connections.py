"""A small bounded pool of PostgreSQL connections that connects in the caller's time.

psycopg_pool reconnects in the background with a growing delay and reports every failure as a time-out; a gateway has to say at once that
the server is down, and why, and to work again with the first question after it is back.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from app.adapters.engines import postgres_types, problems
from app.errors import DataMindError

Connection = psycopg.Connection[TupleRow]


@dataclass(slots=True)
class Lease:
    """A borrowed connection. `reused` says that it lay idle before; `keep` is set once it is known to be as clean as a new one."""

    connection: Connection
    reused: bool
    born: float
    keep: bool = False


class Connections:
    """Lends at most `size` connections, the most recently used first. A connection older than `lifetime` seconds is not lent again."""

    def __init__(self, engine: str, conninfo: str, *, size: int, connect_seconds: float, lifetime: float = 1800.0) -> None:
        self._engine = engine
        self._conninfo = conninfo
        self._connect_seconds = connect_seconds
        self._lifetime = lifetime
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[tuple[Connection, float]] = []
        self._inherited: list[tuple[Connection, float]] = []
        self._pid = os.getpid()
        self._closed = False

    @contextmanager
    def lease(self, wait: float) -> Iterator[Lease]:
        """Lend a connection, waiting at most `wait` seconds for a free one. Raises UserError DM5001 or DM5008, InternalError DM5006."""
        if not self._slots.acquire(timeout=wait):
            raise problems.busy(self._engine)
        try:
            lease = self._pop() or self._connect()
            try:
                yield lease
            finally:
                self._give_back(lease)
        finally:
            self._slots.release()

    def replace(self, lease: Lease) -> None:
        """Put a fresh connection in place of a dead one; what lies idle led to the same server and goes too. Raises as `lease` does."""
        lease.connection.close()
        self.drop_idle()
        fresh = self._connect()
        lease.connection, lease.reused, lease.born = fresh.connection, False, fresh.born

    def drop_idle(self) -> None:
        """Close what lies idle: the server they led to is gone."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.close()

    def close(self) -> None:
        """Close what lies idle; what is lent is closed when it comes back."""
        self._closed = True
        self.drop_idle()

    def _pop(self) -> Lease | None:
        now = time.monotonic()
        with self._lock:
            if self._pid != os.getpid():
                # The parent process talks on these sockets: forget them without a word to the server.
                self._inherited, self._idle, self._pid = self._idle, [], os.getpid()
            while self._idle:
                connection, born = self._idle.pop()
                if now - born < self._lifetime and not connection.closed:
                    return Lease(connection, reused=True, born=born)
                connection.close()
        return None

    def _give_back(self, lease: Lease) -> None:
        if lease.keep and not self._closed and not lease.connection.closed:
            with self._lock:
                self._idle.append((lease.connection, lease.born))
        else:
            lease.connection.close()

    def _connect(self) -> Lease:
        """Connect within `connect_seconds`, in a thread of its own: libpq rounds time-outs up to 2 s an address, and names resolve without one."""
        attempt = _Attempt(self._conninfo)
        thread = threading.Thread(target=attempt.run, name="postgres-connect", daemon=True)
        thread.start()
        thread.join(self._connect_seconds)
        outcome = attempt.take()
        if outcome is None:
            raise problems.down(self._engine, f"no connection within {self._connect_seconds:g} s")
        if isinstance(outcome, psycopg.Error):
            raise self.explain(outcome) from outcome
        postgres_types.register(outcome)
        return Lease(outcome, reused=False, born=time.monotonic())

    def explain(self, error: psycopg.Error) -> DataMindError:
        """Why no connection came about, as a Problem."""
        state = error.sqlstate or _state_in(str(error))
        if state in ("53300", "53400"):
            return problems.busy(self._engine)
        if state[:2] in ("28", "3D") or state == "42501":
            return problems.refused(self._engine, error, code=state)
        if state.startswith("57P"):
            return problems.down(self._engine, "the server is starting up or shutting down")
        return problems.down(self._engine, "the connection failed")


class _Attempt:
    """One try to connect, which the caller may give up: a connection that comes too late is closed."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._lock = threading.Lock()
        self._outcome: Connection | psycopg.Error | None = None
        self._given_up = False

    def run(self) -> None:
        """Connect; never raises."""
        outcome: Connection | psycopg.Error
        try:
            options: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "application_name": "datamind", "connect_timeout": 2}
            outcome = psycopg.connect(self._conninfo, **options)
        except psycopg.Error as error:
            outcome = error
        with self._lock:
            self._outcome = outcome
            late = self._given_up
        if late and isinstance(outcome, psycopg.Connection):
            outcome.close()

    def take(self) -> Connection | psycopg.Error | None:
        """What came of it, or None where nothing has yet: then it is given up."""
        with self._lock:
            self._given_up = self._outcome is None
            return self._outcome


_PHRASES = (
    ("authentication failed", "28P01"),
    ("no pg_hba.conf entry", "28000"),
    ("no password supplied", "28P01"),
    ("does not exist", "3D000"),
    ("permission denied for database", "42501"),
    ("too many clients", "53300"),
    ("too many connections", "53300"),
    ("remaining connection slots", "53300"),
    ("the database system is", "57P03"),
)


def _state_in(message: str) -> str:
    """The SQLSTATE that a failed connection means: libpq gives a text only at that point. "" where nothing is known."""
    return next((state for phrase, state in _PHRASES if phrase in message), "")
