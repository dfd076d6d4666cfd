"""Whether a confidence means what it says: of the answers that are 0.8 sure, 8 in 10 should be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.service.evaluation.judged import Judged

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence is at least `low` and below `high` (1 itself lies in the last bin)."""

    low: float
    high: float
    count: int
    confidence: float
    right: int

    @property
    def accuracy(self) -> float:
        """The part that is right, 0 where there are none."""
        return self.right / self.count if self.count else 0.0


@dataclass(frozen=True, slots=True)
class Reliability:
    """All bins, and the expected calibration error: by how much confidence and the part that is right differ, weighed by the answers in each bin; None where
    no answer was given."""

    bins: tuple[Bin, ...]
    error: float | None


def reliability(found: Iterable[Judged]) -> Reliability:
    """Sort the answers that were given into bins."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for one in found:
        if one.is_given:
            sure = min(1.0, max(0.0, one.answered.confidence))
            held[min(int(sure * BINS), BINS - 1)].append((sure, one.right))
    bins = tuple(_bin(at, some) for at, some in enumerate(held))
    count = sum(one.count for one in bins)
    error = sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / count if count else None
    return Reliability(bins, error)


def _bin(at: int, some: list[tuple[float, bool]]) -> Bin:
    mean = sum(sure for sure, _ in some) / len(some) if some else 0.0
    return Bin(at / BINS, (at + 1) / BINS, len(some), mean, sum(right for _, right in some))
