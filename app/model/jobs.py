"""Background work: jobs that a worker runs, and what happens in them."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node


class JobKind(StrEnum):
    """What a job does. `unreadable` is a message of the queue that no worker could read: kept so that an admin sees it, never run."""

    SYNC = "sync"
    DBT = "dbt"
    REPLAY = "replay"
    UNREADABLE = "unreadable"


class JobState(StrEnum):
    """`queued` waits for a worker or for its next try; `refused` ended with a Problem that trying again won't mend; `dead` failed in every try, or took
    its worker down each time: an admin may replay it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    DEAD = "dead"


ENDED = (JobState.SUCCEEDED, JobState.REFUSED, JobState.DEAD)
"""The states that a job leaves only by being replayed."""


class Job(Node, frozen=True):
    """A piece of work with what became of it.

    `arguments` and `result` are JSON objects; `problems` a JSON array of Problems. `trigger` says what asked for it (admin, cli, schedule, webhook:github …),
    `due_at` from when on it may run. `attempts` counts the tries that began.
    """

    id: str
    project_id: str
    kind: JobKind
    arguments: str
    trigger: str
    requested_by: str
    created_at: dt.datetime
    due_at: dt.datetime
    state: JobState = JobState.QUEUED
    attempts: int = 0
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    problems: str = "[]"
    result: str = "{}"
    correlation_id: str = ""


class EventKind(StrEnum):
    """What an event of a job tells: its state, a step that begins, or a line of output."""

    STATE = "state"
    STEP = "step"
    LINE = "line"


class JobEvent(Node, frozen=True):
    """Something that happened in a job. `seq` ascends over all jobs of the store (0 before it is kept); `data` is a JSON object."""

    job_id: str
    project_id: str
    at: dt.datetime
    kind: EventKind
    data: str
    seq: int = 0
