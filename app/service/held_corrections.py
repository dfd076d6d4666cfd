"""The approved corrections as a process holds them: asked for again all the time, and at once where this process changed them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.errors import DataMindError
from app.language.corrections import Approved, ApprovedPairs
from app.model.corrections import Correction
from app.model.query import SemanticQuery
from app.ports import Corrections

CHANNEL = "datamind:corrections"
"""Where a change is announced; the message is the project's id."""


class HeldCorrections:
    """Calls give the pairs that are served, the very same object until one changes; `current` is asked at most every `poll_seconds`. Thread-safe.

    Where it can't be asked what is held stays, and where nothing was ever held a call raises what it raises: an answer that was wrong must not come back because
    the store is slow.
    """

    def __init__(self, current: Callable[[], Sequence[Correction]], *, poll_seconds: float) -> None:
        self._current = current
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._held: ApprovedPairs | None = None

    def expire(self) -> None:
        """Ask again at the next call."""
        self._asked_at = float("-inf")

    def __call__(self) -> ApprovedPairs:
        """The pairs of now. Raises what asking for them raises where they were never known."""
        with self._lock:
            if self._held is None or time.monotonic() - self._asked_at >= self._poll_seconds:
                self._asked_at = time.monotonic()
                try:
                    found = tuple(pair for one in self._current() if (pair := approved(one)) is not None)
                except DataMindError:
                    if self._held is None:
                        raise
                    return self._held
                if self._held is None or found != self._held.pairs:
                    self._held = ApprovedPairs(found)
            return self._held


@dataclass(frozen=True, slots=True)
class CorrectionDeps:
    """Where corrections are kept, and what is held of them."""

    store: Corrections
    held: HeldCorrections


def approved(one: Correction) -> Approved | None:
    """The pair as questions are read by it; None for one that another version kept and this one can't read."""
    try:
        query = SemanticQuery.from_json(one.query) if one.query else None
    except msgspec.ValidationError:
        return None
    return Approved(one.id, one.question, query, one.today, one.sql, one.source, one.approved_by, one.approved_at)
