"""The connection to the store: a small pool, bounds on every wait, and no driver's exception past this file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
from sqlalchemy import exc

from app.adapters.store import problems
from app.errors import DataMindError
from app.ports import Health

CONNECT_SECONDS = 3
"""How long a connection may take to be made."""
POOL_SECONDS = 5.0
"""How long a caller waits for a free connection."""
VANISHED = {"keepalives_idle": 15, "keepalives_interval": 10, "keepalives_count": 3}
"""After so many seconds of silence the other side is asked whether it is there still, every so often and so many times: one that vanished without a word is
noticed, and its locks are free, after 45 seconds."""
SESSION = "-c timezone=UTC -c statement_timeout=10s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s " + " ".join(
    f"-c tcp_{name}={value}" for name, value in VANISHED.items()
)
"""What holds in every session: times come back in UTC, nothing waits without end, and the server notices a client that vanished."""

_TIMED_OUT = {"57014", "55P03", "25P03", "40P01"}  # canceled by a timeout, lock not available, idle in transaction, deadlock


class Database:
    """A pool of connections to the store at `url` (postgresql://…). Made without connecting; thread-safe; `close` gives everything back."""

    def __init__(self, url: str, *, pool_size: int = 5, session: str = SESSION) -> None:
        """Raises UserError DM8018 where the URL is no PostgreSQL URL."""
        address = store_url(url)
        options = address.query.get("options", "")
        self._engine = sa.create_engine(
            address.difference_update_query(["options"]),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,
            pool_recycle=1800,
            connect_args={
                "connect_timeout": CONNECT_SECONDS,
                "application_name": "datamind",
                "options": f"{session} {options}".strip(),
                **VANISHED,
            },
            hide_parameters=True,
        )

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """A transaction, committed at the end of the block and rolled back where it raises.

        Raises InternalError DM8011 (down), DM8012 (too slow) or DM8013 (refused) in place of the driver's exception, which is its cause.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except DataMindError:
            raise
        except (exc.SQLAlchemyError, OSError) as cause:
            raise _translated(cause) from cause

    @contextmanager
    def session(self) -> Iterator[sa.Connection]:
        """A connection outside the pool, on which each statement is a transaction: for what a session holds for long, such as a lock.

        Raises as `transaction` where a statement fails; what the block itself raises goes through.
        """
        try:
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
        except (exc.SQLAlchemyError, OSError) as cause:
            raise _translated(cause) from cause
        try:
            yield connection
        except exc.SQLAlchemyError as cause:
            raise _translated(cause) from cause
        finally:
            with suppress(exc.SQLAlchemyError):  # the server may have gone
                connection.close()

    def health(self) -> Health:
        """Whether the store answers and how fast; never raises."""
        start = time.perf_counter()
        try:
            with self.transaction() as connection:
                connection.execute(sa.text("SELECT 1"))
        except DataMindError as error:
            return Health(up=False, ms=(time.perf_counter() - start) * 1000, detail=error.problem.message)
        return Health(up=True, ms=(time.perf_counter() - start) * 1000)

    def close(self) -> None:
        """Close the pool's connections."""
        self._engine.dispose()


def store_url(url: str) -> sa.URL:
    """The URL with the driver that is used. Accepts postgresql:// and postgres://. Raises UserError DM8018.

    The message never holds the URL, which may hold a password.
    """
    try:
        parsed = sa.make_url(url)
    except exc.ArgumentError as cause:
        raise problems.bad_url("it is not a URL") from cause
    except ValueError as cause:
        raise problems.bad_url("its port is not a number") from cause
    if parsed.drivername.split("+")[0] not in {"postgresql", "postgres"}:
        raise problems.bad_url(f"`{parsed.drivername}` is not PostgreSQL")
    return parsed.set(drivername="postgresql+psycopg")


def advisory_lock(connection: sa.Connection, *key: str) -> None:
    """Wait for a lock on `key`, held to the end of the transaction; keys that differ may rarely share a lock, which only costs time."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": "\x1f".join(key)})


def _translated(cause: Exception) -> DataMindError:
    if isinstance(cause, exc.TimeoutError | OSError):
        return problems.down()
    if isinstance(cause, exc.DBAPIError):
        state = getattr(cause.orig, "sqlstate", None) or ""
        if state in _TIMED_OUT:
            return problems.too_slow()
        if cause.connection_invalidated or not state or state[:2] in {"08", "53", "57", "28", "3D"}:
            return problems.down() if isinstance(cause, exc.OperationalError | exc.InterfaceError) else problems.failed()
    return problems.failed()
