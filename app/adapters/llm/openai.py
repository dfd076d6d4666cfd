"""OpenAI: chat completions with `response_format: json_schema`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from app.adapters.llm.chat_completions import read_completion, turns
from app.adapters.llm.strict import strict_ready
from app.adapters.llm.vendor import Access, Request, Said, Vendor, bearer
from app.model.prompt import Message

URL = "https://api.openai.com/v1"


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as `response_format`: strict wherever the vendor can be."""
    return {"type": "json_schema", "json_schema": {"name": "draft", "schema": schema, "strict": strict_ready(schema)}}


class OpenAI:
    """No temperature is sent: models that reason refuse one."""

    provider: ClassVar[str] = "openai"
    wordy: ClassVar[bool] = False
    looser: ClassVar[Vendor | None] = None
    probe: ClassVar[str] = "/models"

    def __init__(self, access: Access) -> None:
        self.access = access

    def headers(self) -> Mapping[str, str]:
        """The key as a bearer's token."""
        return bearer(self.access.key)

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /chat/completions`."""
        return Request("/chat/completions", {"model": self.access.model, **self._body(messages, schema)})

    def read(self, body: bytes) -> Said:
        """The first choice."""
        return read_completion(body)

    def _body(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "messages": turns(messages),
            "response_format": response_format(schema),
            "max_completion_tokens": self.access.max_tokens,
        }
