"""Bodies of asking in words."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from app.gateway.schemas.base import Body

QUESTION = Annotated[str, Field(max_length=10_000, examples=["What was revenue by country last quarter?"])]
SOURCE = Annotated[str, Field(max_length=64, examples=["postgres"], description="The engine to ask; empty leaves the choice to DataMind.")]


class AskContext(Body):
    """What the question stands in. Members that this version does not know are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    source: SOURCE = ""


class AskRequest(Body):
    """A question in words."""

    question: QUESTION
    context: AskContext | None = None

    @property
    def source(self) -> str:
        """The engine that the context names, or ""."""
        return self.context.source if self.context else ""


class InterpretRequest(Body):
    """A question to read, not to answer."""

    question: QUESTION
