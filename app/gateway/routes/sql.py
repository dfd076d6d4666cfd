"""SQL: made, checked, run, always under governance."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from app.errors import UserError
from app.gateway.callers import DOOR, CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas import sql as bodies
from app.service import sql as service

router = APIRouter(prefix=f"{PREFIX}/sql", tags=["sql"])

_SAYS_NO = ("DM3", "DM4")
"""Problems of the SQL itself: what validation is asked for, and no failure of it."""


@router.post("/generate", response_model=bodies.GenerateReply, responses=told(400, 401, 403, 415, 422, 503))
async def generate(body: bodies.GenerateRequest, person: CallerDep, work: WorkDep) -> Response:
    """The SQL of a question, checked and not run. For analysts and admins."""
    turn = await work.turn(DOOR, lambda cancel: service.generate_sql(work.deps, person, body.question, source=body.source, cancel=cancel))
    return json_response(bodies.generated_body(turn, person.correlation_id))


@router.post("/validate", response_model=bodies.ValidateReply, responses=told(400, 401, 403, 415, 422, 503))
async def validate(body: bodies.ValidateRequest, person: CallerDep, work: WorkDep) -> Response:
    """Whether governance lets the SQL run; nothing is run. For analysts and admins."""
    try:
        turn = await work.turn(DOOR, lambda _cancel: service.validate_sql(work.deps, person, body.sql, body.source))
    except UserError as error:
        if not error.problem.code.startswith(_SAYS_NO):
            raise
        return json_response(bodies.invalid_body(error.problems, body.source, person.correlation_id))
    return json_response(bodies.valid_body(turn, person.correlation_id))


@router.post("/execute", response_model=bodies.ExecuteReply, responses=told(400, 401, 403, 404, 413, 415, 422, 503))
async def execute(body: bodies.ExecuteRequest, person: CallerDep, work: WorkDep) -> Response:
    """Run SQL in the dialect of `source` on that engine, under the caller's policies. For analysts and admins."""
    turn = await work.turn(
        DOOR,
        lambda cancel: service.execute_sql(work.deps, person, body.sql, body.source, query_id=body.query_id or "", cancel=cancel),
    )
    return json_response(bodies.executed_body(turn, person.correlation_id))
