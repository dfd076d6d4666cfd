"""What stands for the index where this installation has none: training items are stored, and not searched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NoReturn

from app.errors import Problem, UserError
from app.model.records import TrainingItem, TrainingKind
from app.ports import Health, Shown


class NoRetriever:
    """Says why there is no index, to whoever asks for one."""

    def __init__(self, problem: Problem | None = None) -> None:
        self._problem = problem or Problem("DM8053", "no index of training items is configured")

    @property
    def absent(self) -> str:
        """Why there is none, with what to do."""
        return f"{self._problem.message}: {self._problem.hint}" if self._problem.hint else self._problem.message

    def ids(self) -> frozenset[str]:
        """Raises UserError DM8053."""
        self._refuse()

    def learn(self, items: Sequence[TrainingItem]) -> None:
        """Raises UserError DM8053."""
        del items
        self._refuse()

    def forget(self, ids: Collection[str]) -> None:
        """Raises UserError DM8053."""
        del ids
        self._refuse()

    def keep_only(self) -> None:
        """Raises UserError DM8053."""
        self._refuse()

    def recall(self, question: str, limit: int, shown: Shown) -> Mapping[TrainingKind, Sequence[TrainingItem]]:
        """Raises UserError DM8053."""
        del question, limit, shown
        self._refuse()

    def health(self) -> Health:
        """Not there."""
        return Health(up=False, detail=self.absent)

    def close(self) -> None:
        """Nothing to close."""

    def _refuse(self) -> NoReturn:
        raise UserError(self._problem)
