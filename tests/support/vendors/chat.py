"""OpenAI's chat completions, and what Azure and compatible servers make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.support.vendors.server import Form

_TAKEN = {"model", "messages", "response_format", "max_completion_tokens"}


class OpenAIForm(Form):
    base = "/v1"
    probe = "/v1/models"
    path = re.compile(r"/v1/chat/completions")
    taken = _TAKEN

    def wrong(self, path: str, body: Any) -> str:
        if not self.path.fullmatch(path):
            return f"no such path: {path}"
        if unknown := set(body) - self.taken:
            return f"unknown parameters: {sorted(unknown)}"
        if body.get("model", self.model) != self.model:
            return "no such model"
        if any(set(one) != {"role", "content"} or one["role"] not in ("system", "user", "assistant") for one in body["messages"]):
            return "messages are not in order"
        return self.wrong_format(body.get("response_format"))

    def wrong_format(self, asked: Any) -> str:
        if asked is None or asked.get("type") != "json_schema":
            return "response_format wants a json_schema"
        form = asked["json_schema"]
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", form["name"]):
            return "a bad name of the schema"
        return "" if not form.get("strict") or _closed(form["schema"]) else "strict wants closed objects with all properties required"

    def answer(self, text: str, tokens_in: int, tokens_out: int) -> Any:
        message = {"role": "assistant", "content": text, "refusal": None}
        return self._completion(message, "stop") | {
            "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
        }

    def tool_call(self, name: str) -> Any:
        call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": '{"metrics": ["x"]}'}}
        return self._completion({"role": "assistant", "content": '{"metrics": ["x"]}', "tool_calls": [call]}, "tool_calls")

    def cut(self, text: str) -> Any:
        return self._completion({"role": "assistant", "content": text}, "length")

    def refusal(self) -> Any:
        return self._completion({"role": "assistant", "content": None, "refusal": "I can't help with that."}, "stop")

    def words(self, body: Any) -> list[str]:
        return [one["content"] for one in body["messages"]]

    def schema(self, body: Any) -> Any:
        return body["response_format"]["json_schema"]["schema"] if "response_format" in body else None

    def _completion(self, message: Any, finish: str) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
        }


class AzureForm(OpenAIForm):
    """The resource's interface v1."""

    base = ""
    probe = "/openai/v1/models"
    path = re.compile(r"/openai/v1/chat/completions")

    def allowed(self, headers: Mapping[str, str]) -> bool:
        return headers.get("api-key") == self.key and "authorization" not in headers


class CompatibleForm(OpenAIForm):
    """A server of the kind of vLLM. Without `structured` it refuses `response_format`, as older ones do."""

    taken = (_TAKEN - {"max_completion_tokens"}) | {"max_tokens", "temperature"}

    def wrong_format(self, asked: Any) -> str:
        if not self.structured:
            return "response_format is not supported" if asked is not None else ""
        return super().wrong_format(asked)


def _closed(schema: Any) -> bool:
    """OpenAI's rule for strict schemas."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False or set(schema.get("required", [])) != set(schema.get("properties", {})):
            return False
        return all(_closed(one) for one in schema.get("properties", {}).values())
    return _closed(schema["items"]) if "items" in schema else True
