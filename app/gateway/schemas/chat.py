"""Bodies of conversations and remembered choices. The API calls a conversation a session."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from app.gateway.schemas.answer import AnswerReply, answer_body
from app.gateway.schemas.ask import ANEW, QUESTION, SOURCE
from app.gateway.schemas.base import Body, Reply
from app.model.conversations import Conversation, ConversationTurn, RememberedChoice
from app.redaction.redact import is_redacted
from app.service.conversations import LONGEST_TITLE, Said

SESSION = r"^cnv_[0-9a-f]{32}$"
SessionId = Annotated[str, Field(pattern=SESSION, examples=["cnv_0199f0a1b2c37d4e8f90123456789abc"])]


class ChoiceRequest(Body):
    """An option of a question back: the `query_id` of that answer, and the option's place among its `choices`, from 0."""

    query_id: Annotated[str, Field(pattern=r"^qry_[0-9a-f]{32}$")]
    index: Annotated[int, Field(ge=0, le=1_000)]


class ChatRequest(Body):
    """A question in a session, the option that is taken of one that came back, or a query such as an answer gives. Without `session_id` a session begins."""

    question: QUESTION | None = None
    session_id: SessionId | None = None
    choice: ChoiceRequest | None = None
    semantic_query: dict[str, Any] | None = None
    source: SOURCE = ""
    anew: ANEW = False

    @model_validator(mode="after")
    def _one_thing(self) -> ChatRequest:
        """One thing to answer, and a choice where it was offered."""
        if sum(one is not None for one in (self.question, self.choice, self.semantic_query)) != 1:
            raise ValueError("send a `question`, the `choice` that is taken of one that came back, or a `semantic_query`")
        if self.choice is not None and self.session_id is None:
            raise ValueError("a `choice` is one of a session: send its `session_id` too")
        return self


class ChatReply(AnswerReply):
    """The answer, and where it stands: `turn` counts the session's questions from 1."""

    session_id: str
    turn: int


class SessionReply(Reply):
    """A session. `asked_at` is when its last question came."""

    session_id: str
    title: str
    door: str
    created_at: dt.datetime
    asked_at: dt.datetime
    turns: int


class SessionPage(Reply):
    """A page of sessions, the newest first; `next_cursor` is null on the last."""

    items: list[SessionReply]
    next_cursor: str | None


class RenameRequest(Body):
    """What a session is called from now on."""

    title: Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=LONGEST_TITLE)]


class TurnReply(Reply):
    """A question of a session and what came of it; rows are never kept. `query` is null where it came to none, or named personal data: what is left of
    that would ask something else."""

    turn: int
    query_id: str
    question: str
    restated: str
    outcome: str
    query: dict[str, Any] | None
    asked_at: dt.datetime


class HistoryPage(Reply):
    """A page of a session's questions, the newest first; `next_cursor` is null on the last."""

    items: list[TurnReply]
    next_cursor: str | None


class RememberedReply(Reply):
    """Which reading of a question was chosen: the question, and the reading in words."""

    id: str = Field(examples=["cho_0199f0a1b2c37d4e8f90123456789abc"])
    question: str
    chosen: str
    chosen_at: dt.datetime


class RememberedPage(Reply):
    """A page of remembered choices, the newest first; `next_cursor` is null on the last."""

    items: list[RememberedReply]
    next_cursor: str | None


def said_body(said: Said, correlation_id: str) -> dict[str, Any]:
    """The turn as ChatReply has it."""
    return {**answer_body(said.turn, correlation_id), "session_id": said.conversation_id, "turn": said.number}


def session_body(kept: Conversation) -> dict[str, Any]:
    """The conversation as SessionReply has it."""
    return {
        "session_id": kept.id,
        "title": kept.title,
        "door": kept.door,
        "created_at": kept.created_at,
        "asked_at": kept.asked_at,
        "turns": kept.turns,
    }


def turn_body(kept: ConversationTurn) -> dict[str, Any]:
    """The turn as TurnReply has it."""
    return {
        "turn": kept.number,
        "query_id": kept.query_id,
        "question": kept.question,
        "restated": kept.restated,
        "outcome": kept.outcome,
        "query": json.loads(kept.semantic_query) if kept.semantic_query and not is_redacted(kept.semantic_query) else None,
        "asked_at": kept.at,
    }


def choice_body(kept: RememberedChoice) -> dict[str, Any]:
    """The choice as RememberedReply has it."""
    return {"id": kept.id, "question": kept.question, "chosen": kept.text, "chosen_at": kept.chosen_at}
