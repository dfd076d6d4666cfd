"""Several providers in the order in which they are asked: the first that has a draft answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from app.errors import Problem
from app.model.model_usage import ModelState
from app.model.prompt import Message, Reply
from app.ports import Cancel
from app.ports.language_models import LanguageModel, ModelKey, ModelUnavailable, key_of
from app.ports.model_usage import ModelWatch

_OURS = frozenset({"DM8096"})
"""What no other provider can mend."""


class Watched(LanguageModel, ModelWatch, Protocol):
    """A model that can be looked at."""


class Fallback:
    """Asked in order. Each has its own time, so that who waits, waits for as many as failed slowly; a breaker makes that rare."""

    def __init__(self, models: Sequence[Watched]) -> None:
        if not models:
            raise ValueError("at least one model is asked")
        self._models = tuple(models)

    @property
    def provider(self) -> str:
        """The first one's: which one answered, the reply says."""
        return self._models[0].provider

    @property
    def model(self) -> str:
        """The first one's."""
        return self._models[0].model

    @property
    def address(self) -> str:
        """The first one's."""
        return self._models[0].address

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """Of the first that has one. Raises ModelUnavailable with the Problem of each, the first one's first."""
        faults: list[Problem] = []
        for model in self._models:
            try:
                return model.complete(messages, schema, who, cancel)
            except ModelUnavailable as error:
                faults += error.problems
                if error.problem.code in _OURS or (cancel is not None and cancel.cancelled):
                    break
        raise ModelUnavailable(*faults)

    def each(self) -> Sequence[LanguageModel]:
        """In their order."""
        return self._models

    def without(self, shut: Collection[ModelKey]) -> LanguageModel | None:
        """The others, or None."""
        left = [model for model in self._models if key_of(model) not in shut]
        return Fallback(left) if left else None

    def states(self, *, ask: bool = False) -> Sequence[ModelState]:
        """Of each."""
        return [state for model in self._models for state in model.states(ask=ask)]
