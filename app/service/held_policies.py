"""The store's policies as a process holds them: asked for again all the time, told of at once, and never given on too old."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from app.errors import DataMindError, InternalError, Problem
from app.model.written_policy import WrittenPolicy

CurrentPolicies = Callable[[int], tuple[int, Sequence[WrittenPolicy]] | None]
"""Given the number of the change held (-1 for none): None where that is the last one, else the last one's and all policies since."""


class HeldPolicies:
    """Thread-safe. `current` is asked at most every `poll_seconds`, or at the next call after `expire`.

    While it can't be asked what is held counts on for `most_seconds` since it was last known to hold. After that, and after a change was told of which
    can't be read, nothing does: no data without the policies of now.
    """

    def __init__(
        self, current: CurrentPolicies, *, poll_seconds: float, most_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._current = current
        self._poll_seconds = min(poll_seconds, most_seconds)
        self._most_seconds = most_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._number = -1
        self._policies: tuple[WrittenPolicy, ...] = ()
        self._asked_at = self._known_at = float("-inf")
        self.stale_reason = ""
        """Why those held may be old: the last asking failed."""

    def expire(self, *, changed: bool = True) -> None:
        """Ask at the next call. With `changed` what is held is known to be old; without it an announcement may have been missed."""
        with self._lock:
            self._asked_at = float("-inf")
            if changed:
                self._known_at = float("-inf")

    def __call__(self) -> tuple[WrittenPolicy, ...]:
        """The policies, the very same object until one changes. Raises InternalError DM7044, or what the store raises where they were never known."""
        with self._lock:
            if self._clock() - self._asked_at >= self._poll_seconds:
                self._ask()
            if self._clock() - self._known_at > self._most_seconds:
                raise unknown()
            return self._policies

    def _ask(self) -> None:
        began = self._clock()
        try:
            found = self._current(self._number)
        except Exception as error:
            self.stale_reason = error.problem.message if isinstance(error, DataMindError) else type(error).__name__
            if self._number < 0:
                raise
            self._asked_at = self._clock()
            return
        if found is not None:
            self._number, self._policies = found[0], tuple(found[1])
        self._asked_at = self._known_at = began
        self.stale_reason = ""


def unknown() -> InternalError:
    """DM7044: nobody knows which policies hold now."""
    return InternalError(
        Problem(
            "DM7044",
            "the policies of now can't be read from the store, so no data is shown",
            hint="check that the store runs; POLICY_CACHE_SECONDS says for how long those read before count on",
        )
    )
