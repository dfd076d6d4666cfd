"""The sync as a job of a worker: the project is brought up to its repository, parsed where it was edited, and published."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from app.errors import UserError
from app.model.jobs import EventKind, Job
from app.service.asker import admin_of
from app.service.deps import Deps
from app.service.in_step import STEPS, in_step
from app.service.jobs import TURNS, Tell
from app.service.publishing import Doer
from app.service.scheduled import TRIGGER
from app.service.version_body import sync_body


class SyncArguments(msgspec.Struct, frozen=True):
    """What a sync is asked to do: `fetch` brings the project's folder up to its repository first, where the settings name a branch."""

    force: bool = False
    reason: str = ""
    fetch: bool = False


def run_sync(deps: Deps, job: Job, tell: Tell) -> Mapping[str, Any]:
    """Handle a job of kind sync; raises as `in_step` does, DM7011 where who forces it may not.

    What is about to be worked on is remembered: the schedule asks again only where it changed. Whatever comes of this content, an error, a crash, the death of
    the worker, is this job's own to try again, until it is dead. A sync that can't be made now has its turn later; one of the schedule ends, as the next is due.
    """
    asked = msgspec.json.decode(job.arguments, type=SyncArguments)
    if asked.force:
        admin_of(deps, job)

    def step(name: str) -> None:
        tell(EventKind.STEP, {"step": name, "index": STEPS.index(name), "of": len(STEPS)})

    remember = partial(deps.jobs.remember, deps.project_id)
    doer = Doer(job.requested_by, job.correlation_id, asked.force, asked.reason)
    try:
        return sync_body(in_step(deps, doer, fetch=asked.fetch, tell=step, seen=remember))
    except UserError as error:
        if error.problem.code not in TURNS:
            raise
        remember("")
        if job.trigger != TRIGGER:
            raise
        return {"published": False, "waits": error.problem.message}
