"""Feedback in the store (`app.ports.Feedback`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database
from app.adapters.store.feedback_tables import IS_OPEN, OPEN, feedback
from app.adapters.store.rows import columns, page, to_record, to_row
from app.model.records import FeedbackEntry


class StoredFeedback:
    """What people said of answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: FeedbackEntry) -> FeedbackEntry:
        """Keep an entry; where the person's entry of that answer is open, that one says from now on what this one does."""
        row = to_row(entry)
        said = {name: row[name] for name in ("rating", "comment", "status", "subject")}
        statement = (
            insert(feedback)
            .values(**row)
            .on_conflict_do_update(
                index_elements=["project_id", "query_id", "user_id"],
                index_where=IS_OPEN,
                set_=said,
            )
            .returning(*columns(feedback, FeedbackEntry))
        )
        with self._database.transaction() as connection:
            return to_record(connection.execute(statement).one(), FeedbackEntry)

    def get(self, entry_id: str, project_id: str) -> FeedbackEntry | None:
        """The entry of that id, or None."""
        statement = sa.select(*columns(feedback, FeedbackEntry)).where(feedback.c.id == entry_id, feedback.c.project_id == project_id)
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, FeedbackEntry) if row is not None else None

    def decide(self, entry: FeedbackEntry, *, before: str) -> bool:
        """Keep what was decided of an entry; False where its status is not what it was before."""
        with self._database.transaction() as connection:
            return decided(connection, entry, before)

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

    def subjects(self, project_id: str, status: str) -> frozenset[str]:
        """The training items on which answers rest that have an entry of that status."""
        statement = sa.select(feedback.c.subject).where(
            feedback.c.project_id == project_id, feedback.c.status == status, feedback.c.subject != ""
        )
        with self._database.transaction() as connection:
            return frozenset(connection.execute(statement).scalars())

    def without_words(self, project_id: str, user_id: str) -> int:
        """Take the comments out of the person's entries; how many had one."""
        said = sa.and_(feedback.c.project_id == project_id, feedback.c.user_id == user_id, feedback.c.comment != "")
        with self._database.transaction() as connection:
            return int(connection.execute(sa.update(feedback).where(said).values(comment="")).rowcount)


def decided(connection: sa.Connection, entry: FeedbackEntry, before: str) -> bool:
    """As `StoredFeedback.decide`, in a transaction that does more. An entry is not opened again beside one that the person has opened since."""
    row = to_row(entry)
    changes = {name: row[name] for name in ("status", "decided_by", "decided_at", "reason")}
    still = sa.and_(feedback.c.id == entry.id, feedback.c.project_id == entry.project_id, feedback.c.status == before)
    if entry.status in OPEN:
        later = feedback.alias()
        same = [later.c[name] == feedback.c[name] for name in ("project_id", "query_id", "user_id")]
        still = sa.and_(still, ~sa.exists().where(*same, later.c.status.in_(OPEN), later.c.id != feedback.c.id))
    return connection.execute(sa.update(feedback).where(still).values(**changes)).rowcount == 1
