"""What dbt's last runs said of the data."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.cursor import cut
from app.gateway.responses import json_response, told
from app.gateway.schemas.quality import QualityPage
from app.model.quality import ResultStatus
from app.service.quality_view import quality as listed

router = APIRouter(prefix=f"{PREFIX}/quality", tags=["layer"])

Source = Annotated[str, Query(max_length=100, description="Of this engine alone.")]
Statuses = Annotated[list[ResultStatus], Query(max_length=10, description="Of these statuses alone; repeatable.")]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Cursor = Annotated[str, Query(max_length=2_000)]


@router.get("", response_model=QualityPage, responses=told(400, 401, 403, 422, 503))
async def quality(
    person: CallerDep,
    work: WorkDep,
    source: Source = "",
    status: Statuses = [],  # noqa: B006 - FastAPI copies it
    limit: Limit = 1_000,
    cursor: Cursor = "",
) -> Response:
    """The newest result of each test, build and source, as far as the caller may know of it. For analysts and admins."""
    found = await work(lambda: listed(work.deps, person, engine=source, status=status))
    return json_response(cut(found, limit, cursor, lambda line: f"{line.unique_id}\x1f{line.engine}"))
