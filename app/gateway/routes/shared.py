"""Answers that are shared by a link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.query import QueryId
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas.answer import answer_body
from app.gateway.schemas.shared import OpenedReply, SharedPage, SharedReply, shared_body
from app.model.conversations import SharedAnswer
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service import sharing

router = APIRouter(prefix=PREFIX, tags=["chat"])

ShareId = Annotated[str, Path(pattern=r"^shr_[0-9a-f]{32}$")]


@router.post("/answers/{query_id}/share", status_code=201, response_model=SharedReply, responses=told(401, 403, 404, 409, 422, 503))
async def share(query_id: QueryId, person: CallerDep, work: WorkDep) -> Response:
    """Share an answer of one's own by a link, which keeps the question and never rows. For analysts and admins."""
    return json_response(shared_body(await work(lambda: sharing.share(work.deps, person, query_id))), 201)


@router.get("/shared", response_model=SharedPage, responses=told(400, 401, 403, 422, 503))
async def list_shared(person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The caller's own links that can still be opened, the newest first."""
    found = [shared_body(one) for one in await work(lambda: sharing.list_shared(work.deps, person))]
    return json_response(cursors.cut(found, limit, cursor, lambda one: str(one["id"])))


@router.get("/shared/{share_id}", response_model=OpenedReply, responses=told(401, 403, 404, 422, 503))
async def open_shared(share_id: ShareId, person: CallerDep, work: WorkDep) -> Response:
    """Open a shared answer: it is asked anew as the caller, under the caller's own policies. For everybody of the project, viewers too."""
    opened: list[SharedAnswer] = []

    def ask(cancel: Cancel) -> Turn:
        shared, turn = sharing.open_shared(work.deps, person, share_id, cancel=cancel)
        opened.append(shared)
        return turn

    turn = await work.turn(DOOR, ask)
    kept = opened[0]
    of_link = {
        "question": kept.question,
        "shared_at": kept.created_at,
        "shared_layer_version": kept.layer_version,
        "expires_at": kept.expires_at,
    }
    return json_response({**answer_body(turn, person.correlation_id), **of_link})


@router.delete("/shared/{share_id}", status_code=204, responses=told(401, 403, 404, 422, 503))
async def revoke(share_id: ShareId, person: CallerDep, work: WorkDep) -> Response:
    """Take a link away: one's own; an admin anybody's."""
    await work(lambda: sharing.revoke(work.deps, person, share_id))
    return Response(status_code=204)
