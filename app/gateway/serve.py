"""Running the gateway: migrate, listen for publications, serve until told to stop."""

from __future__ import annotations

from importlib.metadata import version

import uvicorn
from fastapi import FastAPI

from app.adapters.bus.listener import Listener
from app.adapters.store.migrate import migrate
from app.gateway.app import create_app
from app.gateway.config import GatewayConfig
from app.gateway.logs import configure
from app.service.deps import Deps
from app.service.sync import CHANNEL
from app.settings import Settings
from app.wiring.servers import Servers

STOP_SECONDS = 35
"""How long requests in flight may go on after the signal to stop: a little longer than a query may take."""


def run(settings: Settings, servers: Servers, deps: Deps) -> None:
    """Serve on the settings' host and port. Raises UserError DM80xx where the store cannot be migrated."""
    configure(settings.log_format)
    migrate(servers.store)
    config = GatewayConfig(version=version("datamind"), cors_origins=settings.cors_origins, threads=settings.threads)
    listener = Listener(servers.redis, CHANNEL, lambda _message: deps.serving.expire()) if servers.redis else None
    try:
        server(create_app(deps, config), settings.host, settings.port).run()
    finally:
        if listener is not None:
            listener.close()


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """The HTTP server, not yet started. It says neither its name nor anything that a request holds."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
