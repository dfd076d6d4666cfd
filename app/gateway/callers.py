"""Who calls: the bearer token → a Caller with the rights of this moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.errors import Problem, UserError
from app.gateway.gate import Work
from app.gateway.problems import correlation_id
from app.service.audit import Caller
from app.service.auth import Origin, authenticate

DOOR = "rest"

bearer = HTTPBearer(auto_error=False, scheme_name="access_token", description="The `access_token` of POST /api/v1/auth/login.")


def origin(request: Request) -> Origin:
    """Where the request comes from."""
    return Origin(correlation_id(request.scope), request.client.host if request.client else "")


async def caller(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> Caller:
    """The signed-in person. Raises UserError DM7002 without a good token, DM7012 for a person of a project that is not served here."""
    work = Work(request)
    token = credentials.credentials if credentials else ""
    principal = await work(lambda: authenticate(work.deps.auth, token))
    if principal.project_id != work.deps.project_id:
        raise UserError(Problem("DM7012", "this gateway serves another project than yours", hint="sign in at your project's own address"))
    come = origin(request)
    return Caller(principal, DOOR, come.correlation_id, come.ip_address)


CallerDep = Annotated[Caller, Depends(caller)]
OriginDep = Annotated[Origin, Depends(origin)]
WorkDep = Annotated[Work, Depends(Work)]
