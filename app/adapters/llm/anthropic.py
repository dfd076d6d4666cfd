"""Anthropic: messages with one tool, which the model must call, and whose input is the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from app.adapters.llm.vendor import CUT, FILTERED, TOOL, Access, Request, Said, Vendor, system_of, talk_of
from app.model.base import Node
from app.model.prompt import Message

URL = "https://api.anthropic.com"
VERSION = "2023-06-01"
NAME = "draft"


class _Block(Node, frozen=True):
    type: str
    name: str = ""
    input: msgspec.Raw = msgspec.Raw()


class _Usage(Node, frozen=True):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class _Answer(Node, frozen=True):
    content: list[_Block]
    stop_reason: str | None = None
    usage: _Usage = _Usage()


class Anthropic:
    """A forced tool and not `output_config`: it takes any schema, and every model knows it."""

    provider: ClassVar[str] = "anthropic"
    wordy: ClassVar[bool] = False
    looser: ClassVar[Vendor | None] = None
    probe: ClassVar[str] = "/v1/models"

    def __init__(self, access: Access) -> None:
        self.access = access

    def headers(self) -> Mapping[str, str]:
        """The key, and the version of the interface."""
        return {"x-api-key": self.access.key, "anthropic-version": VERSION}

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /v1/messages`."""
        tool = {"name": NAME, "description": "Hands in the document that was asked for.", "input_schema": schema}
        return Request(
            "/v1/messages",
            {
                "model": self.access.model,
                "max_tokens": self.access.max_tokens,
                "system": system_of(messages),
                "messages": [{"role": one.role, "content": one.content} for one in talk_of(messages)],
                "tools": [tool],
                "tool_choice": {"type": "tool", "name": NAME, "disable_parallel_tool_use": True},
            },
        )

    def read(self, body: bytes) -> Said:
        """The input of our tool's call."""
        found = msgspec.json.decode(body, type=_Answer)
        used = found.usage
        tokens_in = used.input_tokens + (used.cache_read_input_tokens or 0) + (used.cache_creation_input_tokens or 0)
        calls = [block for block in found.content if block.type == "tool_use"]
        why = ""
        if found.stop_reason == "refusal":
            why = FILTERED
        elif any(call.name != NAME for call in calls):
            why = TOOL
        elif found.stop_reason == "max_tokens":
            why = CUT
        elif len(calls) != 1:
            why = "it does not hand in one document"
        return Said("" if why else bytes(calls[0].input).decode(), tokens_in, used.output_tokens, why)
