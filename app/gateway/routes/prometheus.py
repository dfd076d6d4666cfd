"""The page that Prometheus reads, at the root."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import Request

from app.gateway.gate import gate_of
from app.gateway.metrics import CONTENT_TYPE

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Counters and times, without anything of a tenant."""
    return Response(gate_of(request).metrics.text(), headers={"Content-Type": CONTENT_TYPE})
