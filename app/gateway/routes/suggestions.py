"""Questions that can be asked: while one is typed, and what others ask."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.suggestions import CompletionsReply, TrendingReply
from app.language.completions import MOST
from app.service import completions as completing
from app.service import trending as trends
from app.service.present import plain

router = APIRouter(prefix=f"{PREFIX}/suggestions", tags=["ask"])


@router.get("", response_model=CompletionsReply, responses=told(400, 401, 403, 422, 503))
async def suggestions(
    person: CallerDep,
    work: WorkDep,
    q: Annotated[str, Query(max_length=10_000, description="What is typed so far; empty for questions to start with.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 5,
) -> Response:
    """Questions that a text may become, each of which is answered. For analysts and admins."""
    found = await work(lambda: completing.completions(work.deps, person, q, limit))
    return json_response({"items": plain(found), "correlation_id": person.correlation_id})


@router.get("/trending", response_model=TrendingReply, responses=told(400, 401, 403, 422, 503))
async def trending(
    person: CallerDep,
    work: WorkDep,
    days: Annotated[int, Query(ge=1, le=trends.MOST_DAYS)] = 7,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> Response:
    """Questions that several people asked in the last days, as far as the caller may ask them. For analysts and admins."""
    found = await work(lambda: trends.trending(work.deps, person, days, limit))
    return json_response(
        {"items": [{"question": one.question, "query": one.query} for one in found], "correlation_id": person.correlation_id}
    )
