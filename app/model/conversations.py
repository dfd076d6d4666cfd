"""What the store keeps of conversations: questions that belong together, readings that people chose, and answers that they share. Never rows."""

from __future__ import annotations

import datetime as dt

from app.model.base import Node


class Conversation(Node, frozen=True):
    """Questions of one person that go on from one another. `asked_at` is when the last one came, `turns` how many there were."""

    id: str
    project_id: str
    user_id: str
    door: str
    title: str
    created_at: dt.datetime
    asked_at: dt.datetime
    turns: int = 0


class ConversationTurn(Node, frozen=True):
    """A question of a conversation and what came of it, as far as the query log keeps it too: texts redacted, no rows.

    `number` counts from 1. `semantic_query` is the canonical JSON of an answered question's query, `choices` a JSON list of those that a question back
    offered; "" where there is none.
    """

    conversation_id: str
    number: int
    project_id: str
    user_id: str
    query_id: str
    question: str
    restated: str
    outcome: str
    semantic_query: str
    choices: str
    at: dt.datetime


class RememberedChoice(Node, frozen=True):
    """Which reading a person chose of a question that was asked back.

    `words` is a digest of the question's words, normalised. `options` and `chosen` name all the readings that were offered and the chosen one, whatever day it
    was asked: the choice counts where the same readings are offered again. `text` is the chosen one in words.
    """

    id: str
    project_id: str
    user_id: str
    words: str
    question: str
    text: str
    options: str
    chosen: str
    chosen_at: dt.datetime


class SharedAnswer(Node, frozen=True):
    """A link to an answer: the question and its query, which whoever opens the link asks anew, as themselves. The id cannot be guessed."""

    id: str
    project_id: str
    user_id: str
    query_id: str
    question: str
    semantic_query: str
    layer_version: str
    created_at: dt.datetime
    expires_at: dt.datetime
