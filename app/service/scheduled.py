"""What runs by the clock: a sync where the project changed, and forgetting what was kept long enough."""

from __future__ import annotations

import datetime as dt

from app.model.jobs import JobKind, JobState
from app.service.deps import Deps
from app.service.jobs import list_jobs, request

TRIGGER = "schedule"


def sync_scheduled(deps: Deps, *, always: bool) -> str:
    """Ask for a sync and give the job's id; "" where the content is what it was at the last one, or such a job waits already. `always` looks at neither.

    So a project with errors is refused once, and one that crashes is dead once, and not once a minute. Raises what the store raises.
    """
    if not always:
        if deps.project.content() == deps.jobs.seen(deps.project_id):
            return ""
        waiting = list_jobs(deps, states=(JobState.QUEUED, JobState.RUNNING))
        if any(job.kind is JobKind.SYNC for job in waiting):
            return ""
    job = request(deps, JobKind.SYNC, {"fetch": True}, trigger=TRIGGER, by="worker")
    return job.id if job is not None else ""


def forget_old(deps: Deps) -> int:
    """Forget conversations and remembered choices that were kept for as many days as they may, and links that expired; how many there were."""
    now, talk = deps.clock.now(), deps.talk
    before = now - dt.timedelta(days=talk.days)
    kept = (talk.conversations.forget(deps.project_id, before), talk.choices.forget(deps.project_id, before))
    return sum(kept) + talk.shared.forget(deps.project_id, now)
