"""Random draws that are the same on every machine, Python and numpy: built from the raw 64-bit output of PCG64 alone.

numpy promises a stable stream for its bit generators, not for its distributions, so these are made here, from additions, products and comparisons
of doubles only: no logarithm, power or pairwise sum whose last bit may differ from one processor to the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]


class Draws:
    """A stream of draws of its own: what another stream draws never shifts this one."""

    def __init__(self, name: str) -> None:
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        self._bits = np.random.PCG64(seed)

    def uniform(self, count: int) -> Reals:
        """`count` numbers of [0, 1), with 53 random bits each."""
        raw: NDArray[np.uint64] = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def integers(self, count: int, low: int, high: int) -> Ints:
        """`count` whole numbers from `low` to `high`, both included."""
        drawn: Ints = low + (self.uniform(count) * (high - low + 1)).astype(np.int64)
        return drawn

    def below(self, limits: Ints) -> Ints:
        """For each limit a whole number from 0 to one less than it."""
        return (self.uniform(len(limits)) * limits).astype(np.int64)

    def chance(self, count: int, probability: float | Reals) -> Flags:
        """`count` yes-or-no draws with the probability of yes, one for all or one each."""
        return self.uniform(count) < probability

    def pick(self, count: int, weights: Sequence[float] | Reals) -> Ints:
        """`count` positions of `weights`, each drawn in proportion to its weight."""
        steps = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(steps, self.uniform(count) * steps[-1], side="right")
        picked: Ints = np.minimum(found, len(steps) - 1).astype(np.int64)
        return picked

    def choice(self, count: int, weighted: dict[str, float]) -> Texts:
        """`count` keys of `weighted`, each drawn in proportion to its value."""
        return texts(list(weighted))[self.pick(count, list(weighted.values()))]


def texts(words: Sequence[str | None]) -> Texts:
    """The words as an array of Python strings."""
    array = np.empty(len(words), dtype=np.object_)
    array[:] = words
    return array
