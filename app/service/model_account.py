"""Calls of language models that nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.model.prompt import Message, Reply
from app.ports import Cancel, LanguageModel

WHO = "system"
"""On whose account the calls are."""


@dataclass(frozen=True, slots=True)
class OnOurAccount:
    """A model whose calls nobody asked for: the project's account has them, and no person's."""

    asked: LanguageModel

    @property
    def provider(self) -> str:
        """As the model has it."""
        return self.asked.provider

    @property
    def model(self) -> str:
        """As the model has it."""
        return self.asked.model

    @property
    def address(self) -> str:
        """As the model has it."""
        return self.asked.address

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """As the model has it."""
        del who
        return self.asked.complete(messages, schema, WHO, cancel)
