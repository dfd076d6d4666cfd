"""Which language models may draft for a project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.model.model_gates import ModelGate


class ModelGates(Protocol):
    """What is known of each provider's model that was ever set for a project."""

    def all(self, project_id: str) -> Sequence[ModelGate]:
        """Every one, the oldest first."""

    def get(self, gate_id: str, project_id: str) -> ModelGate | None:
        """The one of that id, or None."""

    def add(self, gate: ModelGate) -> ModelGate:
        """The one of that provider, model and address: this one, where there was none, and none from before addresses were told apart."""

    def change(self, gate: ModelGate, *, before: ModelGate) -> bool:
        """Keep what became of it; False where its state, its layer or what was heard of it is not what it was before: somebody else was there."""
