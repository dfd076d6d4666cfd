"""Who calls: the bearer token → a Caller with the rights of this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from app.errors import Problem, UserError
from app.gateway.gate import Work
from app.gateway.problems import correlation_id
from app.model.principal import Principal
from app.service.audit import Caller
from app.service.auth import Origin, authenticate
from app.service.deps import Deps
from app.service.rights import require_admin

DOOR = "rest"
BEARER = "bearer"

bearer = HTTPBearer(auto_error=False, scheme_name="access_token", description="The `access_token` of POST /api/v1/auth/login.")


def origin(request: Request) -> Origin:
    """Where the request comes from."""
    return Origin(correlation_id(request.scope), request.client.host if request.client else "")


async def caller(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Caller:
    """The signed-in person. Raises UserError DM7002 without a good token, DM7012 for a person of a project that is not served here."""
    work = Work(request)
    token = credentials.credentials if credentials else ""
    principal, come = await work(lambda: authenticate(work.deps.auth, token)), origin(request)
    found = Caller(principal, DOOR, come.correlation_id, come.ip_address)
    request.state.caller = found  # who is refused from here on is known
    _check_project(work.deps, principal)
    return found


async def admin(person: Annotated[Caller, Depends(caller)]) -> None:
    """For routers that are for admins alone. Raises UserError DM7011."""
    require_admin(person)


def may_listen(deps: Deps, connection: HTTPConnection) -> Callable[[], None]:
    """A question, to be asked now and then: whether who is at the other end is an admin of this project still. Raises UserError DM7002, DM7011 or DM7012.

    The token stands in `Authorization`, or behind `bearer` among the subprotocols of a WebSocket.
    """
    headers = connection.headers
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != BEARER:
        first, _, token = headers.get("sec-websocket-protocol", "").partition(",")
        token = token.strip() if first.strip() == BEARER else ""

    def ask() -> None:
        principal = authenticate(deps.auth, token)
        connection.state.caller = Caller(principal, DOOR)  # who is refused from here on is known
        _check_project(deps, principal)
        require_admin(connection.state.caller)

    return ask


def _check_project(deps: Deps, principal: Principal) -> None:
    if principal.project_id != deps.project_id:
        raise UserError(Problem("DM7012", "this gateway serves another project than yours", hint="sign in at your project's own address"))


CallerDep = Annotated[Caller, Depends(caller)]
OriginDep = Annotated[Origin, Depends(origin)]
WorkDep = Annotated[Work, Depends(Work)]
