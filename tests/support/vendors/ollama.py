"""Ollama's own chat interface."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.vendors.server import Form


class OllamaForm(Form):
    probe = "/api/version"

    def allowed(self, headers: Mapping[str, str]) -> bool:
        """A server of one's own asks for no key; where one is set, it is the right one."""
        return headers.get("authorization", f"Bearer {self.key}") == f"Bearer {self.key}"

    def wrong(self, path: str, body: Any) -> str:
        if path != "/api/chat":
            return f"no such path: {path}"
        if body["model"] != self.model:
            return f"model '{body['model']}' not found"
        if body.get("stream") is not False:
            return "this server would stream"
        long = sum(len(one["content"]) for one in body["messages"]) / 3.5
        return "the prompt would be cut" if body["options"]["num_ctx"] < long else ""

    def answer(self, text: str, tokens_in: int, tokens_out: int) -> Any:
        return self._message({"role": "assistant", "content": text}, "stop", tokens_in, tokens_out)

    def tool_call(self, name: str) -> Any:
        return self._message(
            {"role": "assistant", "content": '{"metrics": ["x"]}', "tool_calls": [{"function": {"name": name, "arguments": {}}}]}, "stop"
        )

    def cut(self, text: str) -> Any:
        return self._message({"role": "assistant", "content": text}, "length")

    def refusal(self) -> Any:
        """It has no form for one: the model says so in words."""
        return self._message({"role": "assistant", "content": "I can't help with that."}, "stop")

    def error(self, message: str) -> Any:
        return {"error": message}

    def words(self, body: Any) -> list[str]:
        return [one["content"] for one in body["messages"]]

    def schema(self, body: Any) -> Any:
        return body.get("format")

    def _message(self, message: Any, done: str, tokens_in: int = 7, tokens_out: int = 3) -> Any:
        return {
            "model": self.model,
            "created_at": "2026-11-22T10:00:00Z",
            "message": message,
            "done": True,
            "done_reason": done,
            "prompt_eval_count": tokens_in,
            "eval_count": tokens_out,
        }
