"""The routes, one file a subject. A handler is schema → service → schema.

Each router carries its whole prefix itself, so that a route's template, by which requests are logged and counted, is its whole path.
"""

from __future__ import annotations

from fastapi import APIRouter

from app.gateway.routes import ask, auth, feedback, layer, lineage, probes, prometheus, query, semantic, sql, users

ROUTERS: tuple[APIRouter, ...] = (
    *(module.router for module in (auth, users, ask, query, sql, layer, lineage, semantic, feedback, probes, prometheus)),
    probes.at_root,
)
