"""The base of request and response bodies."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

MOST_FIELDS = 200
"""How many fields of an object are looked at: many more than any has."""


class Body(BaseModel):
    """A request's body: strict about types, and about fields that do not exist."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, given: Any) -> Any:
        """Fields that do not exist are told one by one: of thousands, that would keep everybody waiting."""
        if isinstance(given, dict) and len(given) > MOST_FIELDS:
            raise ValueError(f"an object has at most {MOST_FIELDS} fields")
        return given


class Reply(BaseModel):
    """A response's body."""

    model_config = ConfigDict(extra="forbid", frozen=True)
