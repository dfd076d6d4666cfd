"""Somebody who is signed in at a gateway."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from app.gateway.schemas import chat
from app.model.principal import Role
from tests.gateway.conftest import PASSWORD, Gateway


class Person:
    """A person of the region DACH, and what they send."""

    def __init__(self, shop: Gateway, role: Role = Role.ANALYST) -> None:
        self.shop = shop
        self.id, self.email = shop.person(role, attributes=(("region", "DACH"),))
        self.headers = {"Authorization": f"Bearer {shop.login(self.email, PASSWORD)['access_token']}"}

    def call(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        return self.shop.client.request(method, f"/api/v1{path}", json=body, params=params or None, headers=self.headers)

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        answer = self.call("GET", path, **params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def say(self, question: str, session: str = "", **more: Any) -> dict[str, Any]:
        body = {"question": question, **({"session_id": session} if session else {}), **more}
        answer = self.call("POST", "/chat", body)
        assert answer.status_code == 200, answer.text
        chat.ChatReply.model_validate_json(answer.text)
        return dict(json.loads(answer.text, parse_float=Decimal))

    def take(self, said: dict[str, Any], index: int) -> dict[str, Any]:
        body = {"session_id": said["session_id"], "choice": {"query_id": said["query_id"], "index": index}}
        answer = self.call("POST", "/chat", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())
