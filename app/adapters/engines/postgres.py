"""PostgreSQL as an Engine: each statement in a read-only transaction of its own, with everything that could sway it pinned."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Generator
from contextlib import closing, suppress
from itertools import islice
from typing import cast

import psycopg
from psycopg.rows import TupleRow

from app.adapters.engines import postgres_account, postgres_types, problems
from app.adapters.engines.admission import admit
from app.adapters.engines.gather import Gathered
from app.adapters.engines.postgres_connections import Connection, Connections, Lease
from app.adapters.engines.postgres_estimate import rows_read, tables
from app.adapters.engines.watchdog import Watchdog
from app.errors import DataMindError
from app.model.result import Result, ResultColumn
from app.model.sql import GovernedSql, Limits
from app.model.types import DataType, Dialect
from app.ports import Cancel, Capabilities, Excess, Health

_CHUNK = 1000
_ANSWER_SECONDS = 1.5
"""How long the server may take for what needs no work: a connection, the start of a transaction, a health check."""
_GRACE_SECONDS = 1.0
"""How long after the server's own time limit the connection is cut."""
_SIZES = (
    b"SELECT n.nspname, c.relname, c.reltuples FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    b" WHERE (n.nspname, c.relname) IN (SELECT * FROM ROWS FROM (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) AS t)"
)
_RESET = "ROLLBACK; SELECT pg_catalog.pg_advisory_unlock_all(); RESET ALL; CLOSE ALL; UNLISTEN *"


class PostgresEngine:
    """Executes governed statements on PostgreSQL ≥ 12 at a `postgresql://` URL, on a pool of at most `pool_size` connections.

    A result is cut at the statement's row limit or at `max_bytes`, whichever comes first. PostgreSQL has no memory limit for a statement: the working memory of
    each of its sorts and hashes is set to an eighth of `limits.memory_bytes`. `limits.scanned_rows` is held to the server's estimate.
    """

    def __init__(self, url: str, *, name: str = "postgres", pool_size: int = 8, max_bytes: int = 64 << 20) -> None:
        self._name = name
        self._max_bytes = max_bytes
        self._connections = Connections(name, _conninfo(name, url), size=pool_size, connect_seconds=_ANSWER_SECONDS)
        self._watchdog = Watchdog()
        self._families: dict[int, DataType] = {}

    @property
    def name(self) -> str:
        """The name by which placements mean it."""
        return self._name

    @property
    def dialect(self) -> Dialect:
        """PostgreSQL's SQL."""
        return Dialect.POSTGRES

    @property
    def capabilities(self) -> Capabilities:
        """Exact percentiles (`percentile_cont`), rows rather than columns, real cancellation."""
        return Capabilities(exact_percentile=True, approximate_percentile=False, columnar=False, cancels_running=True)

    def execute(self, governed: GovernedSql, cancel: Cancel) -> Result:
        """Run it within its limits. Raises UserError DM5001–DM5005 and DM5008, InternalError DM5006 and DM5009."""
        admit(self._name, self.dialect, governed)
        started = time.perf_counter()
        if cancel.cancelled:
            raise problems.cancelled(self._name)
        with self._connections.lease(min(governed.limits.seconds, 5.0)) as lease:
            self._begin(lease, governed.limits)
            running = _Running(lease.connection)
            take_back = cancel.on_cancel(running.cancel)
            try:
                with self._watchdog.guard(governed.limits.seconds + _GRACE_SECONDS, running.time_out):
                    self._check_scans(lease.connection, governed)
                    columns, gathered = self._read(lease.connection, governed)
            except psycopg.Error as error:
                raise self._explain(error, running, governed.limits, time.perf_counter() - started) from error
            finally:
                running.finish()
                take_back()
            if cancel.cancelled:
                raise problems.cancelled(self._name)
            # A statement that was broken off leaves a cancel request on its way, which could hit the next user of the connection.
            if not gathered.truncated:
                self._reset(lease)
        elapsed = (time.perf_counter() - started) * 1000
        return Result(columns=columns, data=gathered.data(), truncated=gathered.truncated, engine=self._name, elapsed_ms=elapsed)

    def health(self) -> Health:
        """Ask for a constant; a pool that is all in use counts as up."""
        started = time.perf_counter()
        try:
            with self._connections.lease(_ANSWER_SECONDS) as lease:
                self._begin(lease, Limits(seconds=_ANSWER_SECONDS))
                self._reset(lease)
        except DataMindError as error:
            return Health(up=error.problem.code == "DM5008", ms=(time.perf_counter() - started) * 1000, detail=error.problem.message)
        return Health(up=True, ms=(time.perf_counter() - started) * 1000)

    def account(self) -> tuple[Excess, ...]:
        """What the catalogs say of the account. Raises as `execute`."""
        limits, started = Limits(seconds=_ANSWER_SECONDS), time.perf_counter()
        with self._connections.lease(_ANSWER_SECONDS) as lease:
            self._begin(lease, limits)
            running = _Running(lease.connection)
            try:
                with self._watchdog.guard(_ANSWER_SECONDS + _GRACE_SECONDS, running.time_out):
                    found = postgres_account.excesses(lease.connection)
            except psycopg.Error as error:
                raise self._explain(error, running, limits, time.perf_counter() - started) from error
            finally:
                running.finish()
            self._reset(lease)
        return found

    def close(self) -> None:
        """Give back the connections."""
        self._connections.close()
        self._watchdog.close()

    def _begin(self, lease: Lease, limits: Limits) -> None:
        """Open the transaction, on a fresh connection where the idle one turns out to be dead; nothing has been executed by then."""
        try:
            self._briefly(lease.connection, _opening(limits))
        except psycopg.Error as error:
            if not lease.reused:
                raise self._connections.explain(error) from error
            self._connections.replace(lease)
            self._begin(lease, limits)

    def _briefly(self, connection: Connection, statements: str) -> None:
        """Send statements that need no work; a server that does not answer them in time is cut off."""
        running = _Running(connection)
        try:
            with self._watchdog.guard(_ANSWER_SECONDS, running.time_out):
                connection.execute(statements.encode())
        finally:
            running.finish()

    def _reset(self, lease: Lease) -> None:
        """End the transaction and clear what a session can carry over; a connection on which that fails is not lent again."""
        with suppress(psycopg.Error):
            self._briefly(lease.connection, _RESET)
            lease.keep = True

    def _check_scans(self, connection: Connection, governed: GovernedSql) -> None:
        """Refuse a statement that would read more rows than it may. Raises UserError DM5004."""
        most = governed.limits.scanned_rows
        if not most:
            return
        parameters = {value.name: value.value for value in governed.parameters}
        text = b"EXPLAIN (VERBOSE, FORMAT JSON) " + governed.text.encode()
        (found,) = connection.execute(text, parameters).fetchone() or (None,)
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        named = sorted(tables(plan))
        counted = connection.execute(_SIZES, [[schema for schema, _ in named], [name for _, name in named]]).fetchall()
        if rows_read(plan, {(schema, name): size for schema, name, size in counted}) > most:
            raise problems.too_big(self._name, f"it would read more than {most} rows, which is all that you may at a time")

    def _read(self, connection: Connection, governed: GovernedSql) -> tuple[tuple[ResultColumn, ...], Gathered]:
        text, parameters = governed.text.encode(), {value.name: value.value for value in governed.parameters}
        gathered: Gathered | None = None
        with connection.cursor() as cursor:
            # `stream` runs the plain statement in chunks: a declared cursor would be planned for its first rows only.
            with closing(cast("Generator[TupleRow]", cursor.stream(text, parameters, size=_CHUNK))) as stream:
                while rows := list(islice(stream, _CHUNK)):
                    if gathered is None:
                        gathered = Gathered(len(rows[0]), governed.limits.rows, self._max_bytes)
                        kinds = [self._family(column.type_code) for column in cursor.description or ()]
                        converters = [postgres_types.converter(kind or DataType.OTHER) for kind in kinds]
                    gathered.add(list(zip(*rows, strict=True)), converters)
                    if gathered.full:
                        break
            if gathered is None:  # a stream that ends without a row does not say its columns
                cursor.execute(b"SELECT * FROM (\n" + text + b"\n) AS none LIMIT 0", parameters)
                gathered = Gathered(len(cursor.description or ()), governed.limits.rows, self._max_bytes)
            description = list(cursor.description or ())
        if gathered.truncated and gathered.row_count == 0:
            raise problems.too_big(self._name, f"a single row is larger than {self._max_bytes >> 20} MB")
        if not gathered.truncated:
            self._learn(connection, [column.type_code for column in description])
        return tuple(ResultColumn(name=c.name, type=self._family(c.type_code) or DataType.OTHER) for c in description), gathered

    def _family(self, oid: int) -> DataType | None:
        return postgres_types.family(oid) or self._families.get(oid)

    def _learn(self, connection: Connection, oids: list[int]) -> None:
        """Ask once for the category of types that this engine has not met: enumerations, arrays, extensions' types."""
        unknown = sorted({oid for oid in oids if self._family(oid) is None})
        if not unknown:
            return
        rows = connection.execute("SELECT oid, typcategory FROM pg_catalog.pg_type WHERE oid = ANY(%s)", [unknown]).fetchall()
        for oid, category in rows:
            self._families[oid] = postgres_types.family(oid, category or "X") or DataType.OTHER

    def _explain(self, error: psycopg.Error, running: _Running, limits: Limits, seconds: float) -> DataMindError:
        """The driver's error as a Problem."""
        state = error.sqlstate or ""
        if running.why == "cancelled":
            return problems.cancelled(self._name)
        if running.why == "time" or state in ("25P03", "25P04") or (state == "57014" and seconds >= limits.seconds * 0.9):
            return problems.too_slow(self._name, limits)
        if state == "57014":
            return problems.cancelled(self._name, "by its administrator")
        if state == "55P03":
            return problems.too_slow(self._name, limits, "waited longer for a lock")
        if state[:2] in ("53", "54"):
            return problems.too_big(self._name, "it needs more memory, disk or complexity than the server allows")
        if state.startswith("57P") or (isinstance(error, psycopg.OperationalError) and (not state or running.connection.closed)):
            self._connections.drop_idle()
            return problems.down(self._name, "the connection broke while the statement ran")
        return problems.failed(self._name, error, code=state, hint=_HINTS.get(state) or _HINTS.get(state[:2], ""))


_HINTS = {
    "42P01": "A relation is missing on this engine: run `dbt build` on its target.",
    "42703": "A column is missing on this engine: run `dbt build` on its target and compile again.",
    "42501": "The engine's reading user lacks SELECT on a relation.",
    "22012": "A division by zero.",
    "22": "A value does not fit its type.",
}


class _Running:
    """A statement under way on a connection, and whoever stops it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.why = ""
        self._lock = threading.Lock()
        self._done = threading.Event()

    def cancel(self) -> None:
        """Stop it on request; returns at once."""
        self.why = self.why or "cancelled"
        threading.Thread(target=self._insist, name="postgres-cancel", daemon=True).start()

    def time_out(self) -> None:
        """Cut the connection of a server that does not keep to its own time limit."""
        self.why = self.why or "time"
        self._cut()

    def finish(self) -> None:
        """The statement is over: from here nothing touches the connection."""
        with self._lock:
            self._done.set()

    def _insist(self) -> None:
        """Ask the server until the statement ends, since a request that comes before the statement is lost; then cut."""
        for _ in range(10):
            with suppress(psycopg.Error):
                self.connection.cancel_safe(timeout=0.5)
            if self._done.wait(0.1):
                return
        self._cut()

    def _cut(self) -> None:
        with self._lock, suppress(OSError, psycopg.Error):
            if not self._done.is_set():
                with socket.socket(fileno=os.dup(self.connection.fileno())) as copy:
                    copy.shutdown(socket.SHUT_RDWR)


def _opening(limits: Limits) -> str:
    """One round trip that opens the transaction and pins what could change the meaning or the form of a value."""
    milliseconds = max(1, round(limits.seconds * 1000))
    settings = {
        "search_path": "pg_catalog, pg_temp",
        "statement_timeout": milliseconds,
        "lock_timeout": min(milliseconds, 5000),
        "idle_in_transaction_session_timeout": milliseconds + 10_000,
        "timezone": "'UTC'",
        "datestyle": "'ISO, YMD'",
        "intervalstyle": "'iso_8601'",
        "extra_float_digits": 1,
        "bytea_output": "'hex'",
        "standard_conforming_strings": "on",
    }
    if limits.memory_bytes:
        settings["work_mem"] = max(64, limits.memory_bytes // 8 // 1024)
    return "BEGIN TRANSACTION READ ONLY; " + "; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items())


def _conninfo(engine: str, url: str) -> str:
    """The URL for libpq; SQLAlchemy's `postgresql+psycopg://` is taken as well. Raises UserError DM5010."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in ("postgresql", "postgres") or not rest:
        raise problems.bad_url(engine, "it must begin with postgresql://")
    url = f"postgresql://{rest}"
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        raise problems.bad_url(engine, "libpq cannot read it") from None
    return url
