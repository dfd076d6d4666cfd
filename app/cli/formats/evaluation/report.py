"""All that an evaluation came to."""

from __future__ import annotations

from dataclasses import dataclass

from app.service.evaluation.judged import Judged
from app.service.evaluation.reliability import Reliability
from app.service.evaluation.score import Score
from app.service.evaluation.thresholds import Missed


@dataclass(frozen=True, slots=True)
class Report:
    """The questions in order, what they come to, and the thresholds that are not met."""

    judged: tuple[Judged, ...]
    score: Score
    reliability: Reliability
    missed: tuple[Missed, ...] = ()
