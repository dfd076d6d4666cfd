"""Bodies of user management."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from app.gateway.schemas.base import Body, Reply
from app.model.principal import Role
from app.model.records import User
from app.service.users import NewUser, UserChanges

RoleField = Annotated[Role, Field(strict=False, examples=["analyst"])]
Groups = Annotated[list[str], Field(max_length=100, examples=[["sales"]])]
Attributes = Annotated[dict[str, str], Field(max_length=100, examples=[{"region": "EU"}], description="What row filters read.")]
Password = Annotated[str, Field(min_length=12, max_length=1024)]


class CreateUserRequest(Body):
    """A user to make. Without a password one is generated and told once."""

    email: Annotated[str, Field(min_length=3, max_length=254, examples=["ana@example.com"])]
    role: RoleField
    project_id: Annotated[str, Field(max_length=64)] = ""
    password: Password | None = None
    groups: Groups = Field(default_factory=list)
    attributes: Attributes = Field(default_factory=dict)

    def to_new_user(self) -> NewUser:
        """As the service takes it."""
        return NewUser(self.email, self.role, self.project_id, self.password or "", tuple(self.groups), tuple(self.attributes.items()))


class ChangeUserRequest(Body):
    """What to change; what is left out stays. Groups and attributes replace what was there."""

    role: RoleField | None = None
    groups: Groups | None = None
    attributes: Attributes | None = None
    project_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    disabled: bool | None = None
    password: Password | None = None

    def to_changes(self) -> UserChanges:
        """As the service takes it."""
        return UserChanges(
            self.role,
            tuple(self.groups) if self.groups is not None else None,
            tuple(self.attributes.items()) if self.attributes is not None else None,
            self.project_id,
            self.disabled,
            self.password,
        )


class UserReply(Reply):
    """A user, never with the password's hash."""

    id: str = Field(examples=["usr_0199f0a1b2c37d4e8f90123456789abc"])
    email: str
    role: str
    project_id: str
    groups: list[str]
    attributes: dict[str, str]
    disabled: bool
    created_at: dt.datetime | None


class CreatedUserReply(UserReply):
    """A new user; `generated_password` is null where one was given."""

    generated_password: str | None


class UserPage(Reply):
    """A page of users; `next_cursor` is null on the last."""

    items: list[UserReply]
    next_cursor: str | None


class PersonalData(Reply):
    """All that is kept of a person. What another did to them is told without who that was."""

    exported_at: dt.datetime
    user: dict[str, Any]
    sign_ins: list[dict[str, Any]]
    conversations: list[dict[str, Any]]
    choices: list[dict[str, Any]]
    shared_answers: list[dict[str, Any]]
    queries: list[dict[str, Any]]
    feedback: list[dict[str, Any]]
    model_usage: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    audit: list[dict[str, Any]]


class ForgottenReply(Reply):
    """How much was removed: conversations, choices and shared answers whole, of queries and feedback the words, of corrections who asked."""

    conversations: int
    choices: int
    shared_answers: int
    queries: int
    feedback: int
    corrections: int


def user_body(user: User) -> dict[str, Any]:
    """The user as UserReply has it."""
    return {
        "id": user.id,
        "email": user.email,
        "role": user.role,
        "project_id": user.project_id,
        "groups": user.groups,
        "attributes": dict(user.attributes),
        "disabled": user.disabled,
        "created_at": user.created_at,
    }
