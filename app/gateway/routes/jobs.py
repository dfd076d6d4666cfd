"""Background work, for admins: asked for, looked at, followed, replayed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.event_stream import EventStream
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas.jobs import JobPage, JobReply, SyncRequest
from app.gateway.streams import LAST
from app.model.jobs import JobKind, JobState
from app.service import jobs
from app.service.job_body import job_body
from app.service.publishing import Doer

router = APIRouter(prefix=PREFIX, tags=["jobs"], dependencies=[Depends(admin)])

AS_IT_IS = SyncRequest()
JobId = Annotated[str, Path(pattern=r"^job_[0-9a-f]{32}$")]
State = Annotated[JobState | None, Query(description="Only those in this state; `dead` is the list of what was given up.")]
LastSeen = Annotated[
    int, Header(alias="Last-Event-ID", ge=0, le=LAST, description="The number of the last event seen: only later ones follow.")
]
SeenOrNow = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=LAST,
        description="The number of the last event seen; without it only what happens from now on.",
    ),
]
_READ = told(401, 403, 404, 422, 503)
_EVENTS = "Events: state, step, line; end after a job's last one, error (a problem document) where the stream can't go on."
_STREAM = {**_READ, **told(429), 200: {"content": {"text/event-stream": {}}, "description": _EVENTS}}


@router.post("/admin/sync", status_code=202, response_model=JobReply, responses=told(400, 401, 403, 415, 422, 503))
async def sync(person: CallerDep, work: WorkDep, body: SyncRequest = AS_IT_IS) -> Response:
    """Have a worker bring the layer up to the project."""
    doer = Doer.of(person, force=body.force, reason=body.reason)
    arguments = {"force": body.force, "reason": body.reason, "fetch": body.fetch}
    job = await work(lambda: jobs.request_by(work.deps, doer, JobKind.SYNC, arguments))
    return json_response(job_body(job), 202)


@router.get("/jobs", response_model=JobPage, responses=told(400, 401, 403, 422, 503))
async def list_jobs(work: WorkDep, state: State = None, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Jobs, newest first."""
    before, states = cursors.decode(cursor), (state,) if state else ()
    found = await work(lambda: jobs.list_jobs(work.deps, states=states, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda job: job.id)
    return json_response({"items": [job_body(job) for job in shown], "next_cursor": following})


@router.get("/jobs/{job_id}", response_model=JobReply, responses=_READ)
async def job(job_id: JobId, work: WorkDep) -> Response:
    """A job with what became of it."""
    return json_response(job_body(await work(lambda: jobs.find(work.deps, job_id))))


@router.post("/jobs/{job_id}/replay", status_code=202, response_model=JobReply, responses=told(401, 403, 404, 409, 422, 503))
async def replay(job_id: JobId, person: CallerDep, work: WorkDep) -> Response:
    """Give a dead job all its tries again."""
    return json_response(job_body(await work(lambda: jobs.replay(work.deps, Doer.of(person), job_id))), 202)


@router.get("/jobs/{job_id}/events", response_class=StreamingResponse, responses=_STREAM)
async def follow(job_id: JobId, request: Request, work: WorkDep, last_seen: LastSeen = 0) -> Response:
    """What happens in a job, as server-sent events; over WebSocket at the same path."""
    await work(lambda: jobs.find(work.deps, job_id))
    return EventStream(request, job_id, last_seen)


@router.get("/events", response_class=StreamingResponse, responses=_STREAM)
async def follow_all(request: Request, work: WorkDep, last_seen: SeenOrNow = None) -> Response:
    """What happens in every job of the project, as server-sent events; over WebSocket at the same path."""
    after = last_seen if last_seen is not None else await work(lambda: jobs.newest_event(work.deps))
    return EventStream(request, "", after)
