"""Locks that processes share, and background work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from app.model.jobs import Job, JobEvent, JobState
from app.ports.cancel import Cancel

REMEMBERED = dt.timedelta(days=30)
"""For how long at least the digest of what was wanted once is kept."""


class Locks(Protocol):
    """Locks that several processes respect."""

    def hold(self, *name: str, seconds: float = 0.0, cancel: Cancel | None = None) -> AbstractContextManager[bool]:
        """Hold the lock of that name in the block; False, and nothing held, where another holds it for `seconds` on, or until it is cancelled. The lock of one who
        dies is free."""


class Jobs(Protocol):
    """Background work and its events. A job that waits is never lost: whoever finds it due may send it again."""

    def add(self, job: Job, *, once: str = "") -> bool:
        """Keep a new job, with an event of its state. With `once`, a digest, only where none was kept for it before; False, and nothing kept, where one was."""

    def taken(self, project_id: str, once: str) -> bool:
        """Whether a job was kept for that digest; it is forgotten some time after `REMEMBERED`."""

    def get(self, job_id: str, project_id: str) -> Job | None:
        """The job of that id in the project."""

    def page(self, project_id: str, states: Sequence[JobState], before: str, limit: int) -> Sequence[Job]:
        """At most `limit` jobs in these states, newest first, before the id `before` ("" for the first page)."""

    def due(self, project_id: str, waiting: dt.datetime, running: dt.datetime, limit: int) -> Sequence[Job]:
        """Jobs that wait and were due before the one moment, or run and were due before the other, the oldest first."""

    def change(self, job: Job, *, before: Job) -> bool:
        """Keep the job as given, with an event of its state, where in the store it is still in the state and the try of `before`; else False, and nothing is
        changed: so a worker that lost its lock changes nothing of a later try."""

    def postpone(self, job: Job, due_at: dt.datetime) -> None:
        """Move the moment from which on the job is due, where it is still in the state and the try that is given; nothing happened, so no event tells it."""

    def seen(self, project_id: str) -> str | None:
        """The content of the project on which a sync began last, whatever came of it; None where none did."""

    def remember(self, project_id: str, content: str) -> None:
        """Keep the content on which a sync begins."""

    def tell(self, event: JobEvent) -> None:
        """Keep an event."""

    def events(self, project_id: str, job_id: str, after: int, limit: int) -> Sequence[JobEvent]:
        """At most `limit` events after the number `after`, in order, of one job or ("") of all of the project's. None of a lower number follows later."""

    def newest_event(self, project_id: str) -> int:
        """The number of the project's newest event, 0 where there is none."""


class Queue(Protocol):
    """Sends jobs to workers."""

    def send(self, job_id: str, *, seconds: float = 0.0) -> bool:
        """Give a job to whichever worker is free, in so many seconds; False where the queue does not answer. A job may be sent several times."""
