"""How much may be sent: what is longer is refused before a byte leaves. What to leave out is for whoever made the prompt to say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.adapters.llm import problems
from app.model.prompt import Message


def check(provider: str, messages: Sequence[Message], schema: Mapping[str, Any], most: int) -> None:
    """Raises ModelUnavailable DM8095 where messages and schema together have more bytes than `most`."""
    size = sum(len(one.content.encode("utf-8", "replace")) for one in messages) + len(json.dumps(schema))
    if size > most:
        raise problems.prompt_too_long(provider, size, most)
