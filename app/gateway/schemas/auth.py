"""Bodies of signing in and out."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.gateway.schemas.base import Body, Reply


class LoginRequest(Body):
    """Who signs in."""

    email: Annotated[str, Field(min_length=1, max_length=254, examples=["ana@example.com"])]
    password: Annotated[str, Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])]


class RefreshRequest(Body):
    """The refresh token to use up, or to end."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=4096)]


class TokenReply(Reply):
    """A pair of tokens; lives are in seconds."""

    access_token: str
    refresh_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(examples=[900])
    refresh_expires_in: int = Field(examples=[604800])


class MeReply(Reply):
    """The signed-in person."""

    id: str
    email: str
    role: str
    project_id: str
    groups: list[str]
    attributes: dict[str, str]
