"""Authorization failures → the audit trail: every 401 and 403 that no use case has recorded itself."""

from __future__ import annotations

from http import HTTPStatus

import anyio.to_thread
import structlog
from starlette.requests import HTTPConnection

from app.errors import DataMindError
from app.gateway.gate import Gate
from app.gateway.status import status_of
from app.model.audit.catalogue import EventType
from app.service.audit import Caller, record

COMPONENT = "gateway"
RECORDED = ("DM4", "DM7001", "DM8035")
"""Refusals, by the beginning of their codes, that are in the audit trail already: of the pipeline, of signing in, of a webhook's signature."""
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_log = structlog.get_logger()


async def denied(connection: HTTPConnection, error: DataMindError) -> None:
    """Record the error where it refuses who asks. Each refusal of somebody who is signed in is a record; those of nobody, who needs no right to cause them, are
    at most one a minute for each address, route and code, with their number. What can't be recorded is refused all the same."""
    code, method = error.problem.code, connection.scope.get("method", "GET")
    if status_of(code, method) not in _REFUSED or code.startswith(RECORDED):
        return
    gate: Gate = connection.app.state.gate
    caller: Caller | None = getattr(connection.state, "caller", None)
    come = connection.client.host if connection.client else ""
    route = getattr(connection.scope.get("route"), "path", "")
    correlation = str(getattr(connection.state, "correlation_id", ""))
    try:
        await anyio.to_thread.run_sync(lambda: _record(gate, caller, code, method, route, come, correlation), limiter=gate.threads)
    except DataMindError as cause:
        _log.error("refusal_not_recorded", code=cause.problem.code, problem=cause.problem.message)


def _record(gate: Gate, caller: Caller | None, code: str, method: str, route: str, come: str, correlation: str) -> None:
    what, who = (code, method, route, come), caller.principal if caller is not None else None
    rows = [(what, 1)] if who is not None else gate.denials.count(what, (code, "", "", ""), gate.deps.clock.now())
    for one, times in rows:
        problem, verb, path, address = one
        record(
            gate.deps.audit,
            gate.deps.clock,
            event_type=EventType.ACCESS_REFUSE,
            user_id=who.user_id if who is not None else "",
            email=who.email if who is not None else "",
            project_id=gate.deps.project_id,
            component=COMPONENT,
            status="refused",
            correlation_id=correlation if one == what else "",
            ip_address=address,
            problem=problem,
            method=verb,
            route=path,
            times=times,
        )
