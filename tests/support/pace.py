"""Processor time of a piece of work in this thread, as a multiple of what the same machine takes at the same moment for counting."""

from __future__ import annotations

import time
from collections.abc import Callable

TRIES = 3


def paces(work: Callable[[], object], enough: float) -> float:
    """How many times as long the work takes as adding up 100,000 squares (some 6 ms on a machine of 2024): the least of a few tries, or the first that is
    `enough` or less. What grows faster than it should is beyond any such bound; a busy machine is not."""
    least = float("inf")
    for _ in range(TRIES):
        counting = _seconds(lambda: sum(n * n for n in range(100_000)))
        least = min(least, _seconds(work) / counting)
        if least <= enough:
            break
    return least


def _seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
