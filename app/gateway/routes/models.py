"""Language models, for admins: whether they may draft, and what they used."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.cursor import cut
from app.gateway.responses import json_response, told
from app.gateway.routes.quality import Cursor, Limit
from app.gateway.schemas.feedback import ReasonRequest
from app.gateway.schemas.models import ModelPage, ModelReply, UsagePage
from app.service import model_deciding
from app.service.model_body import model_body
from app.service.model_usage import usage
from app.service.present import fields

router = APIRouter(prefix=f"{PREFIX}/models", tags=["models"], dependencies=[Depends(admin)])

ModelId = Annotated[str, Path(pattern=r"^mdl_[0-9a-f]{32}$")]
_DECIDE = told(400, 401, 403, 404, 409, 415, 422, 503)
Day = Annotated[dt.date | None, Query(description="A day in UTC, included.")]


@router.get("", response_model=ModelPage, responses=told(400, 401, 403, 422, 503))
async def list_models(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """The language models that are set, in the order in which they are asked, then those that were: whether each may draft, and what it reads otherwise than was
    approved."""
    found = await work(lambda: model_deciding.list_models(work.deps, person))
    page = cut(found, limit, cursor, lambda one: f"{one.gate.provider}\x1f{one.gate.model}")
    items = await work(lambda: [model_body(work.deps, person, one) for one in page["items"]])
    return json_response({**page, "items": items})


@router.post("/{model_id}/accept", response_model=ModelReply, responses=_DECIDE)
async def accept(model_id: ModelId, body: ReasonRequest, person: CallerDep, work: WorkDep) -> Response:
    """Let a language model draft although it reads approved questions otherwise."""
    found = await work(lambda: model_deciding.accept(work.deps, person, model_id, body.reason))
    return json_response(await work(lambda: model_body(work.deps, person, found)))


@router.post("/{model_id}/reject", response_model=ModelReply, responses=_DECIDE)
async def reject(model_id: ModelId, body: ReasonRequest, person: CallerDep, work: WorkDep) -> Response:
    """Shut a language model out; the settings stay as they are."""
    found = await work(lambda: model_deciding.reject(work.deps, person, model_id, body.reason))
    return json_response(await work(lambda: model_body(work.deps, person, found)))


@router.get("/usage", response_model=UsagePage, responses=told(400, 401, 403, 422, 503))
async def model_usage(
    person: CallerDep, work: WorkDep, since: Day = None, until: Day = None, limit: Limit = 1_000, cursor: Cursor = ""
) -> Response:
    """Tokens and cost by day, person and model; of the last 30 days where nothing else is said."""
    today = work.deps.clock.now().astimezone(dt.UTC).date()
    found = await work(lambda: usage(work.deps.models, person, today, since=since, until=until))
    page = cut(found, limit, cursor, lambda line: f"{line.day}\x1f{line.user_id}\x1f{line.provider}\x1f{line.model}")
    return json_response({**page, "items": [fields(line, "project_id") for line in page["items"]]})
