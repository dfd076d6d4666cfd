"""The routes, one file a subject. A handler is schema → service → schema.

Each router carries its whole prefix itself, so that a route's template, by which requests are logged and counted, is its whole path.
"""

from __future__ import annotations

from fastapi import APIRouter

from app.gateway.routes import (
    ask,
    auth,
    chat,
    compiler,
    dbt,
    exports,
    feedback,
    jobs,
    layer,
    lineage,
    models,
    personal_data,
    policies,
    probes,
    prometheus,
    quality,
    query,
    security,
    semantic,
    shared,
    sockets,
    sql,
    suggestions,
    training_data,
    users,
    versions,
    webhooks,
)

_MODULES = (
    auth, users, personal_data, ask, chat, shared, suggestions, query, exports, sql, layer, lineage, semantic, compiler, versions, policies, jobs, dbt, sockets, webhooks,
    quality, feedback, training_data, models, security, probes, prometheus,
)  # fmt: skip
ROUTERS: tuple[APIRouter, ...] = (*(module.router for module in _MODULES), training_data.older, probes.at_root)
