"""Google's Gemini: `generateContent` with `responseJsonSchema`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from app.adapters.llm.vendor import CUT, FILTERED, TOOL, Access, Request, Said, Vendor, system_of, talk_of
from app.model.base import Node
from app.model.prompt import Message

URL = "https://generativelanguage.googleapis.com"
_ROLES = {"user": "user", "assistant": "model"}


class _Part(Node, frozen=True, rename="camel"):
    text: str = ""
    thought: bool = False
    function_call: Any = None
    executable_code: Any = None


class _Content(Node, frozen=True):
    parts: tuple[_Part, ...] = ()


class _Candidate(Node, frozen=True, rename="camel"):
    content: _Content = _Content()
    finish_reason: str = ""


class _Feedback(Node, frozen=True, rename="camel"):
    block_reason: str = ""


class _Usage(Node, frozen=True, rename="camel"):
    prompt_token_count: int = 0
    candidates_token_count: int = 0
    thoughts_token_count: int = 0


class _Answer(Node, frozen=True, rename="camel"):
    candidates: tuple[_Candidate, ...] = ()
    prompt_feedback: _Feedback = _Feedback()
    usage_metadata: _Usage = _Usage()


class Google:
    """The key goes into a header: in the address, where Google takes it too, it would be in every log on the way."""

    provider: ClassVar[str] = "google"
    wordy: ClassVar[bool] = False
    looser: ClassVar[Vendor | None] = None
    probe: ClassVar[str] = "/v1beta/models?pageSize=1"

    def __init__(self, access: Access) -> None:
        self.access = access

    def headers(self) -> Mapping[str, str]:
        """The key."""
        return {"x-goog-api-key": self.access.key}

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """`POST /v1beta/models/MODEL:generateContent`."""
        body: dict[str, Any] = {
            "contents": [{"role": _ROLES[one.role], "parts": [{"text": one.content}]} for one in talk_of(messages)],
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": schema,
                "candidateCount": 1,
                "maxOutputTokens": self.access.max_tokens,
            },
        }
        if system := system_of(messages):
            body["systemInstruction"] = {"parts": [{"text": system}]}
        model = quote(self.access.model.removeprefix("models/"), safe="")
        return Request(f"/v1beta/models/{model}:generateContent", body)

    def read(self, body: bytes) -> Said:
        """The first candidate, without what it thought."""
        found = msgspec.json.decode(body, type=_Answer)
        used = found.usage_metadata
        tokens_out = used.candidates_token_count + used.thoughts_token_count
        if found.prompt_feedback.block_reason:
            return Said("", used.prompt_token_count, tokens_out, FILTERED)
        first = found.candidates[0]
        parts = first.content.parts
        why = ""
        if any(part.function_call or part.executable_code for part in parts):
            why = TOOL
        elif first.finish_reason == "MAX_TOKENS":
            why = CUT
        elif first.finish_reason not in ("", "STOP"):
            why = FILTERED
        return Said("".join(part.text for part in parts if not part.thought), used.prompt_token_count, tokens_out, why)
