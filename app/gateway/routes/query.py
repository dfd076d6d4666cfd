"""Metric queries, and the record of earlier turns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.answer import AnswerReply, answer_body
from app.gateway.schemas.explain import ExplainReply, explained_body
from app.gateway.schemas.query import MetricQueryRequest, QueryRecordReply, record_body
from app.pipeline.turn import Turn
from app.ports import Cancel
from app.service import ask
from app.service import query as service
from app.service.audit import Caller
from app.service.deps import Deps

router = APIRouter(prefix=PREFIX, tags=["query"])

QueryId = Annotated[str, Path(pattern=r"^qry_[0-9a-f]{32}$")]


@router.post("/query", response_model=AnswerReply, responses=told(400, 401, 403, 415, 422, 503))
async def query(body: MetricQueryRequest, person: CallerDep, work: WorkDep) -> Response:
    """A metric query → the whole answer; a body with `question` is asked in words, and has no part of a metric query beside it. For analysts and admins."""
    turn = await work.turn(DOOR, lambda cancel: _answered(work.deps, person, body, cancel))
    return json_response(answer_body(turn, person.correlation_id))


@router.post("/query/explain", response_model=ExplainReply, responses=told(400, 401, 403, 415, 422, 503))
async def explain(body: MetricQueryRequest, person: CallerDep, work: WorkDep) -> Response:
    """A metric query or a question → how it is understood, its logical plan and its SQL, checked and not run. For analysts and admins."""
    turn = await work.turn(DOOR, lambda cancel: _answered(work.deps, person, body, cancel, until="sanitize"))
    return json_response(explained_body(turn, person.correlation_id))


@router.get("/query/{query_id}", response_model=QueryRecordReply, responses=told(401, 403, 404, 422, 503))
async def query_record(query_id: QueryId, person: CallerDep, work: WorkDep) -> Response:
    """An earlier turn of one's own; for an admin, of anybody in the project. Rows are not kept."""
    return json_response(record_body(await work(lambda: service.read_record(work.deps, person, query_id))))


def _answered(deps: Deps, person: Caller, body: MetricQueryRequest, cancel: Cancel, until: str = "explain") -> Turn:
    """Through the door that the body is for, up to a stage."""
    question = body.in_words()
    if question is not None:
        return ask.ask(deps, person, question, source=body.source, comments=body.comments, until=until, cancel=cancel)
    return service.query(deps, person, body.to_query(), source=body.source, comments=body.comments, until=until, cancel=cancel)
