"""Running the gateway: migrate, listen for publications, serve until told to stop."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from importlib.metadata import version

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.adapters.bus.listener import Listener
from app.errors import InternalError, Problem, UserError
from app.gateway.app import create_app
from app.gateway.config import GatewayConfig
from app.gateway.logs import configure
from app.gateway.migration import Migration
from app.service import held_corrections, held_gates, model_gate, policies
from app.service.configuration import record_start
from app.service.deps import Deps
from app.service.publishing import CHANNEL
from app.service.webhooks import Sender, WebhookSettings
from app.settings import Settings
from app.wiring.servers import Servers

STOP_SECONDS = 35
"""How long requests in flight may go on after the signal to stop: a little longer than a query may take."""
MOST_OF_A_MESSAGE = 4_096
"""Bytes of a WebSocket message that a client may send: none is asked for."""
_log = structlog.get_logger("datamind.gateway")


def run(settings: Settings, servers: Servers, deps: Deps) -> None:
    """Serve on the settings' host and port until SIGINT or SIGTERM, after which requests in flight are finished.

    A store that is away at the start is waited for while the probes already answer. Raises UserError DM7021 where the port is taken, DM80xx where
    the store cannot be migrated, and SystemExit (status 0) on SIGTERM.
    """
    configure(settings.log_format)
    # uvicorn raises a caught signal again once it has stopped: by default that would end the process before anything is closed.
    signal.signal(signal.SIGTERM, lambda _number, _frame: exit_quietly())
    listening = bound(settings.host, settings.port)
    migration = Migration(servers.store, lambda: started(settings, deps))
    if not migration.pending:
        started(settings, deps)
    config = GatewayConfig(
        version=version("datamind"), cors_origins=settings.cors_origins, threads=settings.threads, webhooks=webhooks_of(settings)
    )
    told: dict[str, Callable[[str], None]] = {
        CHANNEL: lambda _message: deps.serving.expire(),
        held_corrections.CHANNEL: lambda _message: deps.corrections.held.expire(),
        held_gates.CHANNEL: lambda _message: model_gate.expire(deps),
        policies.CHANNEL: lambda message: deps.serving.expire_policies(changed=message == deps.project_id),
    }
    if deps.stage.akin is not None:
        threading.Thread(target=deps.stage.akin.warm, name="warm", daemon=True).start()
    listeners = [Listener(servers.redis, channel, heard) for channel, heard in told.items()] if servers.redis else []
    try:
        server(create_app(deps, config), settings.host, settings.port).run(sockets=[listening])
    finally:
        listening.close()
        migration.close()
        for listener in listeners:
            listener.close()


def started(settings: Settings, deps: Deps) -> None:
    """The store is there: serve what it holds, and record with which settings. Where that fails the gateway still serves: each use case records for itself."""
    deps.serving.expire()
    try:
        record_start(deps, sorted(settings.model_fields_set), version("datamind"))
    except InternalError as error:
        _log.error("start_not_recorded", code=error.problem.code, problem=error.problem.message)
    for name in deps.engines:
        problem = deps.accounts.problem(name, deps.serving)
        if problem is not None:
            _log.warning("reader_account", code=problem.code, problem=problem.message, hint=problem.hint)


def webhooks_of(settings: Settings) -> WebhookSettings:
    """Whose webhooks are taken, and of which branch."""
    given = {Sender.GITHUB: settings.github_webhook_secret, Sender.DBT_CLOUD: settings.dbt_cloud_webhook_secret}
    return WebhookSettings({sender: secret.get_secret_value() for sender, secret in given.items() if secret}, settings.dbt_git_branch)


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


class Sockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets; a handshake with lines too long is answered as the library wants it answered, where uvicorn would leave it waiting for ever."""

    def data_received(self, data: bytes) -> None:
        """Called with what came over the wire."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()


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
            ws=Sockets,
            ws_max_size=MOST_OF_A_MESSAGE,
        )
    )
