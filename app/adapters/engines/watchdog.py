"""Deadlines kept by one thread an engine: the last resort against a server that has stopped answering at all."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Watchdog:
    """Calls `bark` once for each guarded block that outlives its seconds. Its thread starts with the first guard and ends with `close`."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._heap: list[tuple[float, int]] = []
        self._live: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def guard(self, seconds: float, bark: Callable[[], None]) -> Iterator[None]:
        """Run the block; when it takes longer than `seconds`, call `bark` from the watchdog's thread (which must be quick and not raise)."""
        number = self._add(time.monotonic() + seconds, bark)
        try:
            yield
        finally:
            with self._wake:
                self._live.pop(number, None)

    def close(self) -> None:
        """End the thread; guards that are still open are forgotten. A later guard starts another."""
        with self._wake:
            self._thread = None
            self._live.clear()
            self._heap.clear()
            self._wake.notify()

    def _add(self, due: float, bark: Callable[[], None]) -> int:
        with self._wake:
            number = next(self._numbers)
            self._live[number] = bark
            heapq.heappush(self._heap, (due, number))
            if self._thread is None or not self._thread.is_alive():  # not alive in a child process after a fork
                self._thread = threading.Thread(target=self._run, name="engine-watchdog", daemon=True)
                self._thread.start()
            elif self._heap[0][1] == number:
                self._wake.notify()
            return number

    def _run(self) -> None:
        while True:
            with self._wake:
                if self._thread is not threading.current_thread():
                    return
                while self._heap and self._heap[0][1] not in self._live:
                    heapq.heappop(self._heap)
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._wake.wait(wait)
                    continue
                bark = self._live.pop(heapq.heappop(self._heap)[1])
            bark()
