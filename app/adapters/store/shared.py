"""Shared answers in the store (`app.ports.SharedAnswers`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from app.adapters.store.conversation_tables import shared as table
from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, to_record, to_row
from app.model.conversations import SharedAnswer


class StoredSharedAnswers:
    """Links to answers, by their ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, shared: SharedAnswer, most: int) -> bool:
        """Keep it; false, and nothing is kept, where the person has `most` already that have not expired by the time it was made."""
        held = sa.select(sa.func.count()).where(_mine(shared.project_id, shared.user_id), table.c.expires_at > shared.created_at)
        with self._database.transaction() as connection:
            advisory_lock(connection, "shared", shared.project_id, shared.user_id)
            if int(connection.execute(held).scalar() or 0) >= most:
                return False
            connection.execute(sa.insert(table).values(**to_row(shared)))
        return True

    def get(self, share_id: str, project_id: str) -> SharedAnswer | None:
        """The one of that id in the project, expired or not."""
        found = self._select(table.c.id == share_id, table.c.project_id == project_id)
        return found[0] if found else None

    def of(self, project_id: str, user_id: str) -> Sequence[SharedAnswer]:
        """All of the person's, the newest first, expired ones too."""
        return self._select(_mine(project_id, user_id))

    def delete(self, share_id: str, project_id: str) -> bool:
        """Take the link away."""
        return bool(self._deleted(table.c.id == share_id, table.c.project_id == project_id))

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Take all of the person's away."""
        return self._deleted(_mine(project_id, user_id))

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that expired before that moment."""
        return self._deleted(table.c.project_id == project_id, table.c.expires_at < before)

    def _select(self, *where: sa.ColumnElement[bool]) -> Sequence[SharedAnswer]:
        statement = sa.select(*columns(table, SharedAnswer)).where(*where).order_by(table.c.created_at.desc(), table.c.id)
        with self._database.transaction() as connection:
            return [to_record(row, SharedAnswer) for row in connection.execute(statement)]

    def _deleted(self, *where: sa.ColumnElement[bool]) -> int:
        with self._database.transaction() as connection:
            return int(connection.execute(sa.delete(table).where(*where)).rowcount)


def _mine(project_id: str, user_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.project_id == project_id, table.c.user_id == user_id)
