"""How much may be sent: what is longer is refused before a byte leaves. What to leave out is for whoever made the prompt to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.llm import problems
from app.model.prompt import Message

BYTES_OF_A_TOKEN = 4
"""About so many bytes of English are a token of the vendors' models."""


def tokens(messages: Sequence[Message], schema: Mapping[str, Any]) -> int:
    """About how many tokens a prompt has, where no vendor said it: a call that was given up before its answer."""
    return _size(messages, schema) // BYTES_OF_A_TOKEN


def check(provider: str, messages: Sequence[Message], schema: Mapping[str, Any], most: int) -> None:
    """Raises ModelUnavailable DM8095 where messages and schema together have more bytes than `most`."""
    size = _size(messages, schema)
    if size > most:
        raise problems.prompt_too_long(provider, size, most)


def _size(messages: Sequence[Message], schema: Mapping[str, Any]) -> int:
    return sum(len(one.content.encode("utf-8", "replace")) for one in messages) + len(json.dumps(schema))
