"""Runs of dbt, by a worker, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep, admin
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.routes.users import Cursor, Limit
from app.gateway.schemas.jobs import JobReply
from app.gateway.schemas.quality import DbtRunPage, DbtRunRequest
from app.service import dbt_runs
from app.service.dbt_commands import COMMANDS
from app.service.dbt_job import request_dbt
from app.service.job_body import job_body

router = APIRouter(prefix=f"{PREFIX}/admin/dbt", tags=["jobs"], dependencies=[Depends(admin)])

Command = Annotated[str, Path(pattern=f"^({'|'.join(COMMANDS)})$", description=f"One of {', '.join(COMMANDS)}.")]


@router.get("/runs", response_model=DbtRunPage, responses=told(400, 401, 403, 422, 503))
async def list_runs(work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """Runs of dbt, newest first; the newest thousand are kept."""
    before = cursors.decode(cursor)
    found = await work(lambda: dbt_runs.list_runs(work.deps, before=before, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda one: one.id)
    return json_response({"items": [dbt_runs.run_body(one) for one in shown], "next_cursor": following})


@router.post("/{command}", status_code=202, response_model=JobReply, responses=told(400, 401, 403, 415, 422, 503))
async def run(command: Command, body: DbtRunRequest, person: CallerDep, work: WorkDep) -> Response:
    """Have a worker run dbt: what it says comes as events of the job, and what it found becomes known to answers."""
    job = await work(lambda: request_dbt(work.deps, person, body.to_request(command)))
    return json_response(job_body(job), 202)
