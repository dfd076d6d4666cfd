"""Any server that speaks OpenAI's chat completions: vLLM, LM Studio, LiteLLM, OpenRouter and their like. What it can beyond that is found out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from app.adapters.llm.chat_completions import read_completion, turns
from app.adapters.llm.openai import response_format
from app.adapters.llm.vendor import Access, Request, Said, Vendor, bearer, system_of, talk_of
from app.model.prompt import Message

ASKING = "Answer with one JSON document and nothing else: no words around it, no fences. It keeps to this JSON Schema:\n"


class Compatible:
    """With `structured` the schema is sent as `response_format`; without, it is asked for in words. The JSON is looked for among words and fences either way, since
    such a server may take `response_format` and not heed it."""

    provider: ClassVar[str] = "compatible"
    wordy: ClassVar[bool] = True
    probe: ClassVar[str] = "/models"

    def __init__(self, access: Access, *, structured: bool = True) -> None:
        self.access = access
        self.looser: Vendor | None = Compatible(access, structured=False) if structured else None

    def headers(self) -> Mapping[str, str]:
        """The key as a bearer's token, where there is one."""
        return bearer(self.access.key)

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /chat/completions`."""
        body: dict[str, Any] = {"model": self.access.model, "max_tokens": self.access.max_tokens, "temperature": 0}
        if self.looser is not None:
            return Request("/chat/completions", {**body, "messages": turns(messages), "response_format": response_format(schema)})
        asking = Message("system", ASKING + json.dumps(schema))
        merged = Message("system", system_of((*messages, asking)))  # many take one message of the system, and that first
        return Request("/chat/completions", {**body, "messages": turns([merged, *talk_of(messages)])})

    def read(self, body: bytes) -> Said:
        """The first choice."""
        return read_completion(body)
