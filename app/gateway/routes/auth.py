"""Signing in and out."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from app.gateway.callers import CallerDep, OriginDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.auth import LoginRequest, MeReply, RefreshRequest, TokenReply
from app.service import auth
from app.service.auth import TokenPair

router = APIRouter(prefix=f"{PREFIX}/auth", tags=["auth"])


@router.post("/login", response_model=TokenReply, responses=told(400, 401, 415, 422, 503))
async def login(body: LoginRequest, come: OriginDep, work: WorkDep) -> Response:
    """Sign in: an access token for 15 minutes, and a refresh token that is good for one new pair within 7 days."""
    return _tokens(await work(lambda: auth.login(work.deps.auth, come, body.email, body.password)))


@router.post("/refresh", response_model=TokenReply, responses=told(400, 401, 415, 422, 503))
async def refresh(body: RefreshRequest, come: OriginDep, work: WorkDep) -> Response:
    """A new pair. The refresh token is used up: sending it again ends every sign-in that came from it."""
    return _tokens(await work(lambda: auth.refresh(work.deps.auth, come, body.refresh_token)))


@router.post("/logout", status_code=204, response_class=Response, responses=told(400, 415, 422, 503))
async def logout(body: RefreshRequest, come: OriginDep, work: WorkDep) -> Response:
    """End the sign-in: its refresh token and its access tokens are good no more."""
    await work(lambda: auth.logout(work.deps.auth, come, body.refresh_token))
    return Response(status_code=204)


@router.get("/me", response_model=MeReply, responses=told(401, 403, 503))
async def me(person: CallerDep) -> Response:
    """Who is signed in, with the rights of this moment."""
    who = person.principal
    return json_response(
        {
            "id": who.user_id,
            "email": who.email,
            "role": who.role,
            "project_id": who.project_id,
            "groups": who.groups,
            "attributes": dict(who.attributes),
        }
    )


def _tokens(pair: TokenPair) -> Response:
    return json_response({**{name: getattr(pair, name) for name in pair.__struct_fields__}, "token_type": "Bearer"})
