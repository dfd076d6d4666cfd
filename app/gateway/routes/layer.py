"""The published layer to read, as far as the caller may know of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.cursor import cut
from app.gateway.responses import json_response, told
from app.gateway.schemas import layer as bodies
from app.service import semantic

router = APIRouter(prefix=PREFIX, tags=["layer"])

Name = Annotated[str, Path(max_length=1_000)]
Limit = Annotated[int, Query(ge=1, le=1_000)]
Cursor = Annotated[str, Query(max_length=2_000)]
Metrics = Annotated[list[str], Query(max_length=200, description="Only dimensions that all of these metrics can be grouped by.")]

PAGES = told(400, 401, 403, 404, 422, 503)
DETAIL = told(401, 403, 404, 422, 503)


@router.get("/metrics", response_model=bodies.MetricPage, responses=PAGES)
async def metrics(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """The metrics, by name."""
    found = await work(lambda: semantic.metrics(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda metric: metric.name))


@router.get("/metrics/{name}", response_model=bodies.MetricReply, responses=DETAIL)
async def metric(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """One metric with its definition and what it can be grouped by."""
    return json_response(await work(lambda: semantic.metric(work.deps, person, name)))


@router.get("/metrics/{name}/dimensions", response_model=bodies.DimensionPage, responses=DETAIL)
async def metric_dimensions(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """The dimensions that a metric can be grouped by."""
    found = await work(lambda: semantic.dimensions(work.deps, person, of=(name,)))
    return json_response({"items": found, "next_cursor": None})


@router.get("/dimensions", response_model=bodies.DimensionPage, responses=PAGES)
async def dimensions(person: CallerDep, work: WorkDep, metric: Metrics = [], limit: Limit = 1_000, cursor: Cursor = "") -> Response:  # noqa: B006 - FastAPI copies it
    """The dimensions, by name; with `metric` (repeatable), those that all of these metrics share."""
    found = await work(lambda: semantic.dimensions(work.deps, person, of=tuple(metric)))
    return json_response(cut(found, limit, cursor, lambda dimension: dimension.name))


@router.get("/dimensions/{name}", response_model=bodies.DimensionReply, responses=DETAIL)
async def dimension(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """One dimension, by the name that `group_by` takes."""
    return json_response(await work(lambda: semantic.dimension(work.deps, person, name)))


@router.get("/entities", response_model=bodies.EntityPage, responses=PAGES)
async def entities(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """The entities, by name."""
    found = await work(lambda: semantic.entities(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda entity: entity.name))


@router.get("/entities/{name}", response_model=bodies.EntityReply, responses=DETAIL)
async def entity(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """One entity."""
    return json_response(await work(lambda: semantic.entity(work.deps, person, name)))


@router.get("/segments", response_model=bodies.SegmentPage, responses=PAGES)
async def segments(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """The segments, named filters of the layer, by name."""
    found = await work(lambda: semantic.segments(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda segment: segment.name))


@router.get("/hierarchies", response_model=bodies.HierarchyPage, responses=PAGES)
async def hierarchies(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """The hierarchies, by name: levels to drill down and roll up by."""
    found = await work(lambda: semantic.hierarchies(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda hierarchy: hierarchy.name))


@router.get("/glossary", response_model=bodies.TermPage, responses=PAGES)
async def glossary(person: CallerDep, work: WorkDep, limit: Limit = 1_000, cursor: Cursor = "") -> Response:
    """Every label and synonym, by term."""
    found = await work(lambda: semantic.glossary(work.deps, person))
    return json_response(cut(found, limit, cursor, lambda term: f"{term.term}\x1f{term.kind}\x1f{term.name}"))


@router.get("/glossary/{name}", response_model=bodies.TermPage, responses=DETAIL)
async def term(name: Name, person: CallerDep, work: WorkDep) -> Response:
    """What a word means here: every line of the glossary with that term, or for the thing of that name."""
    found = await work(lambda: semantic.meanings(work.deps, person, name))
    return json_response({"items": found, "next_cursor": None})
