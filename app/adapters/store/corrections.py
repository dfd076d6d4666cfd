"""Approved corrections in the store (`app.ports.Corrections`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.feedback import decided
from app.adapters.store.feedback_tables import corrections as table
from app.adapters.store.feedback_tables import replays
from app.adapters.store.rows import columns, page, to_record, to_row
from app.model.corrections import Correction, CorrectionState, Replay
from app.model.records import FeedbackEntry

_CHANGES = ("state", "diff", "broken", "decided_by", "decided_at", "reason")


class StoredCorrections:
    """The approved pairs of each project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def approve(self, correction: Correction, entry: FeedbackEntry, *, before: str) -> bool:
        """Keep the pair and what becomes of the entry, both or neither; False where the entry's status is not what it was before."""
        with self._database.transaction() as connection:
            if not decided(connection, entry, before):
                return False
            connection.execute(sa.insert(table).values(**to_row(correction)))
        return True

    def get(self, correction_id: str, project_id: str) -> Correction | None:
        """The pair of that id, or None."""
        found = self._select(table.c.id == correction_id, table.c.project_id == project_id)
        return found[0] if found else None

    def of_entry(self, feedback_id: str, project_id: str) -> Correction | None:
        """The newest pair that was approved for an entry, or None."""
        found = self._select(table.c.feedback_id == feedback_id, table.c.project_id == project_id)
        return found[0] if found else None

    def page(self, project_id: str, states: Sequence[CorrectionState], before: str, limit: int) -> Sequence[Correction]:
        """At most `limit` pairs in these states, newest first."""
        where = (table.c.project_id == project_id, table.c.state.in_(states))
        with self._database.transaction() as connection:
            return page(connection, table, Correction, *where, before=before, limit=limit)

    def in_state(self, project_id: str, *states: CorrectionState) -> Sequence[Correction]:
        """Every pair in one of these states, newest first."""
        return self._select(table.c.project_id == project_id, table.c.state.in_(states))

    def of_person(self, project_id: str, user_id: str) -> Sequence[Correction]:
        """Every pair that rests on a question of the person, or that they approved or decided."""
        theirs = sa.or_(table.c.asked_by == user_id, table.c.approved_by == user_id, table.c.decided_by == user_id)
        return self._select(table.c.project_id == project_id, theirs)

    def without_asker(self, project_id: str, user_id: str) -> int:
        """Forget of the pairs that the person asked; how many there were."""
        theirs = sa.and_(table.c.project_id == project_id, table.c.asked_by == user_id)
        with self._database.transaction() as connection:
            return int(connection.execute(sa.update(table).where(theirs).values(asked_by="", query_id="")).rowcount)

    def settle(
        self,
        correction: Correction,
        *,
        before: CorrectionState,
        superseded: Sequence[str] = (),
        entry: FeedbackEntry | None = None,
        entry_before: str = "",
    ) -> bool:
        """Keep what became of a pair, of those that make way for it, and of its entry, all or nothing; False where its state is not what it was before."""
        row = to_row(correction)
        still = sa.and_(table.c.id == correction.id, table.c.project_id == correction.project_id, table.c.state == before)
        with self._database.transaction() as connection:
            advisory_lock(connection, "corrections", correction.project_id)
            if connection.execute(sa.update(table).where(still).values(**{name: row[name] for name in _CHANGES})).rowcount != 1:
                return False
            if superseded:
                others = sa.and_(table.c.project_id == correction.project_id, table.c.id.in_(superseded), table.c.id != correction.id)
                gone = sa.and_(others, table.c.state == CorrectionState.SERVED)
                connection.execute(sa.update(table).where(gone).values(state=CorrectionState.SUPERSEDED))
            if entry is not None:
                decided(connection, entry, entry_before)
        return True

    def mark_broken(self, project_id: str, correction_id: str, why: str) -> None:
        """Keep why a pair is not served, "" where it is again."""
        mine = sa.and_(table.c.project_id == project_id, table.c.id == correction_id, table.c.broken != why)
        with self._database.transaction() as connection:
            connection.execute(sa.update(table).where(mine).values(broken=why))

    def replayed(self, project_id: str) -> Replay | None:
        """The last replay of all approved questions."""
        statement = sa.select(*columns(replays, Replay)).where(replays.c.project_id == project_id)
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, Replay) if row is not None else None

    def keep_replay(self, project_id: str, mark: str, replayed_at: dt.datetime, diff: str) -> None:
        """Keep that all approved questions were replayed with the models of that mark."""
        statement = insert(replays).values(project_id=project_id, mark=mark, replayed_at=replayed_at, diff=diff)
        changes = {name: statement.excluded[name] for name in ("mark", "replayed_at", "diff")}
        with self._database.transaction() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["project_id"], set_=changes))

    def _select(self, *where: sa.ColumnElement[bool]) -> Sequence[Correction]:
        statement = sa.select(*columns(table, Correction)).where(*where).order_by(table.c.id.desc())
        with self._database.transaction() as connection:
            return [to_record(row, Correction) for row in connection.execute(statement)]
