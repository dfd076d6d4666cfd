"""Bodies of jobs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from app.gateway.schemas.base import Body, Reply
from app.gateway.schemas.versions import Reason
from app.model.jobs import JobKind, JobState


class SyncRequest(Body):
    """Ask a worker for a sync; `fetch` brings the project's folder up to its branch first, where the settings name one."""

    force: bool = Field(False, description="Publish also what breaks consumers or was rolled back; wants a reason.")
    reason: Reason = ""
    fetch: bool = True


class JobReply(Reply):
    """A job with what became of it; `problems` are those of its last try, `result` is there once it succeeded."""

    id: str
    kind: JobKind
    state: JobState
    trigger: str = Field(examples=["webhook:github"])
    requested_by: str
    created_at: dt.datetime
    due_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    attempts: int
    arguments: dict[str, Any]
    problems: list[dict[str, Any]]
    result: dict[str, Any]
    correlation_id: str


class JobPage(Reply):
    """Jobs, newest first."""

    items: list[JobReply]
    next_cursor: str | None


class WebhookReply(Reply):
    """What a message called for: the job that was made, or why there is none."""

    job_id: str | None
    reason: str
