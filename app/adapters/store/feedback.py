"""Feedback in the store (`app.ports.Feedback`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.adapters.store.database import Database
from app.adapters.store.rows import columns, to_record, to_row
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
        statement = sa.select(*columns(feedback, FeedbackEntry)).where(feedback.c.project_id == project_id)
        if status:
            statement = statement.where(feedback.c.status == status)
        if before:
            statement = statement.where(feedback.c.id < before)
        with self._database.transaction() as connection:
            rows = connection.execute(statement.order_by(feedback.c.id.desc()).limit(limit))
            return [to_record(row, FeedbackEntry) for row in rows]
