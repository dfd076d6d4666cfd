"""What a process holds of the store: asked for again all the time, and at once where this process changed it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from app.errors import DataMindError

T = TypeVar("T")


class Polled(Generic[T]):
    """Calls give what is held; `current` is asked at most every `poll_seconds`, is given what is held, and gives that very object where nothing changed. Thread-safe.

    Where it can't be asked what is held stays, and where nothing was ever held a call raises what it raises: what is not known is not taken for nothing.
    """

    def __init__(self, current: Callable[[T | None], T], *, poll_seconds: float) -> None:
        self._current = current
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._held: T | None = None

    def expire(self) -> None:
        """Ask again at the next call."""
        self._asked_at = float("-inf")

    def __call__(self) -> T:
        """What is so now. Raises what asking for it raises where it was never known."""
        with self._lock:
            if self._held is None or time.monotonic() - self._asked_at >= self._poll_seconds:
                self._asked_at = time.monotonic()
                try:
                    self._held = self._current(self._held)
                except DataMindError:
                    if self._held is None:
                        raise
            return self._held
