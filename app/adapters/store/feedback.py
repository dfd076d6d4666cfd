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
