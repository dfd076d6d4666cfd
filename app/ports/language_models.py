"""Language models: they draft, and what they draft is checked like what anybody asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.errors import InternalError
from app.model.prompt import Message, Reply
from app.ports.cancel import Cancel


class ModelUnavailable(InternalError):
    """No draft is to be had now, whatever the reason: the one exception of `LanguageModel.complete`. Its first Problem (DM8090 to DM8097) may be shown to
    whoever asked, as a warning: it names provider and fault, and holds neither a word of the prompt nor of the reply, nor a key or an address."""


ModelKey = tuple[str, str, str]
"""What tells one model from another: provider, model, and the mark of the address."""


class LanguageModel(Protocol):
    """One model of one vendor, or several of them in the order in which they are asked."""

    @property
    def provider(self) -> str:
        """What the settings call the vendor: `ollama`, `openai`, `azure`, `anthropic`, `google`, `compatible`, `scripted`."""

    @property
    def model(self) -> str:
        """The vendor's name of the model."""

    @property
    def address(self) -> str:
        """A mark of where the vendor is spoken to, without a secret in it; "" at the vendor's own address, or where there is none."""

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """One JSON document that the model made for `schema`, a JSON Schema that the vendor is told of; whether the document keeps to it is for the caller to
        check. `who` is the user's id, for the account of tokens and cost. Once `cancel` is cancelled the call ends at once, and no other is begun.

        Raises ModelUnavailable, and nothing else: DM8090 where it can't be reached or failed, DM8091 where it refuses us, DM8092 where it is too slow, DM8093
        where it says too much, DM8094 where that is no JSON, DM8095 where the prompt is over its budget, DM8096 where the project's is spent, DM8097 where
        the settings are not enough.
        """


def key_of(model: LanguageModel) -> ModelKey:
    """What tells it from others: the same name at another address is another model."""
    return model.provider, model.model, model.address
