"""Ollama: its own chat interface, with the schema as `format`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from app.adapters.llm.chat_completions import turns
from app.adapters.llm.vendor import CUT, TOOL, Access, Request, Said, Vendor, bearer
from app.model.base import Node
from app.model.prompt import Message

URL = "http://127.0.0.1:11434"
_STEP = 4_096
_BYTES_A_TOKEN = 3


class _Words(Node, frozen=True):
    content: str = ""
    tool_calls: list[Any] | None = None


class _Answer(Node, frozen=True):
    message: _Words
    done: bool = True
    done_reason: str = ""
    prompt_eval_count: int = 0
    eval_count: int = 0


class Ollama:
    """Its context is made as long as the prompt wants: a longer prompt than its default takes would be cut without a word, and the model answer half a question."""

    provider: ClassVar[str] = "ollama"
    wordy: ClassVar[bool] = False
    looser: ClassVar[Vendor | None] = None
    probe: ClassVar[str] = "/api/version"

    def __init__(self, access: Access) -> None:
        self.access = access

    def headers(self) -> Mapping[str, str]:
        """The key as a bearer's token, for a server behind something that asks for one."""
        return bearer(self.access.key)

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /api/chat`."""
        prompt = sum(len(one.content.encode("utf-8", "replace")) for one in messages)
        context = -(-(prompt // _BYTES_A_TOKEN + self.access.max_tokens) // _STEP) * _STEP
        return Request(
            "/api/chat",
            {
                "model": self.access.model,
                "messages": turns(messages),
                "format": schema,
                "stream": False,
                "options": {"temperature": 0, "num_predict": self.access.max_tokens, "num_ctx": context},
            },
        )

    def read(self, body: bytes) -> Said:
        """Its message."""
        found = msgspec.json.decode(body, type=_Answer)
        why = ""
        if found.message.tool_calls:
            why = TOOL
        elif not found.done or found.done_reason == "length":
            why = CUT
        return Said(found.message.content, found.prompt_eval_count, found.eval_count, why)
