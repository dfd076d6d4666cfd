"""Feedback in the store (`app.ports.Feedback`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.adapters.store.database import Database
from app.adapters.store.rows import page, to_row
from app.adapters.store.tables import feedback
from app.model.records import FeedbackEntry


class StoredFeedback:
    """What people said of answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: FeedbackEntry) -> None:
        """Keep an entry."""
        with self._database.transaction() as connection:
            connection.execute(sa.insert(feedback).values(**to_row(entry)))

    def page(self, project_id: str, status: str, before: str, limit: int) -> Sequence[FeedbackEntry]:
        """At most `limit` entries, newest first, before the id `before`; `status` "" means every one."""
        in_status = (feedback.c.status == status,) if status else ()
        with self._database.transaction() as connection:
            return page(connection, feedback, FeedbackEntry, feedback.c.project_id == project_id, *in_status, before=before, limit=limit)

    def of_user(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[FeedbackEntry]:
        """At most `limit` entries of the person, newest first, before the id `before`."""
        mine = (feedback.c.project_id == project_id, feedback.c.user_id == user_id)
        with self._database.transaction() as connection:
            return page(connection, feedback, FeedbackEntry, *mine, before=before, limit=limit)

    def without_words(self, project_id: str, user_id: str) -> int:
        """Take the comments out of the person's entries; how many had one."""
        said = sa.and_(feedback.c.project_id == project_id, feedback.c.user_id == user_id, feedback.c.comment != "")
        with self._database.transaction() as connection:
            return int(connection.execute(sa.update(feedback).where(said).values(comment="")).rowcount)
