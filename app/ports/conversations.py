"""Conversations, remembered choices and shared answers, as the store keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from app.model.conversations import Conversation, ConversationTurn, RememberedChoice, SharedAnswer


class Conversations(Protocol):
    """People's conversations. Whoever is not the owner finds nothing."""

    def begin(self, conversation: Conversation, turn: ConversationTurn, most: int) -> None:
        """Keep a new conversation with its first turn, in place of the person's own of that id. Of the person's, the ones that were asked longest ago
        are forgotten beyond `most`."""

    def append(self, turn: ConversationTurn) -> int:
        """Keep a turn behind the others, in the order in which they come, whatever its own number says; its number, 0 where the conversation is gone."""

    def get(self, conversation_id: str, project_id: str, user_id: str) -> Conversation | None:
        """The person's own conversation of that id, or None."""

    def page(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[Conversation]:
        """At most `limit` of the person's conversations, the newest first, before the id `before` ("" for the newest)."""

    def turns(self, conversation_id: str, project_id: str, user_id: str, before: int, limit: int) -> Sequence[ConversationTurn]:
        """At most `limit` turns of the person's own conversation, the newest first, before that number (0 for the newest)."""

    def last_answered(self, conversation_id: str, project_id: str, user_id: str) -> ConversationTurn | None:
        """The newest turn of the person's own conversation that came to a query, or None."""

    def turn(self, conversation_id: str, project_id: str, user_id: str, query_id: str) -> ConversationTurn | None:
        """The turn of that query id in the person's own conversation, or None."""

    def rename(self, conversation_id: str, project_id: str, user_id: str, title: str) -> Conversation | None:
        """The conversation with its new title; None where there is none."""

    def delete(self, conversation_id: str, project_id: str, user_id: str) -> bool:
        """Forget it and its turns; whether there was one."""

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Forget all of the person's; how many there were."""

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that were asked last before that moment; how many there were."""


class Choices(Protocol):
    """Readings that people chose."""

    def find(self, project_id: str, user_id: str, words: str) -> RememberedChoice | None:
        """What the person chose for a question of these words, or None."""

    def keep(self, choice: RememberedChoice, most: int) -> None:
        """Keep it, in place of an earlier one for the same words; beyond `most` of the person's the oldest are forgotten."""

    def of(self, project_id: str, user_id: str) -> Sequence[RememberedChoice]:
        """All of the person's, the newest first."""

    def delete(self, choice_id: str, project_id: str, user_id: str) -> bool:
        """Forget the person's choice of that id; whether there was one."""

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Forget all of the person's; how many there were."""

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that were chosen before that moment; how many there were."""


class SharedAnswers(Protocol):
    """Answers that are shared by a link."""

    def add(self, shared: SharedAnswer, most: int) -> bool:
        """Keep it; false, and nothing is kept, where the person has `most` already that have not expired by the time it was made."""

    def get(self, share_id: str, project_id: str) -> SharedAnswer | None:
        """The one of that id in the project, expired or not, or None."""

    def of(self, project_id: str, user_id: str) -> Sequence[SharedAnswer]:
        """All of the person's, the newest first, expired ones too."""

    def delete(self, share_id: str, project_id: str) -> bool:
        """Take the link away; whether there was one."""

    def delete_of(self, project_id: str, user_id: str) -> int:
        """Take all of the person's away; how many there were."""

    def forget(self, project_id: str, before: dt.datetime) -> int:
        """Forget those that expired before that moment; how many there were."""
