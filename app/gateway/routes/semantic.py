"""Semantic models, and stage 1 alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.cursor import cut
from app.gateway.responses import json_response, told
from app.gateway.schemas.ask import InterpretRequest
from app.gateway.schemas.layer import ReadingReply, SemanticModelPage
from app.service import semantic
from app.service.present import plain

router = APIRouter(prefix=f"{PREFIX}/semantic", tags=["layer"])


@router.get("/models", response_model=SemanticModelPage, responses=told(400, 401, 403, 422, 503))
async def models(
    person: CallerDep,
    work: WorkDep,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 1_000,
    cursor: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """The semantic models, by name, with their entities, dimensions and measures."""
    found = await work(lambda: semantic.semantic_models(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda model: model.name))


@router.post("/interpret", response_model=ReadingReply, responses=told(400, 401, 403, 415, 422, 503))
async def interpret(body: InterpretRequest, person: CallerDep, work: WorkDep) -> Response:
    """What a question is taken to mean, word by word; nothing is planned or run."""
    reading = await work(lambda: semantic.read_words(work.deps, person, body.question))
    return json_response({**plain(reading), "correlation_id": person.correlation_id})
