"""Anthropic's messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.vendors.server import Form

_TAKEN = {"model", "max_tokens", "system", "messages", "tools", "tool_choice"}


class AnthropicForm(Form):
    probe = "/v1/models"

    def allowed(self, headers: Mapping[str, str]) -> bool:
        return headers.get("x-api-key") == self.key and headers.get("anthropic-version") == "2023-06-01"

    def wrong(self, path: str, body: Any) -> str:
        if path != "/v1/messages":
            return f"no such path: {path}"
        if unknown := set(body) - _TAKEN:
            return f"{sorted(unknown)}: Extra inputs are not permitted"
        if body["model"] != self.model or not body["max_tokens"] > 0:
            return "model or max_tokens"
        if not body["messages"] or any(one["role"] not in ("user", "assistant") for one in body["messages"]):
            return "messages: a role of the talk is wanted"
        names = [tool["name"] for tool in body["tools"]]
        if any(tool["input_schema"].get("type") != "object" for tool in body["tools"]):
            return "tools.0.input_schema.type: Input should be 'object'"
        return "" if body["tool_choice"]["type"] == "tool" and body["tool_choice"]["name"] in names else "tool_choice"

    def answer(self, text: str, tokens_in: int, tokens_out: int) -> Any:
        return self._message([self._use("draft", json.loads(text))], "tool_use", tokens_in, tokens_out)

    def tool_call(self, name: str) -> Any:
        return self._message([self._use("draft", {"metrics": ["x"]}), self._use(name, {})], "tool_use")

    def cut(self, text: str) -> Any:
        return self._message([self._use("draft", {})], "max_tokens")

    def refusal(self) -> Any:
        return self._message([], "refusal")

    def error(self, message: str) -> Any:
        return {"type": "error", "error": {"type": "invalid_request_error", "message": message}}

    def words(self, body: Any) -> list[str]:
        return [body["system"], *(one["content"] for one in body["messages"])]

    def schema(self, body: Any) -> Any:
        return body["tools"][0]["input_schema"]

    def _use(self, name: str, given: Any) -> Any:
        return {"type": "tool_use", "id": "toolu_1", "name": name, "input": given}

    def _message(self, content: list[Any], stop: str, tokens_in: int = 7, tokens_out: int = 3) -> Any:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {"input_tokens": tokens_in, "output_tokens": tokens_out, "cache_read_input_tokens": 0},
        }
