"""A signed-in person's visit: who it is, the tokens, and the calls made with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.ui.client import Gateway, GatewayError, Tokens

T = TypeVar("T")
UNAUTHORIZED = 401


class SignInEnded(Exception):
    """The tokens are no good any more: the person has to sign in again."""


@dataclass(slots=True)
class Visit:
    """Lives in the page's session on the server; the browser never gets a token.

    It is changed in place on purpose: Streamlit may stop a run at any use of its session state, and a refresh token that was used up
    without its successor being kept would end the sign-in.
    """

    gateway: Gateway
    tokens: Tokens
    me: dict[str, Any]
    metrics: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    layer: str | None = None

    @classmethod
    def begin(cls, gateway: Gateway, email: str, password: str) -> Visit:
        """Sign in. Raises GatewayError, 401 for a wrong address or password."""
        tokens = gateway.login(email, password)
        return cls(gateway, tokens, gateway.me(tokens))

    def call(self, what: Callable[[Tokens], T]) -> T:
        """Do it with the tokens; where the access token has run out, once more with new ones. Raises GatewayError, SignInEnded."""
        try:
            return what(self.tokens)
        except GatewayError as error:
            if error.status != UNAUTHORIZED:
                raise
        try:
            self.tokens = self.gateway.refresh(self.tokens)
            return what(self.tokens)
        except GatewayError as error:
            if error.status == UNAUTHORIZED:
                raise SignInEnded from None
            raise

    def ask(self, question: str) -> dict[str, Any]:
        """The answer to a question."""
        return self.call(lambda tokens: self.gateway.ask(tokens, question))

    def choose(self, query: dict[str, Any]) -> dict[str, Any]:
        """The answer to the query of a choice, which goes back as it came."""
        return self.call(lambda tokens: self.gateway.query(tokens, {"semantic_query": query}))

    def learn(self, layer: str) -> None:
        """Read what metrics there are and what dimensions are called, once for each layer that the gateway serves."""
        if self.layer != layer:
            self.metrics = self.call(self.gateway.metrics)
            self.labels = {item["name"]: item["label"] for item in self.call(self.gateway.dimensions) if item["label"]}
            self.layer = layer

    def end(self) -> bool:
        """Give the refresh token back; whether the gateway took it."""
        try:
            self.gateway.logout(self.tokens)
        except GatewayError:
            return False
        return True
