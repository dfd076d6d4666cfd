"""User management, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.gateway import cursor as cursors
from app.gateway.callers import CallerDep, WorkDep
from app.gateway.config import PREFIX
from app.gateway.responses import json_response, told
from app.gateway.schemas.users import ChangeUserRequest, CreatedUserReply, CreateUserRequest, UserPage, UserReply, user_body
from app.service import users

router = APIRouter(prefix=f"{PREFIX}/users", tags=["users"])

UserId = Annotated[str, Path(pattern=r"^usr_[0-9a-f]{32}$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=200)]


@router.post("", status_code=201, response_model=CreatedUserReply, responses=told(400, 401, 403, 409, 415, 422, 503))
async def create_user(body: CreateUserRequest, person: CallerDep, work: WorkDep) -> Response:
    """Make a user of the caller's project."""
    user, generated = await work(lambda: users.create_user(work.deps.people, person, body.to_new_user()))
    return json_response({**user_body(user), "generated_password": generated or None}, 201)


@router.get("", response_model=UserPage, responses=told(400, 401, 403, 422, 503))
async def list_users(person: CallerDep, work: WorkDep, limit: Limit = 50, cursor: Cursor = "") -> Response:
    """The users of the caller's project, oldest first."""
    after = cursors.decode(cursor)
    found = await work(lambda: users.list_users(work.deps.people, person, after=after, limit=limit + 1))
    shown, following = cursors.page(found, limit, lambda user: user.id)
    return json_response({"items": [user_body(user) for user in shown], "next_cursor": following})


@router.patch("/{user_id}", response_model=UserReply, responses=told(400, 401, 403, 404, 409, 415, 422, 503))
async def change_user(user_id: UserId, body: ChangeUserRequest, person: CallerDep, work: WorkDep) -> Response:
    """Change role, groups, attributes or password, or disable; it holds from the user's next request on."""
    user = await work(lambda: users.change_user(work.deps.people, person, user_id, body.to_changes()))
    return json_response(user_body(user))
