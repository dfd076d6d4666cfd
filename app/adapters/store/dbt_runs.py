"""The runs of dbt in the store (`app.ports.DbtRuns`): one at a time for each target, whichever process or machine it runs on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from app.adapters.store import problems
from app.adapters.store.database import Database
from app.adapters.store.locks import StoredLocks
from app.adapters.store.rows import columns, page, to_record, to_row
from app.adapters.store.tables import runs
from app.model.records import DbtRunRecord

KEPT = 1000
"""How many runs of a project are kept."""


class StoredDbtRuns:
    """A run holds its target by a lock of its own connection, so that a process that dies gives it back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._locks = StoredLocks(database)

    @contextmanager
    def alone(self, run: DbtRunRecord) -> Iterator[None]:
        """The target for this run alone. Raises UserError DM8061 that names who has it, and since when, DM8065 where no run has it."""
        with self._locks.hold("dbt", run.project_id, run.target) as held:
            if not held:
                raise problems.target_busy(run.target, self._last(run))
            with self._database.transaction() as own:
                left = (runs.c.project_id == run.project_id) & (runs.c.target == run.target) & runs.c.ended_at.is_(None)
                own.execute(sa.update(runs).where(left).values(status="died", ended_at=run.started_at))  # had they lived, they had the lock
                own.execute(sa.insert(runs).values(**to_row(run)))
                _forget(own, run.project_id)
            yield

    def end(self, run: DbtRunRecord) -> None:
        """Keep how the run ended."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(runs).where(runs.c.id == run.id).values(status=run.status, ended_at=run.ended_at))

    def page(self, project_id: str, before: str, limit: int) -> Sequence[DbtRunRecord]:
        """At most `limit` runs, newest first."""
        with self._database.transaction() as connection:
            return page(connection, runs, DbtRunRecord, runs.c.project_id == project_id, before=before, limit=limit)

    def _last(self, run: DbtRunRecord) -> DbtRunRecord | None:
        """The run that has the target: the last one begun that did not end."""
        statement = sa.select(*columns(runs, DbtRunRecord)).where(
            runs.c.project_id == run.project_id, runs.c.target == run.target, runs.c.ended_at.is_(None)
        )
        with self._database.transaction() as connection:
            row = connection.execute(statement.order_by(runs.c.id.desc()).limit(1)).first()
        return to_record(row, DbtRunRecord) if row is not None else None


def _forget(connection: sa.Connection, project_id: str) -> None:
    """Drop the runs that ended and are older than those that are kept."""
    of_project = runs.c.project_id == project_id
    kept = sa.select(runs.c.id).where(of_project).order_by(runs.c.id.desc()).limit(KEPT)
    connection.execute(sa.delete(runs).where(of_project, runs.c.ended_at.is_not(None), runs.c.id.not_in(kept)))
