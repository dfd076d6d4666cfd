"""What language models used, for admins."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.cursor import cut
from app.gateway.responses import json_response, told
from app.gateway.routes.quality import Cursor, Limit
from app.gateway.schemas.models import UsagePage
from app.service.model_usage import usage
from app.service.present import fields

router = APIRouter(prefix=f"{PREFIX}/models", tags=["models"])

Day = Annotated[dt.date | None, Query(description="A day in UTC, included.")]


@router.get("/usage", response_model=UsagePage, responses=told(400, 401, 403, 422, 503))
async def model_usage(
    person: CallerDep, work: WorkDep, since: Day = None, until: Day = None, limit: Limit = 1_000, cursor: Cursor = ""
) -> Response:
    """Tokens and cost by day, person and model; of the last 30 days where nothing else is said."""
    today = work.deps.clock.now().astimezone(dt.UTC).date()
    found = await work(lambda: usage(work.deps.models, person, today, since=since, until=until))
    page = cut(found, limit, cursor, lambda line: f"{line.day}\x1f{line.user_id}\x1f{line.provider}\x1f{line.model}")
    return json_response({**page, "items": [fields(line, "project_id") for line in page["items"]]})
