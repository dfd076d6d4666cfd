"""Google's generateContent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.vendors.server import Form

_TAKEN = {"contents", "systemInstruction", "generationConfig"}


class GoogleForm(Form):
    probe = "/v1beta/models?pageSize=1"

    def allowed(self, headers: Mapping[str, str]) -> bool:
        return headers.get("x-goog-api-key") == self.key

    def wrong(self, path: str, body: Any) -> str:
        if path != f"/v1beta/models/{self.model}:generateContent":
            return f"no such path: {path}"
        if unknown := set(body) - _TAKEN:
            return f"Unknown name {sorted(unknown)}"
        if any(one["role"] not in ("user", "model") for one in body["contents"]):
            return "Please use a valid role: user, model."
        config = body["generationConfig"]
        if "responseJsonSchema" in config and config.get("responseMimeType") != "application/json":
            return "a schema wants responseMimeType application/json"
        return ""

    def answer(self, text: str, tokens_in: int, tokens_out: int) -> Any:
        thought = {"text": "The user wants revenue.", "thought": True}
        usage = {
            "promptTokenCount": tokens_in,
            "candidatesTokenCount": tokens_out - 10,
            "thoughtsTokenCount": 10,
            "totalTokenCount": tokens_in + tokens_out,
        }
        return self._candidate([thought, {"text": text}], "STOP") | {"usageMetadata": usage}

    def tool_call(self, name: str) -> Any:
        call = {"functionCall": {"name": name, "args": {"metrics": ["x"]}}}
        return self._candidate([{"text": '{"metrics": ["x"]}'}, call], "STOP")

    def cut(self, text: str) -> Any:
        return self._candidate([{"text": text}], "MAX_TOKENS")

    def refusal(self) -> Any:
        return {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 7, "totalTokenCount": 7}}

    def error(self, message: str) -> Any:
        return {"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}

    def words(self, body: Any) -> list[str]:
        parts = [*body.get("systemInstruction", {"parts": []})["parts"], *(part for one in body["contents"] for part in one["parts"])]
        return [part["text"] for part in parts]

    def schema(self, body: Any) -> Any:
        return body["generationConfig"].get("responseJsonSchema")

    def _candidate(self, parts: list[Any], finish: str) -> dict[str, Any]:
        return {
            "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}],
            "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3, "totalTokenCount": 10},
            "modelVersion": self.model,
        }
