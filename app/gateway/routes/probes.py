"""Probes: alive, ready, and how each part does."""

from __future__ import annotations

import time

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.errors import Problem, UserError
from app.gateway.callers import WorkDep
from app.gateway.config import PREFIX
from app.gateway.gate import gate_of
from app.gateway.responses import json_response, told
from app.gateway.schemas.health import AliveReply, HealthReply, ReadyReply
from app.service import health as service
from app.service.present import plain

router = APIRouter(prefix=PREFIX, tags=["probes"])
at_root = APIRouter(include_in_schema=False)
"""The same at the root, where load balancers look."""


@at_root.get("/health")
@router.get("/health", response_model=HealthReply)
async def health(request: Request, work: WorkDep) -> Response:
    """How each part does and in which mode the service works. Always 200 while the process answers."""
    gate = gate_of(request)
    report = await work(lambda: service.health(work.deps), probe=True)
    uptime = round(time.monotonic() - gate.started, 3)
    return json_response({"version": gate.config.version, **plain(report), "uptime_seconds": uptime})


@at_root.get("/live")
@router.get("/live", response_model=AliveReply)
async def live() -> Response:
    """Whether the process answers at all."""
    return json_response({"status": "alive"})


@at_root.get("/ready")
@router.get("/ready", response_model=ReadyReply, responses=told(503))
async def ready(work: WorkDep) -> Response:
    """Whether questions can be answered: the store, a published layer and an engine."""
    able, reason = await work(lambda: service.ready(work.deps), probe=True)
    if not able:
        raise UserError(Problem("DM7039", reason, hint="GET /api/v1/health says how each part does"))
    return json_response({"status": "ready"})
