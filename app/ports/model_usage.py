"""The account of language models, and how their providers stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from app.model.model_usage import ModelState, Spent, UsageLine
from app.ports.language_models import LanguageModel, ModelKey


class ModelUsage(Protocol):
    """Tokens and cost, kept in the store."""

    def add(self, line: UsageLine) -> None:
        """Add to what that person used of that model on that day."""

    def spent(self, project_id: str, since: dt.date) -> Spent:
        """What the project used since that day."""

    def lines(self, project_id: str, since: dt.date, until: dt.date, user_id: str = "") -> Sequence[UsageLine]:
        """What was used from `since` to `until`, both included; newest day first, then by person and model. "" means everybody."""


class ModelWatch(Protocol):
    """How the providers stand, without a token spent."""

    def each(self) -> Sequence[LanguageModel]:
        """The providers one by one, in the order in which they are asked."""

    def without(self, shut: Collection[ModelKey]) -> LanguageModel | None:
        """The providers but these models, in their order; None where none is left."""

    def states(self, *, ask: bool = False) -> Sequence[ModelState]:
        """Each provider in the order in which they are asked; with `ask` whether it can be reached is found out, at most every half minute."""
