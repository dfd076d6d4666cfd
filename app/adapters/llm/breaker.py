"""A circuit breaker: a provider that fails again and again is left alone for a while, so that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAULTS = frozenset({"DM8090", "DM8092", "DM8093"})
"""What speaks against the provider itself, and not against one prompt or our settings."""


class Breaker:
    """Closed until `most` calls in a row failed; then open for `seconds`, after which one call is let through: if it goes well the breaker closes, else it is open
    again."""

    def __init__(self, most: int = 5, seconds: float = 30.0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0
        self._trying = False

    def pause(self) -> float:
        """For how many seconds more no call is to be made; 0 lets this one through, whose end must be told by `ended`."""
        with self._lock:
            if self._failed < self._most:
                return 0.0
            left = self._until - self._clock()
            if left <= 0 and not self._trying:
                self._trying = True
                return 0.0
            return max(left, 1.0)

    def ended(self, *, well: bool | None) -> None:
        """Told of the end of each call that was let through; None where it was given up, which says nothing."""
        with self._lock:
            self._trying = False
            if well is None:
                return
            self._failed = 0 if well else self._failed + 1
            if self._failed >= self._most:
                self._until = self._clock() + self._seconds

    @property
    def failed(self) -> int:
        """How many calls in a row failed."""
        return self._failed

    @property
    def state(self) -> str:
        """`closed`, `open`, or `half-open` where the next call tries."""
        with self._lock:
            if self._failed < self._most:
                return "closed"
            return "half-open" if self._until <= self._clock() else "open"
