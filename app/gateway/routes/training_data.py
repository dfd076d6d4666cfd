"""What people said of answers, for admins: flagged entries, and the corrections that answer in their place."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas import feedback as bodies
from app.model.corrections import CorrectionState
from app.service import correcting, correction_patch, feedback, feedback_body

_AT = "/admin/training-data"
router = APIRouter(prefix=f"{PREFIX}{_AT}", tags=["feedback"], dependencies=[Depends(admin)])
older = APIRouter(prefix=_AT, include_in_schema=False, dependencies=[Depends(admin)])
"""The same under `/admin/…`, where clients were told once: they are sent on."""

CorrectionId = Annotated[str, Path(pattern=r"^apr_[0-9a-f]{32}$")]
EntryOrCorrection = Annotated[str, Path(pattern=r"^(fbk|apr)_[0-9a-f]{32}$")]
States = Annotated[list[CorrectionState], Query(alias="state", max_length=5)]
NO_STATES: list[CorrectionState] = []
_READ = told(400, 401, 403, 404, 422, 503)
_DECIDE = told(400, 401, 403, 404, 409, 415, 422, 503)


@router.get("", response_model=bodies.EntryPage, responses=_READ)
async def list_entries(
    person: CallerDep, work: WorkDep, tag: bodies.Tag = "flagged-for-review", limit: Limit = 50, cursor: Cursor = ""
) -> Response:
    """What was said of answers, newest first, with its age and the asker's words."""
    before = cursors.decode(cursor)
    found = await work(lambda: feedback.listed(work.deps, person, tag, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.entry.id)
    items = await work(lambda: [feedback_body.entry_body(work.deps, person, one) for one in shown])
    return json_response({"items": items, "next_cursor": following})


@router.post("/approve", status_code=202, response_model=bodies.WaitingReply, responses=_DECIDE)
async def approve(body: bodies.ApproveRequest, person: CallerDep, work: WorkDep) -> Response:
    """Correct a flagged answer. It answers once all approved questions were replayed and none of them came to something else."""
    query = body.corrected_query.to_query() if body.corrected_query is not None else None
    given = (body.flagged_entry_id, body.question, query, body.corrected_sql, body.source)
    made = await work(lambda: correcting.approve(work.deps, person, *given))
    return json_response(await work(lambda: feedback_body.waiting_body(work.deps, person, made)), 202)


@router.post("/reject", response_model=bodies.EntryReply, responses=_DECIDE)
async def reject(body: bodies.RejectRequest, person: CallerDep, work: WorkDep) -> Response:
    """Say no to a flag."""
    entry = await work(lambda: feedback.reject(work.deps, person, body.flagged_entry_id, body.reason))
    found = await work(lambda: feedback.reviewed(work.deps, entry))
    return json_response(await work(lambda: feedback_body.entry_body(work.deps, person, found)))


@router.get("/corrections", response_model=bodies.CorrectionPage, responses=_READ)
async def list_corrections(person: CallerDep, work: WorkDep, state: States = NO_STATES, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The corrections in these states, without any all of them, newest first."""
    before = cursors.decode(cursor)
    found = await work(lambda: correcting.list_corrections(work.deps, person, state, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.id)
    items = await work(lambda: [feedback_body.correction_body(work.deps, person, one) for one in shown])
    return json_response({"items": items, "next_cursor": following})


@router.get("/replay", response_model=bodies.ReplayReply, responses=told(401, 403, 503))
async def show_replay(person: CallerDep, work: WorkDep) -> Response:
    """What came to something else when all approved questions were last asked again, which a worker does where the language models changed."""
    found, differences = await work(lambda: correcting.last_replay(work.deps, person))
    return json_response(await work(lambda: feedback_body.replay_body(work.deps, person, found, differences)))


@router.post("/corrections/{correction_id}/accept", status_code=202, response_model=bodies.WaitingReply, responses=_DECIDE)
async def accept(correction_id: CorrectionId, body: bodies.ReasonRequest, person: CallerDep, work: WorkDep) -> Response:
    """Let a held correction stand; the approved pairs that differ with it make way. It answers once all approved questions were asked again, and is held again where
    it changes more than it showed."""
    found = await work(lambda: correcting.accept(work.deps, person, correction_id, body.reason))
    return json_response(await work(lambda: feedback_body.waiting_body(work.deps, person, found)), 202)


@router.post("/corrections/{correction_id}/withdraw", response_model=bodies.CorrectionReply, responses=_DECIDE)
async def withdraw(correction_id: CorrectionId, body: bodies.ReasonRequest, person: CallerDep, work: WorkDep) -> Response:
    """Take a correction back; the entry waits for an admin again."""
    found = await work(lambda: correcting.withdraw(work.deps, person, correction_id, body.reason))
    return json_response(await work(lambda: feedback_body.correction_body(work.deps, person, found)))


@router.get("/{entry_id}/patch", response_model=bodies.PatchReply, responses=told(400, 401, 403, 404, 409, 422, 503))
async def show_patch(entry_id: EntryOrCorrection, person: CallerDep, work: WorkDep) -> Response:
    """The synonym or segment by which the dbt project says the correction itself, as a unified diff that is ready for a pull request."""
    return json_response(asdict(await work(lambda: correction_patch.patch(work.deps, person, entry_id))))


@older.get("")
@older.get("/{rest:path}")
@older.post("/{rest:path}")
async def moved(request: Request) -> Response:
    """The one place of training data."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{PREFIX}{request.url.path}{query}", 308)
