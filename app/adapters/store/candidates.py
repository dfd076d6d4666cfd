"""Layers that wait for an admin, in the store (`app.ports.Candidates`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, page, to_record, to_row
from app.adapters.store.tables import candidates
from app.model.versions import Candidate, CandidateState


class StoredCandidates:
    """Candidates of each project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def propose(self, candidate: Candidate) -> Candidate:
        """Keep an open candidate in place of the other open ones; the one that is there where the same layer was proposed on the same base."""
        with self._database.transaction() as connection:
            advisory_lock(connection, "publish", candidate.project_id)
            waiting = sa.and_(candidates.c.project_id == candidate.project_id, candidates.c.state == CandidateState.OPEN)
            same = sa.and_(candidates.c.document_hash == candidate.document_hash, candidates.c.base_hash == candidate.base_hash)
            connection.execute(sa.update(candidates).where(waiting, sa.not_(same)).values(state=CandidateState.SUPERSEDED))
            known = (
                sa.select(*columns(candidates, Candidate))
                .where(candidates.c.project_id == candidate.project_id, same)
                .where(candidates.c.state.in_([CandidateState.OPEN, CandidateState.REJECTED]))
                .order_by(candidates.c.id.desc())
            )
            row = connection.execute(known).first()
            if row is not None:
                return to_record(row, Candidate)
            connection.execute(sa.insert(candidates).values(**to_row(candidate)))
        return candidate

    def get(self, candidate_id: str, project_id: str) -> Candidate | None:
        """The candidate of that id in the project."""
        statement = sa.select(*columns(candidates, Candidate)).where(candidates.c.id == candidate_id, candidates.c.project_id == project_id)
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, Candidate) if row is not None else None

    def page(self, project_id: str, states: Sequence[CandidateState], before: str, limit: int) -> Sequence[Candidate]:
        """At most `limit` candidates in these states, newest first."""
        where = (candidates.c.project_id == project_id, candidates.c.state.in_(states))
        with self._database.transaction() as connection:
            return page(connection, candidates, Candidate, *where, before=before, limit=limit)

    def reject(self, candidate: Candidate) -> bool:
        """Keep the decision; False where it is not open any more."""
        row = to_row(candidate)
        decided = {name: row[name] for name in ("state", "decided_at", "decided_by", "reason")}
        statement = (
            sa.update(candidates)
            .where(
                candidates.c.id == candidate.id, candidates.c.project_id == candidate.project_id, candidates.c.state == CandidateState.OPEN
            )
            .values(**decided)
        )
        with self._database.transaction() as connection:
            return connection.execute(statement).rowcount == 1
