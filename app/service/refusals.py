"""A bound on what is written about messages that are refused: whoever sends them needs no secret, and must not fill the audit trail."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter

EVERY = dt.timedelta(minutes=1)
"""How often a thing is told at most."""
MOST = 100
"""How many things are told apart in that time; the others are counted as one."""


class Refusals:
    """Counts refusals by what they are (sender, code and address, say), and says when how many are to be written. For the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, ...]] = Counter()
        self._told: dict[tuple[str, ...], dt.datetime] = {}

    def count(self, what: tuple[str, ...], others: tuple[str, ...], now: dt.datetime) -> list[tuple[tuple[str, ...], int]]:
        """Count one, under `others` where too many are told apart already. What is to be written now, with how many times it was counted since it was
        written last: the first of a kind at once, those that follow within a minute together, with whatever is counted behind it."""
        with self._lock:
            self._told = {one: at for one, at in self._told.items() if one in self._counted or now - at < EVERY}
            known = what in self._told or len(self._told) < MOST
            self._counted[what if known else others] += 1
            due = [(one, times) for one, times in self._counted.items() if one not in self._told or now - self._told[one] >= EVERY]
            for one, _ in due:
                del self._counted[one]
                self._told[one] = now
            return due
