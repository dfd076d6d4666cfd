"""The ASGI application."""

from __future__ import annotations

import anyio
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app.gateway import docs_page, problems
from app.gateway.config import PREFIX, GatewayConfig
from app.gateway.gate import Gate
from app.gateway.metrics import Metrics
from app.gateway.middleware.body import BodyLimit
from app.gateway.middleware.correlation import HEADER, Correlation
from app.gateway.middleware.failsafe import Failsafe
from app.gateway.middleware.headers import SecurityHeaders
from app.gateway.middleware.observe import Observe
from app.gateway.openapi import TAGS, describe
from app.gateway.routes import ROUTERS
from app.service.deps import Deps


def create_app(deps: Deps, config: GatewayConfig | None = None) -> FastAPI:
    """The gateway over these Deps, which stay the caller's to close."""
    used = config or GatewayConfig()
    app = FastAPI(
        title="DataMind",
        version=used.version,
        description="A dbt project compiled into a governed semantic layer that answers questions on PostgreSQL and ClickHouse.",
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    metrics = Metrics(deps.models.watch if deps.models is not None else None)
    app.state.gate = Gate(deps, used, metrics, anyio.CapacityLimiter(used.threads))
    for router in (*ROUTERS, docs_page.router):
        app.include_router(router)
    problems.install(app)
    describe(app)
    # The last one added is the first that a request passes.
    large = {f"{PREFIX}/webhooks/{sender}": used.max_webhook_bytes for sender in used.webhooks.secrets}
    app.add_middleware(BodyLimit, most=used.max_body_bytes, seconds=used.body_seconds, large=large)
    app.add_middleware(Failsafe)
    if used.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(used.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", HEADER],
            expose_headers=[HEADER, "ETag"],
            max_age=600,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observe, metrics=metrics)
    app.add_middleware(Correlation)
    return app
