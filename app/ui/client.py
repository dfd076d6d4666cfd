"""The gateway's REST interface as the page uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import httpx2
import msgspec

TIMEOUT_SECONDS = 60.0
_MOST_TYPED = 1_000
_SHARED = re.compile(r"shr_[0-9a-f]{32}")

_READ = msgspec.json.Decoder(float_hook=Decimal)
_WRITE = msgspec.json.Encoder(decimal_format="number")


class GatewayError(Exception):
    """The gateway said no, or nothing (`status` 0): what its problem document says, with its code and correlation id."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status = status
        self.title = str(body.get("detail") or body.get("title") or "the gateway did not answer as expected")
        self.hint = str(body.get("hint") or "")
        self.code = str(body.get("code") or "")
        self.correlation_id = str(body.get("correlation_id") or "")
        super().__init__(self.title)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gives; a log or a fault that shows this record shows neither."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


class Gateway:
    """Calls the gateway at `base`, for example http://127.0.0.1:8000."""

    def __init__(self, base: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._client = httpx2.Client(base_url=f"{base.rstrip('/')}/api/v1", timeout=TIMEOUT_SECONDS, transport=transport)

    def login(self, email: str, password: str) -> Tokens:
        """Sign in. Raises GatewayError 401 for a wrong e-mail or password."""
        body = self._post("/auth/login", {"email": email, "password": password})
        return Tokens(body["access_token"], body["refresh_token"])

    def refresh(self, tokens: Tokens) -> Tokens:
        """New tokens for old. Raises GatewayError 401 where the refresh token is no good any more."""
        body = self._post("/auth/refresh", {"refresh_token": tokens.refresh})
        return Tokens(body["access_token"], body["refresh_token"])

    def logout(self, tokens: Tokens) -> None:
        """Give the refresh token back."""
        self._post("/auth/logout", {"refresh_token": tokens.refresh}, tokens.access)

    def me(self, tokens: Tokens) -> dict[str, Any]:
        """Who is signed in."""
        return self._call("GET", "/auth/me", None, tokens.access)

    def chat(self, tokens: Tokens, body: dict[str, Any]) -> dict[str, Any]:
        """The whole answer to what is said in a conversation."""
        return self._post("/chat", body, tokens.access)

    def conversations(self, tokens: Tokens, most: int) -> list[dict[str, Any]]:
        """The person's conversations, the newest first."""
        return list(self._call("GET", f"/chat/sessions?limit={most}", None, tokens.access)["items"])

    def history(self, tokens: Tokens, session: str, most: int) -> list[dict[str, Any]]:
        """The last questions of a conversation, the oldest of them first."""
        return list(self._call("GET", f"/chat/history?session_id={session}&limit={most}", None, tokens.access)["items"])[::-1]

    def share(self, tokens: Tokens, query_id: str) -> dict[str, Any]:
        """A link to an answer."""
        return self._post(f"/answers/{query_id}/share", {}, tokens.access)

    def open_shared(self, tokens: Tokens, share_id: str) -> dict[str, Any]:
        """The whole answer that is shared by a link, as it is for the person. Raises GatewayError 404 for what is no link's id: a page's address may hold anything,
        and none of it is a path at the gateway."""
        if not _SHARED.fullmatch(share_id):
            raise GatewayError(404, {"detail": "there is no shared answer of that id", "hint": "it may have expired, or been taken away"})
        return self._call("GET", f"/shared/{share_id}", None, tokens.access)

    def export(self, tokens: Tokens, query_id: str, ending: str) -> bytes:
        """An answer as a file."""
        response = self._send("GET", f"/query/{query_id}/export?{urlencode({'format': ending, 'bom': 'true'})}", None, tokens.access)
        if response.is_success:
            return response.content
        raise GatewayError(response.status_code, _object(response.content) or {})

    def flag(self, tokens: Tokens, query_id: str, rating: int, comment: str) -> dict[str, Any]:
        """Say something of an answer: `rating` from 1 (bad) to 5 (good)."""
        return self._post("/feedback/flag", {"query_id": query_id, "rating": rating, "comment": comment}, tokens.access)

    def training_data(self, tokens: Tokens, tag: str) -> list[dict[str, Any]]:
        """What people said of answers, the newest first. For admins."""
        return list(self._call("GET", f"/admin/training-data?{urlencode({'tag': tag, 'limit': 50})}", None, tokens.access)["items"])

    def corrections(self, tokens: Tokens, state: str) -> list[dict[str, Any]]:
        """The corrections in a state, the newest first. For admins."""
        return list(self._call("GET", f"/admin/training-data/corrections?{urlencode({'state': state})}", None, tokens.access)["items"])

    def decide(self, tokens: Tokens, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Decide of an entry or a correction, by the `path` below that of training data. For admins."""
        return self._post(f"/admin/training-data{path}", body, tokens.access)

    def models(self, tokens: Tokens) -> list[dict[str, Any]]:
        """The language models that are set or were, and whether they may draft. For admins."""
        return list(self._call("GET", "/models", None, tokens.access)["items"])

    def decide_model(self, tokens: Tokens, model_id: str, way: str, reason: str) -> dict[str, Any]:
        """Let a language model draft (`accept`), or shut it out (`reject`). For admins."""
        return self._post(f"/models/{model_id}/{way}", {"reason": reason}, tokens.access)

    def query(self, tokens: Tokens, query: dict[str, Any]) -> dict[str, Any]:
        """The whole answer to a metric query."""
        return self._post("/query", query, tokens.access)

    def metrics(self, tokens: Tokens) -> list[dict[str, Any]]:
        """The metrics that the person may know of."""
        return list(self._call("GET", "/metrics", None, tokens.access)["items"])

    def dimensions(self, tokens: Tokens) -> list[dict[str, Any]]:
        """The dimensions that the person may know of."""
        return list(self._call("GET", "/dimensions", None, tokens.access)["items"])

    def completions(self, tokens: Tokens, typed: str) -> list[dict[str, Any]]:
        """Questions that a text may become, or without one questions to start with."""
        return list(self._call("GET", f"/suggestions?{urlencode({'q': typed[:_MOST_TYPED]})}", None, tokens.access)["items"])

    def trending(self, tokens: Tokens) -> list[dict[str, Any]]:
        """Questions that several people asked lately, with their queries."""
        return list(self._call("GET", "/suggestions/trending", None, tokens.access)["items"])

    def _post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        return self._call("POST", path, body, token)

    def _call(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> dict[str, Any]:
        """One call. Raises GatewayError for every status but success, and with status 0 where the gateway can't be reached."""
        response = self._send(method, path, body, token)
        answered = _object(response.content)
        if response.is_success and answered is not None:
            return answered
        raise GatewayError(response.status_code, answered or {})

    def _send(self, method: str, path: str, body: dict[str, Any] | None, token: str) -> httpx2.Response:
        """One request. Raises GatewayError with status 0 where the gateway can't be reached."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        try:
            return self._client.request(method, path, content=_WRITE.encode(body) if body is not None else None, headers=headers)
        except httpx2.HTTPError:
            raise GatewayError(
                0, {"detail": "the gateway does not answer", "hint": "try again in a moment; an admin sees whether it runs"}
            ) from None


def _object(content: bytes) -> dict[str, Any] | None:
    """A JSON object, with every digit of its numbers; none sent is an empty one, and what is none is None."""
    if not content:
        return {}
    try:
        body = _READ.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None
