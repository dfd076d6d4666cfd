"""Which language models may draft, as a process holds it."""

from __future__ import annotations

from dataclasses import dataclass

from app.model.model_gates import ModelGate
from app.ports import ModelGates
from app.service.polled import Polled

CHANNEL = "datamind:models"
"""Where a change is announced; the message is the project's id."""


@dataclass(frozen=True, slots=True)
class ModelGateDeps:
    """Where it is kept, what is held of it, and of how many approved questions a model is asked at most."""

    store: ModelGates
    held: Polled[tuple[ModelGate, ...]]
    most_questions: int = 200
