"""The form of chat completions, which OpenAI, Azure and the servers that are compatible with them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.adapters.llm.vendor import CUT, FILTERED, TOOL, Said
from app.model.base import Node
from app.model.prompt import Message


class _Words(Node, frozen=True):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None
    function_call: Any = None


class _Choice(Node, frozen=True):
    message: _Words
    finish_reason: str | None = None


class _Usage(Node, frozen=True):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(Node, frozen=True):
    choices: list[_Choice]
    usage: _Usage | None = None


def turns(messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages as the form has them."""
    return [{"role": one.role, "content": one.content} for one in messages]


def read_completion(body: bytes) -> Said:
    """The first choice. Raises msgspec.DecodeError or IndexError where there is none."""
    found = msgspec.json.decode(body, type=_Completion)
    used, choice = found.usage or _Usage(), found.choices[0]
    said = choice.message
    why = ""
    if said.tool_calls or said.function_call:
        why = TOOL
    elif said.refusal or choice.finish_reason == "content_filter":
        why = FILTERED
    elif choice.finish_reason == "length":
        why = CUT
    return Said(said.content or "", used.prompt_tokens or 0, used.completion_tokens or 0, why)
