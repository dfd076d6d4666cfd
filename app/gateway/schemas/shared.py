"""Bodies of answers that are shared by a link."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import Field

from app.gateway.config import PREFIX
from app.gateway.schemas.answer import AnswerReply
from app.gateway.schemas.base import Reply
from app.model.conversations import SharedAnswer


class SharedReply(Reply):
    """A link: its id, the path by which it is opened, and until when."""

    id: str = Field(examples=["shr_4f1c0a9d2b7e46d8a3c5e1f09b8d7c62"])
    path: str = Field(examples=["/api/v1/shared/shr_4f1c0a9d2b7e46d8a3c5e1f09b8d7c62"])
    query_id: str
    question: str
    created_at: dt.datetime
    expires_at: dt.datetime


class SharedPage(Reply):
    """A page of links, the newest first; `next_cursor` is null on the last."""

    items: list[SharedReply]
    next_cursor: str | None


class OpenedReply(AnswerReply):
    """A shared answer as it is for who opened it. `shared_layer_version` is the layer in which it was shared, `layer_version` the one that answered now."""

    shared_at: dt.datetime
    shared_layer_version: str
    expires_at: dt.datetime


def shared_body(shared: SharedAnswer) -> dict[str, Any]:
    """The link as SharedReply has it."""
    return {
        "id": shared.id,
        "path": f"{PREFIX}/shared/{shared.id}",
        "query_id": shared.query_id,
        "question": shared.question,
        "created_at": shared.created_at,
        "expires_at": shared.expires_at,
    }
