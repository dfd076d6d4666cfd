"""Running the gateway: migrate, listen for publications, serve until told to stop."""

from __future__ import annotations

import signal
import socket
from importlib.metadata import version

import uvicorn
from fastapi import FastAPI

from app.adapters.bus.listener import Listener
from app.errors import Problem, UserError
from app.gateway.app import create_app
from app.gateway.config import GatewayConfig
from app.gateway.logs import configure
from app.gateway.migration import Migration
from app.service.deps import Deps
from app.service.sync import CHANNEL
from app.settings import Settings
from app.wiring.servers import Servers

STOP_SECONDS = 35
"""How long requests in flight may go on after the signal to stop: a little longer than a query may take."""


def run(settings: Settings, servers: Servers, deps: Deps) -> None:
    """Serve on the settings' host and port until SIGINT or SIGTERM, after which requests in flight are finished.

    A store that is away at the start is waited for while the probes already answer. Raises UserError DM7021 where the port is taken, DM80xx where
    the store cannot be migrated, and SystemExit (status 0) on SIGTERM.
    """
    configure(settings.log_format)
    # uvicorn raises a caught signal again once it has stopped: by default that would end the process before anything is closed.
    signal.signal(signal.SIGTERM, lambda _number, _frame: exit_quietly())
    listening = bound(settings.host, settings.port)
    migration = Migration(servers.store, deps.serving.expire)
    config = GatewayConfig(version=version("datamind"), cors_origins=settings.cors_origins, threads=settings.threads)
    listener = Listener(servers.redis, CHANNEL, lambda _message: deps.serving.expire()) if servers.redis else None
    try:
        server(create_app(deps, config), settings.host, settings.port).run(sockets=[listening])
    finally:
        listening.close()
        migration.close()
        if listener is not None:
            listener.close()


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UserError DM7021 where that is not possible."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UserError(
            Problem(
                "DM7021",
                f"the gateway cannot listen on {host} port {port}: {error.strerror or error}",
                hint="stop what does, or set --port",
            )
        ) from error


def exit_quietly() -> None:
    """Leave by the way of every `finally`."""
    raise SystemExit(0)


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
