"""Feedback on answers."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.feedback import FlagReply, FlagRequest
from app.service import feedback

router = APIRouter(prefix=f"{PREFIX}/feedback", tags=["feedback"])


@router.post("/flag", status_code=201, response_model=FlagReply, responses=told(400, 401, 403, 404, 415, 422, 503))
async def flag(body: FlagRequest, person: CallerDep, work: WorkDep) -> Response:
    """Say what an answer is worth: below 4 it is flagged for review. For analysts and admins, on turns that they may see."""
    entry = await work(lambda: feedback.flag(work.deps, person, body.query_id, body.comment, body.rating))
    message = feedback.thanks(entry, body.comment)
    return json_response(
        {"feedback_id": entry.id, "status": entry.status, "message": message, "correlation_id": person.correlation_id}, 201
    )
