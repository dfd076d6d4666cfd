"""Locks that several processes respect, held by a connection to the store: when the holder dies, so does its lock (`app.ports.Locks`)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from app.adapters.store.database import Database
from app.ports import Cancel

ASK_SECONDS = 0.05
"""How often a lock that somebody holds is asked for again."""
_KEY = "hashtextextended(:key, 1)"


class StoredLocks:
    """Advisory locks of the store's PostgreSQL, by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def hold(self, *name: str, seconds: float = 0.0, cancel: Cancel | None = None) -> Iterator[bool]:
        """Hold the lock in the block; False, and nothing held, where another holds it for `seconds` on, or until it is cancelled."""
        key = {"key": "\x1f".join(name)}
        with self._database.session() as connection:
            if not _taken(connection, key, time.monotonic() + seconds, cancel):
                yield False
                return
            try:
                yield True
            finally:
                with suppress(sa.exc.SQLAlchemyError):  # the server may have gone, and the lock with it
                    connection.execute(sa.text(f"SELECT pg_advisory_unlock({_KEY})"), key)


def _taken(connection: sa.Connection, key: dict[str, str], deadline: float, cancel: Cancel | None) -> bool:
    while not connection.execute(sa.text(f"SELECT pg_try_advisory_lock({_KEY})"), key).scalar():
        if time.monotonic() >= deadline or (cancel is not None and cancel.cancelled):
            return False
        time.sleep(ASK_SECONDS)
    return True
