"""Language models: they draft, and what they draft is checked like what anybody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.model.prompt import Message, Reply


class LanguageModel(Protocol):
    """One model of one vendor, or several of them in the order in which they are asked."""

    @property
    def provider(self) -> str:
        """What the settings call the vendor: `ollama`, `openai`, `azure`, `anthropic`, `google`, `compatible`, `scripted`."""

    @property
    def model(self) -> str:
        """The vendor's name of the model."""

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "") -> Reply:
        """One JSON document that the model made for `schema`, a JSON Schema that the vendor is told of; whether the document keeps to it is for the caller to
        check. `who` is the user's id, for the account of tokens and cost.

        Raises InternalError where the model can't be reached, is too slow or too long, or answers what is no JSON.
        """
