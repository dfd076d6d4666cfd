"""The versions of the layer, for admins: what they changed names everything, whatever policies hide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas import versions as bodies
from app.service import version_body, versions
from app.service.publishing import Doer

router = APIRouter(prefix=f"{PREFIX}/versions", tags=["versions"], dependencies=[Depends(admin)])

Name = Annotated[
    str, Path(pattern=r"^[0-9a-z_]{1,80}$", description="A number, 7 or more digits of a hash, a candidate's id, or `current`.")
]
Compared = Annotated[str, Query(max_length=80)]
CandidateId = Annotated[str, Path(pattern=r"^cnd_[0-9a-f]{32}$")]
_READ = told(401, 403, 404, 422, 503)
_DECIDE = told(400, 401, 403, 404, 409, 415, 422, 503)


@router.get("", response_model=bodies.VersionPage, responses=told(400, 401, 403, 422, 503))
async def list_versions(work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """What was published, newest first."""
    before = cursors.decode_number(cursor)
    found = await work(lambda: versions.list_versions(work.deps, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: cursors.of_number(one.number))
    return json_response({"items": [version_body.publication_body(one) for one in shown], "next_cursor": following})


@router.get("/candidates", response_model=bodies.CandidatePage, responses=told(400, 401, 403, 422, 503))
async def list_candidates(work: WorkDep, decided: bool = False, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The layers that wait for an admin, newest first; with `decided` those that do not any more too."""
    before = cursors.decode(cursor)
    found = await work(lambda: versions.waiting(work.deps, decided=decided, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.id)
    return json_response({"items": [version_body.candidate_body(one) for one in shown], "next_cursor": following})


@router.get("/diff", response_model=bodies.ShownReply, responses=_READ)
async def diff(work: WorkDep, old: Compared, new: Compared = "") -> Response:
    """What differs between two versions, the second being the current one where none is named."""
    return json_response(version_body.shown_body(await work(lambda: versions.diff(work.deps, old, new))))


@router.get("/{name}", response_model=bodies.ShownReply, responses=_READ)
async def show(name: Name, work: WorkDep) -> Response:
    """A version and what it changed."""
    return json_response(version_body.shown_body(await work(lambda: versions.show(work.deps, "" if name == "current" else name))))


@router.post("/rollback", response_model=bodies.PublishedReply, responses=_DECIDE)
async def rollback(body: bodies.RollbackRequest, person: CallerDep, work: WorkDep) -> Response:
    """Serve an earlier version again; syncs leave it so until the project is changed."""
    doer = Doer.of(person, reason=body.reason)
    published = await work(lambda: versions.rollback(work.deps, doer, body.to, accept_looser=body.accept_looser))
    return json_response(version_body.published_body(published))


@router.post("/candidates/{candidate_id}/approve", response_model=bodies.PublishedReply, responses=_DECIDE)
async def approve(candidate_id: CandidateId, body: bodies.DecisionRequest, person: CallerDep, work: WorkDep) -> Response:
    """Publish a layer that waits."""
    doer = Doer.of(person, reason=body.reason)
    return json_response(version_body.published_body(await work(lambda: versions.approve(work.deps, doer, candidate_id))))


@router.post("/candidates/{candidate_id}/reject", response_model=bodies.CandidateReply, responses=_DECIDE)
async def reject(candidate_id: CandidateId, body: bodies.DecisionRequest, person: CallerDep, work: WorkDep) -> Response:
    """Say no to a layer that waits."""
    doer = Doer.of(person, reason=body.reason)
    return json_response(version_body.candidate_body(await work(lambda: versions.reject(work.deps, doer, candidate_id))))
