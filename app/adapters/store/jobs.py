"""Jobs and their events in the store (`app.ports.Jobs`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.adapters.store.database import Database, advisory_lock
from app.adapters.store.rows import columns, page, to_record, to_row
from app.adapters.store.tables import events, jobs, once, seen
from app.model.jobs import ENDED, EventKind, Job, JobEvent, JobState
from app.ports.jobs import REMEMBERED

KEPT = dt.timedelta(days=30)
"""How long jobs that ended well or were refused are kept; dead ones stay."""
_FORGOTTEN = 100
"""How many old jobs, and digests, are dropped with each new one at most."""


class StoredJobs:
    """Jobs of each project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: Job, *, once: str = "") -> bool:
        """Keep a new job and the event of its state; False where one was kept for this digest before."""
        with self._database.transaction() as connection:
            if once and not _first(connection, job, once):
                return False
            connection.execute(sa.insert(jobs).values(**to_row(job)))
            _forget(connection, job)
            _keep_event(connection, _state(job, job.created_at))
        return True

    def taken(self, project_id: str, digest: str) -> bool:
        """Whether the digest is known."""
        statement = sa.select(sa.literal(1)).where(once.c.project_id == project_id, once.c.digest == digest)
        with self._database.transaction() as connection:
            return connection.execute(statement).first() is not None

    def get(self, job_id: str, project_id: str) -> Job | None:
        """The job of that id in the project."""
        statement = sa.select(*columns(jobs, Job)).where(jobs.c.id == job_id, jobs.c.project_id == project_id)
        with self._database.transaction() as connection:
            row = connection.execute(statement).first()
        return to_record(row, Job) if row is not None else None

    def page(self, project_id: str, states: Sequence[JobState], before: str, limit: int) -> Sequence[Job]:
        """At most `limit` jobs in these states, newest first."""
        where = (jobs.c.project_id == project_id, jobs.c.state.in_(states))
        with self._database.transaction() as connection:
            return page(connection, jobs, Job, *where, before=before, limit=limit)

    def due(self, project_id: str, waiting: dt.datetime, running: dt.datetime, limit: int) -> Sequence[Job]:
        """Jobs that wait and were due before the one moment, or run and were due before the other, the oldest first."""
        late = sa.and_(jobs.c.state == JobState.QUEUED, jobs.c.due_at < waiting)
        begun = sa.and_(jobs.c.state == JobState.RUNNING, jobs.c.due_at < running)
        statement = sa.select(*columns(jobs, Job)).where(jobs.c.project_id == project_id, sa.or_(late, begun))
        with self._database.transaction() as connection:
            return [to_record(row, Job) for row in connection.execute(statement.order_by(jobs.c.id).limit(limit))]

    def change(self, job: Job, *, before: Job) -> bool:
        """Keep the job as given where it is what it was before, with an event of its state."""
        with self._database.transaction() as connection:
            if connection.execute(sa.update(jobs).where(_still(before)).values(**to_row(job))).rowcount != 1:
                return False
            when = job.finished_at if job.state in ENDED else job.started_at if job.state is JobState.RUNNING else None
            _keep_event(connection, _state(job, when))
        return True

    def postpone(self, job: Job, due_at: dt.datetime) -> None:
        """Due later, where the job is what it was."""
        with self._database.transaction() as connection:
            connection.execute(sa.update(jobs).where(_still(job)).values(due_at=due_at))

    def seen(self, project_id: str) -> str | None:
        """The content on which a sync began last."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(seen.c.content).where(seen.c.project_id == project_id)).scalars().first()

    def remember(self, project_id: str, content: str) -> None:
        """Keep the content on which a sync begins."""
        statement = insert(seen).values(project_id=project_id, content=content)
        statement = statement.on_conflict_do_update(index_elements=["project_id"], set_={"content": statement.excluded.content})
        with self._database.transaction() as connection:
            connection.execute(statement)

    def tell(self, event: JobEvent) -> None:
        """Keep an event."""
        row = to_row(event)
        del row["seq"]
        with self._database.transaction() as connection:
            _keep_event(connection, row)

    def events(self, project_id: str, job_id: str, after: int, limit: int) -> Sequence[JobEvent]:
        """At most `limit` events after a number, in order."""
        statement = sa.select(*columns(events, JobEvent)).where(events.c.project_id == project_id, events.c.seq > after)
        if job_id:
            statement = statement.where(events.c.job_id == job_id)
        with self._database.transaction() as connection:
            return [to_record(row, JobEvent) for row in connection.execute(statement.order_by(events.c.seq).limit(limit))]

    def newest_event(self, project_id: str) -> int:
        """The highest number; none below it is still to come."""
        statement = sa.select(sa.func.coalesce(sa.func.max(events.c.seq), 0)).where(events.c.project_id == project_id)
        with self._database.transaction() as connection:
            return int(connection.execute(statement).scalar_one())


def _keep_event(connection: sa.Connection, row: Mapping[str, object]) -> None:
    """Keep an event, as the last thing of its transaction. Events of a project are numbered one transaction after the other, to the commit of each: else one
    that is numbered first and committed last would be passed over by who has read the next."""
    advisory_lock(connection, "events", str(row["project_id"]))
    connection.execute(sa.insert(events).values(**row))


def _still(job: Job) -> sa.ColumnElement[bool]:
    """The job in this state and this try. A replay counts tries from 0 again, so their number alone doesn't tell one from another: when they began does."""
    return sa.and_(
        jobs.c.id == job.id,
        jobs.c.project_id == job.project_id,
        jobs.c.state == job.state,
        jobs.c.attempts == job.attempts,
        jobs.c.started_at.is_not_distinct_from(job.started_at),
    )


def _first(connection: sa.Connection, job: Job, digest: str) -> bool:
    statement = insert(once).values(project_id=job.project_id, digest=digest, at=job.created_at).on_conflict_do_nothing()
    return connection.execute(statement.returning(once.c.digest)).first() is not None


def _state(job: Job, when: dt.datetime | None) -> dict[str, object]:
    """The event of a job's state, as a row; without a time, the store's clock tells it."""
    data = msgspec.json.encode({"state": job.state, "attempt": job.attempts}).decode()
    return {
        "job_id": job.id,
        "project_id": job.project_id,
        "at": when if when is not None else sa.func.now(),
        "kind": str(EventKind.STATE),
        "data": data,
    }


def _forget(connection: sa.Connection, job: Job) -> None:
    """Drop some jobs that ended long ago, with their events, and digests that are as old."""
    old = (
        sa.select(jobs.c.id)
        .where(jobs.c.project_id == job.project_id, jobs.c.state.in_([JobState.SUCCEEDED, JobState.REFUSED]))
        .where(jobs.c.finished_at < job.created_at - KEPT)
        .limit(_FORGOTTEN)
    )
    connection.execute(sa.delete(jobs).where(jobs.c.id.in_(old)))
    forgotten = sa.select(once.c.digest).where(once.c.project_id == job.project_id, once.c.at < job.created_at - REMEMBERED)
    connection.execute(sa.delete(once).where(once.c.project_id == job.project_id, once.c.digest.in_(forgotten.limit(_FORGOTTEN))))
