"""Background work: asked for, run by a worker, tried again, given up to an admin, replayed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace

from app.errors import DataMindError, InternalError, Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.ids import new_id
from app.model.jobs import ENDED, EventKind, Job, JobEvent, JobKind, JobState
from app.redaction.problems import all_impersonal
from app.service import audit
from app.service.audit import Write, recorded
from app.service.deps import Deps
from app.service.present import to_json
from app.service.publishing import Doer

BACK_OFF = (2.0, 8.0, 32.0)
"""Seconds to wait before each of the tries after the first."""
AGAIN = frozenset({"DM2080", "DM8007"})
"""Problems that somebody else's work or a remote that is away caused: trying again may mend them."""
TURNS = frozenset({"DM8008", "DM8028", "DM8061", "DM8065"})
"""Problems of a job whose turn it is not yet: it waits without losing a try."""
TURN_HOURS = 12
"""How old a job gets that waits for its turn."""
_TURN_SECONDS = (5.0, 60.0)
"""How long it waits at least and at most before it looks again; between them a quarter of its age."""
WAITS_SECONDS = 20.0
"""A job that is due for so long was not sent, or its message is lost."""
MOST_BETWEEN = dt.timedelta(minutes=5)
"""A job that still waits is sent again when it has waited twice as long, and at least so often."""
_MOST_DUE = 100

Tell = Callable[[EventKind, Mapping[str, Any]], None]
"""Told what happens in a job."""
Handler = Callable[[Deps, Job, Tell], Mapping[str, Any]]
"""Does the work of a job and gives its result. A UserError is the end of it, all else is tried again."""


def request(
    deps: Deps, kind: JobKind, arguments: Mapping[str, Any], *, trigger: str, by: str, correlation_id: str = "", once: str = ""
) -> Job | None:
    """Keep a job and send it to the workers; where the queue is away it waits in the store and is sent later. None where `once` was asked for before."""
    now = deps.clock.now()
    job = Job(new_id("job"), deps.project_id, kind, to_json(arguments).decode(), trigger, by, now, now, correlation_id=correlation_id)
    if not deps.jobs.add(job, once=once):
        return None
    deps.queue.send(job.id)
    return job


def request_by(deps: Deps, doer: Doer, kind: JobKind, arguments: Mapping[str, Any], *, trigger: str = "admin") -> Job:
    """The same for an admin, who is recorded first."""
    with recorded(_writes(deps, doer, EventType.JOB_REQUEST), kind=kind.value, reason=doer.reason):
        job = request(deps, kind, arguments, trigger=trigger, by=doer.by, correlation_id=doer.correlation_id)
    assert job is not None  # noqa: S101 - only what is wanted once can be refused
    return job


def _writes(deps: Deps, doer: Doer, event: EventType) -> Write:
    return partial(
        audit.record, deps.audit, deps.clock, event_type=event, user_id=doer.by, email=doer.email, project_id=deps.project_id, component="jobs",
        correlation_id=doer.correlation_id, ip_address=doer.ip_address,
    )  # fmt: skip


def run(deps: Deps, job_id: str, handlers: Mapping[JobKind, Handler]) -> str:
    """Run a job that waits, and say in which state it is then. One that ended, or that another worker runs, is left alone: messages may come twice.

    Raises what the store raises: then nothing is known of the job, and it will be sent again.
    """
    with deps.locks.hold("job", job_id) as ours:
        found = deps.jobs.get(job_id, deps.project_id)
        if found is None or not ours or found.state in ENDED:
            return found.state if found is not None else ""
        if found.attempts > len(BACK_OFF):
            return _end(deps, found, JobState.DEAD, [Problem("DM8032", "its worker died in every try", hint="look at the worker's log")])
        begun = replace(
            found, state=JobState.RUNNING, attempts=found.attempts + 1, started_at=deps.clock.now(), finished_at=None, problems="[]"
        )
        if not deps.jobs.change(begun, before=found):
            return found.state
        return _tried(deps, begun, handlers[begun.kind])


def _tried(deps: Deps, job: Job, handler: Handler) -> str:
    """One try, and what follows from how it ended."""

    def tell(kind: EventKind, data: Mapping[str, Any]) -> None:
        deps.jobs.tell(JobEvent(job.id, job.project_id, deps.clock.now(), kind, to_json(data).decode()))

    try:
        result = handler(deps, job, tell)
    except UserError as error:
        if error.problem.code in TURNS:
            return _in_turn(deps, job, error)
        if error.problem.code not in AGAIN:
            return _end(deps, job, JobState.REFUSED, error.problems)
        return _again(deps, job, error)
    except Exception as error:  # whatever it is: the job must not be lost
        return _again(deps, job, error)
    return _end(deps, job, JobState.SUCCEEDED, (), result)


def _again(deps: Deps, job: Job, error: Exception) -> str:
    """Wait for the next try, or give up."""
    problems = error.problems if isinstance(error, DataMindError) else (Problem("DM9001", f"an unexpected error ({type(error).__name__})"),)
    if job.attempts > len(BACK_OFF):
        return _end(deps, job, JobState.DEAD, problems)
    return _wait(deps, job, job.attempts, BACK_OFF[job.attempts - 1], problems)


def _in_turn(deps: Deps, job: Job, error: UserError) -> str:
    """Look again later, as a try that was none; given up after half a day."""
    age = deps.clock.now() - job.created_at
    if age > dt.timedelta(hours=TURN_HOURS):
        return _end(deps, job, JobState.DEAD, error.problems)
    least, most = _TURN_SECONDS
    return _wait(deps, job, job.attempts - 1, min(max(age.total_seconds() / 4, least), most), error.problems)


def _wait(deps: Deps, job: Job, attempts: int, seconds: float, problems: Sequence[Problem]) -> str:
    """Put it back into the queue, as one that had so many tries."""
    due = deps.clock.now() + dt.timedelta(seconds=seconds)
    waiting = replace(job, state=JobState.QUEUED, attempts=attempts, due_at=due, problems=to_json(list(all_impersonal(problems))).decode())
    if not deps.jobs.change(waiting, before=job):
        return find(deps, job.id).state
    deps.queue.send(job.id, seconds=seconds)
    return waiting.state


def _end(deps: Deps, job: Job, state: JobState, problems: Sequence[Problem], result: Mapping[str, Any] | None = None) -> str:
    """Keep how the try ended. Where the lock was lost meanwhile and another worker took the job over, its try counts, and this one leaves nothing."""
    ended = replace(job, state=state, finished_at=deps.clock.now(), problems=to_json(list(all_impersonal(problems))).decode())
    if result is not None:
        ended = replace(ended, result=to_json(result).decode())
    return ended.state if deps.jobs.change(ended, before=job) else find(deps, job.id).state


def send_waiting(deps: Deps) -> int:
    """Send again what was not sent or got lost on the way, and what a worker that died had begun; the number of those jobs."""
    now = deps.clock.now()
    late = now - dt.timedelta(seconds=WAITS_SECONDS)
    sent = 0
    for job in deps.jobs.due(deps.project_id, late, now, _MOST_DUE):
        if job.state is JobState.RUNNING:
            with deps.locks.hold("job", job.id) as free:
                if not free:
                    continue
        if deps.queue.send(job.id):
            sent += 1
            deps.jobs.postpone(job, now + min(now - job.created_at, MOST_BETWEEN))
    return sent


def list_jobs(deps: Deps, *, states: Sequence[JobState] = (), before: str = "", limit: int = 50) -> Sequence[Job]:
    """At most `limit` jobs, newest first; without states all of them."""
    return deps.jobs.page(deps.project_id, states or tuple(JobState), before, limit)


def find(deps: Deps, job_id: str) -> Job:
    """The job of that id. Raises UserError DM8030."""
    job = deps.jobs.get(job_id, deps.project_id)
    if job is None:
        raise UserError(Problem("DM8030", f"there is no job `{job_id[:70]}`", hint="`datamind jobs list` shows them"))
    return job


def replay(deps: Deps, doer: Doer, job_id: str) -> Job:
    """Give a dead job all its tries again. Raises UserError DM8030, DM8031 for one that is not dead, DM8033 for a message that nobody could read."""
    job = find(deps, job_id)
    if job.kind is JobKind.UNREADABLE:
        raise UserError(Problem("DM8033", "a message that no worker could read can't be replayed", hint="find out who sent it"))
    again = replace(job, state=JobState.QUEUED, attempts=0, due_at=deps.clock.now(), started_at=None, finished_at=None)
    with recorded(_writes(deps, doer, EventType.JOB_REPLAY), job=job.id, kind=job.kind.value):
        if job.state is not JobState.DEAD or not deps.jobs.change(again, before=job):
            raise UserError(
                Problem("DM8031", f"the job is {job.state}, and only a dead one is replayed", hint="`datamind jobs list --state dead`")
            )
    deps.queue.send(job.id)
    return again


def keep_unreadable(deps: Deps, what: Mapping[str, Any]) -> Job:
    """Keep, as a dead job, that a message came which no worker can read; what it held is not kept."""
    now = deps.clock.now()
    problem = Problem("DM8033", "a message of the queue could not be read", hint="only JSON is read: find out who sent it")
    job = Job(
        new_id("job"), deps.project_id, JobKind.UNREADABLE, to_json(what).decode(), "queue", "", now, now, JobState.DEAD, finished_at=now,
        problems=to_json([problem]).decode(),
    )  # fmt: skip
    deps.jobs.add(job)
    return job


def events_after(deps: Deps, job_id: str, after: int, limit: int = 500) -> tuple[Sequence[JobEvent], bool]:
    """The events of a job ("" for every job of the project) after a number, and whether none will follow."""
    ended = bool(job_id) and find(deps, job_id).state in ENDED  # asked first: what came until then is read below
    found = deps.jobs.events(deps.project_id, job_id, after, limit)
    return found, ended and len(found) < limit


def newest_event(deps: Deps) -> int:
    """The number of the project's newest event: what happens from now on comes after it."""
    return deps.jobs.newest_event(deps.project_id)


def problems_of(job: Job) -> list[Problem]:
    """The Problems with which the last try ended."""
    return msgspec.json.decode(job.problems, type=list[Problem])


def raise_for(job: Job) -> None:
    """Raises what ended a job that did not succeed, as the error that it was."""
    if job.state in (JobState.REFUSED, JobState.DEAD):
        raise (UserError if job.state is JobState.REFUSED else InternalError)(*problems_of(job))
