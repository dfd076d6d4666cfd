"""Bodies of feedback."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.gateway.schemas.base import Body, Reply


class FlagRequest(Body):
    """What is wrong with an answer. `rating` is 1 (bad) to 5 (good)."""

    query_id: Annotated[str, Field(pattern=r"^qry_[0-9a-f]{32}$")]
    comment: Annotated[str, Field(max_length=4_000, examples=["counts cancelled orders"])] = ""
    rating: Annotated[int, Field(ge=1, le=5)] = 1


class FlagReply(Reply):
    """The entry that was made."""

    feedback_id: str
    status: str = Field(examples=["flagged_for_review"])
    message: str
    correlation_id: str
