"""Questions in words."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.answer import AnswerReply, answer_body
from app.gateway.schemas.ask import AskRequest
from app.service import ask as service

router = APIRouter(prefix=PREFIX, tags=["ask"])


@router.post("/ask", response_model=AnswerReply, responses=told(400, 401, 403, 415, 422, 503))
async def ask(body: AskRequest, person: CallerDep, work: WorkDep) -> Response:
    """A question → the whole answer, a question back, or an honest no. For analysts and admins."""
    turn = await work.turn(
        DOOR,
        lambda cancel: service.ask(
            work.deps, person, body.question, previous=body.previous(), anew=body.anew, source=body.source, cancel=cancel
        ),
    )
    return json_response(answer_body(turn, person.correlation_id))
