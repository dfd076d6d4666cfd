"""What is said to a language model, and what it says back."""

from __future__ import annotations

from typing import Literal

from app.model.base import Node


class Message(Node, frozen=True):
    """One part of a prompt: `system` for what we ask of the model, `user` for what it shall work on, `assistant` for what it said before."""

    role: Literal["system", "user", "assistant"]
    content: str


class Reply(Node, frozen=True):
    """What a model said: `text` is one JSON document as it came, not yet held to any schema. Tokens are the vendor's count, 0 where it tells none; `cost` is in
    US dollars by the prices that the settings hold, 0 without; `ms` is the whole time with retries."""

    text: str
    provider: str
    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    ms: float = 0.0
