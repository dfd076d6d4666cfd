"""What is kept of a person, given out and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain

from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.gate import Work
from app.gateway.responses import json_response, told
from app.gateway.routes.users import UserId
from app.gateway.schemas.users import ForgottenReply, PersonalData
from app.service import personal_data
from app.service.audit import Caller

router = APIRouter(prefix=f"{PREFIX}/users", tags=["users"])


@router.get("/me/data", response_model=PersonalData, responses=told(401, 403, 503))
async def my_data(person: CallerDep, work: WorkDep) -> Response:
    """All that is kept of the caller, as one JSON document. For everybody."""
    return await _given(work, person, "")


@router.delete("/me/data", response_model=ForgottenReply, responses=told(401, 403, 503))
async def forget_me(person: CallerDep, work: WorkDep) -> Response:
    """Remove what the caller said: conversations, choices and shared answers, and the words of the query log and of feedback. For everybody."""
    return json_response(asdict(await work(lambda: personal_data.forget(work.deps, person))))


@router.get("/{user_id}/data", response_model=PersonalData, responses=told(401, 403, 404, 422, 503))
async def data_of(user_id: UserId, person: CallerDep, work: WorkDep) -> Response:
    """All that is kept of a person of the project. For admins, and for the person."""
    return await _given(work, person, user_id)


@router.delete("/{user_id}/data", response_model=ForgottenReply, responses=told(401, 403, 404, 422, 503))
async def forget_of(user_id: UserId, person: CallerDep, work: WorkDep) -> Response:
    """Remove what a person of the project said. For admins, and for the person."""
    return json_response(asdict(await work(lambda: personal_data.forget(work.deps, person, user_id))))


async def _given(work: Work, person: Caller, user_id: str) -> Response:
    """The document in parts. The first is made before the answer begins, so that what is refused is a problem document."""

    def begun() -> Iterator[bytes]:
        parts = personal_data.export(work.deps, person, user_id)
        return chain([next(parts)], parts)

    return StreamingResponse(await work(begun), media_type="application/json")
