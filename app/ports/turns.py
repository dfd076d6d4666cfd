"""What is kept of turns: the log, and what people said of answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from app.model.records import AskedQuery, FeedbackEntry, QueryRecord


class Queries(Protocol):
    """The log of turns."""

    def add(self, record: QueryRecord) -> None:
        """Keep a turn, or replace the one of the same id."""

    def get(self, query_id: str, project_id: str) -> QueryRecord | None:
        """The turn of that id, or None."""

    def page(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[QueryRecord]:
        """At most `limit` turns, newest first, before the id `before` ("" for the newest); `user_id` "" means everybody's."""

    def without_words(self, project_id: str, user_id: str) -> int:
        """Take question, query, SQL and answer out of the person's turns; what they cost and how they ended stays. How many there were."""

    def asked(self, project_id: str, since: dt.datetime, most: int) -> Sequence[AskedQuery]:
        """What questions in words that were answered came to, by who asked them: of the `most` newest turns since then."""


class Feedback(Protocol):
    """What people said of answers."""

    def add(self, entry: FeedbackEntry) -> FeedbackEntry:
        """Keep an entry; where the person's entry of that answer is open, that one says from now on what this one does. What is kept."""

    def get(self, entry_id: str, project_id: str) -> FeedbackEntry | None:
        """The entry of that id, or None."""

    def decide(self, entry: FeedbackEntry, *, before: str) -> bool:
        """Keep what was decided of an entry; False where its status is not what it was before."""

    def subjects(self, project_id: str, status: str) -> frozenset[str]:
        """The training items on which answers rest that have an entry of that status."""

    def page(self, project_id: str, status: str, before: str, limit: int) -> Sequence[FeedbackEntry]:
        """At most `limit` entries, newest first; `status` "" means every one."""

    def of_user(self, project_id: str, user_id: str, before: str, limit: int) -> Sequence[FeedbackEntry]:
        """At most `limit` entries of the person, newest first, before the id `before`."""

    def without_words(self, project_id: str, user_id: str) -> int:
        """Take the comments out of the person's entries; how many had one."""
