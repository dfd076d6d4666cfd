"""What an evaluation must reach."""

from __future__ import annotations

from dataclasses import dataclass

from app.service.evaluation.reliability import Reliability
from app.service.evaluation.score import Score


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The least rates and the greatest calibration error, each from 0 to 1; None asks for nothing."""

    accuracy: float | None = None
    precision: float | None = None
    clarified: float | None = None
    refused: float | None = None
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """A threshold that is not met: what it is of, what was wanted, and what was found, None where there was nothing to measure it by."""

    name: str
    wanted: float
    found: float | None


def missed(wanted: Thresholds, score: Score, calibration: Reliability) -> tuple[Missed, ...]:
    """The thresholds that are not met. What could not be measured is not met: nobody knows."""
    found = []
    for name in ("accuracy", "precision", "clarified", "refused"):
        least, value = getattr(wanted, name), getattr(score, name).value
        if least is not None and (value is None or value < least):
            found.append(Missed(name, least, value))
    most, error = wanted.calibration_error, calibration.error
    if most is not None and (error is None or error > most):
        found.append(Missed("calibration error", most, error))
    return tuple(found)
