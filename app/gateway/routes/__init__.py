"""The routes, one file a subject. A handler is schema → service → schema."""

from __future__ import annotations

from fastapi import APIRouter

from app.gateway.config import PREFIX
from app.gateway.routes import ask, auth, feedback, layer, probes, prometheus, query, semantic, sql, users

UNDER_PREFIX: tuple[APIRouter, ...] = tuple(module.router for module in (auth, users, ask, query, sql, layer, semantic, feedback, probes))


def all_routes() -> APIRouter:
    """Every route: the API under its prefix, the probes at the root too, where load balancers look, and the Prometheus page."""
    root = APIRouter()
    for router in UNDER_PREFIX:
        root.include_router(router, prefix=PREFIX)
    root.include_router(probes.router, include_in_schema=False)
    root.include_router(prometheus.router)
    return root
