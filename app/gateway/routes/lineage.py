"""Where the numbers of the published layer come from, and what stands on a column, as far as the caller may know of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response
from app.gateway.routes.layer import DETAIL, Name
from app.gateway.schemas import lineage as bodies
from app.service import lineage

router = APIRouter(prefix=PREFIX, tags=["layer"])

From = Annotated[
    str,
    Query(
        alias="from",
        min_length=1,
        max_length=1_000,
        description="`model.column`, `source.table.column`, a model, measure, dimension, entity or metric; `measure:orders.amount` says which kind.",
    ),
]


@router.get("/lineage/metrics/{name}", response_model=bodies.LineageReply, responses=DETAIL)
async def metric(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """All on which a metric stands, down to the columns of sources."""
    return json_response(await work(lambda: lineage.metric(work.deps, person, name)))


@router.get("/lineage/impact", response_model=bodies.ImpactReply, responses=DETAIL)
async def impact(start: From, person: CallerDep, work: WorkDep) -> Response:
    """What a change of a column, model, measure or metric may touch."""
    return json_response(await work(lambda: lineage.change(work.deps, person, start)))
