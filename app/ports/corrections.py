"""What admins approved for questions that were answered wrongly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from app.model.corrections import Correction, CorrectionState, Replay
from app.model.records import FeedbackEntry


class Corrections(Protocol):
    """Approved pairs of questions and queries."""

    def approve(self, correction: Correction, entry: FeedbackEntry, *, before: str) -> bool:
        """Keep the pair and what becomes of the entry, both or neither; False where the entry's status is not what it was before."""

    def get(self, correction_id: str, project_id: str) -> Correction | None:
        """The pair of that id, or None."""

    def of_entry(self, feedback_id: str, project_id: str) -> Correction | None:
        """The newest pair that was approved for an entry, or None."""

    def page(self, project_id: str, states: Sequence[CorrectionState], before: str, limit: int) -> Sequence[Correction]:
        """At most `limit` pairs in these states, newest first, before the id `before`."""

    def in_state(self, project_id: str, *states: CorrectionState) -> Sequence[Correction]:
        """Every pair in one of these states, newest first."""

    def of_person(self, project_id: str, user_id: str) -> Sequence[Correction]:
        """Every pair that rests on a question of the person, or that they approved or decided."""

    def without_asker(self, project_id: str, user_id: str) -> int:
        """Forget of the pairs that the person asked; how many there were."""

    def settle(
        self,
        correction: Correction,
        *,
        before: CorrectionState,
        superseded: Sequence[str] = (),
        entry: FeedbackEntry | None = None,
        entry_before: str = "",
    ) -> bool:
        """Keep what became of a pair, of those that are served and make way for it, and of its entry, all or nothing; False where its state is not what it was
        before. The entry stays as it is where it is not what it was, or would be open beside a later one of that person and answer."""

    def mark_broken(self, project_id: str, correction_id: str, why: str) -> None:
        """Keep why a pair is not served, "" where it is again."""

    def replayed(self, project_id: str) -> Replay | None:
        """The last replay of all approved questions."""

    def keep_replay(self, project_id: str, mark: str, replayed_at: dt.datetime, diff: str) -> None:
        """Keep that all approved questions were replayed with the models of that mark."""
