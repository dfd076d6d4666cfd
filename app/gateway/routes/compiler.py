"""Compiling the project into the served layer, for admins."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.versions import CompileReply, CompileRequest
from app.service.in_step import in_step
from app.service.publishing import Doer
from app.service.version_body import sync_body

router = APIRouter(prefix=f"{PREFIX}/compiler", tags=["versions"], dependencies=[Depends(admin)])

TURN_SECONDS = 5.0
"""How long a client waits for another sync of the project."""


@router.post("/compile", response_model=CompileReply, responses=told(400, 401, 403, 409, 415, 422, 429, 503))
async def compile_project(body: CompileRequest, person: CallerDep, work: WorkDep) -> Response:
    """Parse what was edited in the dbt project, compile it, and publish the layer where its content changed; 409 where that breaks consumers or loosens protection,
    or where another sync or dbt is at work; 429 where two of these requests are."""
    doer = Doer.of(person, force=body.force, reason=body.reason)
    report = await work.long(lambda cancel: in_step(work.deps, doer, dry_run=body.dry_run, seconds=TURN_SECONDS, cancel=cancel))
    return json_response(sync_body(report))
