"""What stands for a provider whose settings are not enough: the rest of the product works, and says why this does not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from app.model.model_usage import ModelState
from app.model.prompt import Message, Reply
from app.ports import Cancel
from app.ports.language_models import LanguageModel, ModelKey, ModelUnavailable, key_of


class Unusable:
    """Refuses each call with the fault that it was made of."""

    def __init__(self, provider: str, model: str, fault: ModelUnavailable, address: str = "") -> None:
        self.address = address
        self.provider = provider
        self.model = model
        self._problem = fault.problem

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """Raises ModelUnavailable DM8097."""
        del messages, schema, who, cancel
        raise ModelUnavailable(self._problem)

    def each(self) -> Sequence[LanguageModel]:
        """Itself."""
        return [self]

    def without(self, shut: Collection[ModelKey]) -> LanguageModel | None:
        """Itself, or None."""
        return None if key_of(self) in shut else self

    def states(self, *, ask: bool = False) -> Sequence[ModelState]:
        """Why it can't be asked."""
        del ask
        return [ModelState(self.provider, self.model, last_fault=self._problem.code, unreached=self._problem.message, address=self.address)]
