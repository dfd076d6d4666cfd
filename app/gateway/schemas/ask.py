"""Bodies of asking in words."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.gateway.schemas.base import Body
from app.gateway.schemas.semantic_query import semantic_query_of
from app.model.query import SemanticQuery

QUESTION = Annotated[str, Field(max_length=10_000, examples=["What was revenue by country last quarter?"])]
SOURCE = Annotated[str, Field(max_length=64, examples=["postgres"], description="The engine to ask; empty leaves the choice to DataMind.")]
ANEW = Annotated[bool, Field(description="Whether a question that was asked back before is asked back again, whatever was chosen then.")]


class AskContext(Body):
    """What the question stands in. Members that this version does not know are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    source: SOURCE = ""
    previous: Annotated[
        dict[str, Any] | None, Field(description="What the question goes on from: the `query` of an earlier answer, as it came.")
    ] = None
    anew: ANEW = False


class AskRequest(Body):
    """A question in words."""

    question: QUESTION
    context: AskContext | None = None

    @property
    def source(self) -> str:
        """The engine that the context names, or ""."""
        return self.context.source if self.context else ""

    @property
    def anew(self) -> bool:
        """Whether no earlier choice counts."""
        return self.context is not None and self.context.anew

    def previous(self) -> SemanticQuery | None:
        """What the question goes on from. Raises UserError DM7031 where that is no query."""
        sent = self.context.previous if self.context else None
        return semantic_query_of(sent, "context.previous", "send an answer's `query` as it came") if sent is not None else None


class InterpretRequest(Body):
    """A question to read, not to answer."""

    question: QUESTION
