"""The base of request and response bodies."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """A request's body: strict about types, and about fields that do not exist."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Reply(BaseModel):
    """A response's body."""

    model_config = ConfigDict(extra="forbid", frozen=True)
