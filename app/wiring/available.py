"""Which engines answer at present, asked at most every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping

from app.ports import Engine

HOLDS_SECONDS = 5.0


class Available:
    """Calls give the names of the engines that answered when last asked; an answer holds for a few seconds, so no query waits for it twice."""

    def __init__(self, engines: Mapping[str, Engine], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._engines = engines
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._up: frozenset[str] = frozenset()

    def __call__(self) -> Collection[str]:
        """The names of the engines that answer."""
        with self._lock:
            if self._clock() - self._asked_at >= HOLDS_SECONDS:
                self._up = frozenset(name for name, engine in self._engines.items() if engine.health().up)
                self._asked_at = self._clock()
            return self._up
