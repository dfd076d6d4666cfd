"""A signed-in person's visit: who it is, the tokens, and the calls made with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from app.ui.client import Gateway, GatewayError, Tokens

T = TypeVar("T")
UNAUTHORIZED = 401
FORGOTTEN = "DM6060"
ASKING = ("analyst", "admin")
MOST_CONVERSATIONS, MOST_TURNS = 20, 50
"""How many earlier conversations, and questions of one, the page shows."""


class SignInEnded(Exception):
    """The tokens are no good any more: the person has to sign in again."""


@dataclass(slots=True)
class Visit:
    """Lives in the page's session on the server; the browser never gets a token. `session` is the conversation that questions go on in, "" before the first;
    `turns` are its questions so far.

    It is changed in place on purpose: Streamlit may stop a run at any use of its session state, and a refresh token that was used up
    without its successor being kept would end the sign-in.
    """

    gateway: Gateway
    tokens: Tokens
    me: dict[str, Any]
    metrics: list[dict[str, Any]] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    layer: str | None = None
    session: str = ""
    turns: list[dict[str, Any]] = field(default_factory=list)
    conversations: list[dict[str, Any]] | None = None

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

    def ask(self, question: str, *, anew: bool = False) -> dict[str, Any]:
        """The answer to a question, which may go on from what was asked before in the conversation."""
        return self._said({"question": question, **({"anew": True} if anew else {})})

    def take(self, query_id: str, index: int) -> dict[str, Any]:
        """The answer to an option of a question back."""
        return self._said({"choice": {"query_id": query_id, "index": index}})

    def put(self, query: dict[str, Any]) -> dict[str, Any]:
        """The answer to a query, which goes back as it came."""
        return self._said({"semantic_query": query})

    def reopen(self, session: str) -> dict[str, Any] | None:
        """Go on with an earlier conversation: the answer to its last answered question, asked again as of now; None where it has none."""
        self.begin_anew()
        turns = self.call(lambda tokens: self.gateway.history(tokens, session, MOST_TURNS))
        self.session, self.turns = session, turns
        last = next((turn for turn in reversed(turns) if turn["query"]), None)
        query = last["query"] if last else None
        return self.call(lambda tokens: self.gateway.query(tokens, {"semantic_query": query})) if query else None

    def begin_anew(self) -> None:
        """What is asked next goes on from nothing."""
        self.session, self.turns = "", []

    def look_back(self) -> None:
        """Read which conversations there are, where that may have changed since."""
        if self.conversations is None and self.me["role"] in ASKING:
            self.conversations = self.call(lambda tokens: self.gateway.conversations(tokens, MOST_CONVERSATIONS))

    def share(self, query_id: str) -> dict[str, Any]:
        """A link to an answer."""
        return self.call(lambda tokens: self.gateway.share(tokens, query_id))

    def export(self, query_id: str, ending: str) -> bytes:
        """An answer as a file of that format."""
        return self.call(lambda tokens: self.gateway.export(tokens, query_id, ending))

    def open_shared(self, share_id: str) -> dict[str, Any]:
        """The answer that is shared by a link."""
        return self.call(lambda tokens: self.gateway.open_shared(tokens, share_id))

    def _said(self, body: dict[str, Any]) -> dict[str, Any]:
        """Say it in the conversation. One that was forgotten meanwhile is left, so that the next question begins another."""
        of_session = {"session_id": self.session} if self.session else {}
        self.conversations = None
        try:
            answer = self.call(lambda tokens: self.gateway.chat(tokens, {**body, **of_session}))
        except GatewayError as error:
            if error.code == FORGOTTEN:
                self.begin_anew()
            raise
        if answer.get("session_id"):
            self.session = answer["session_id"]
            self.turns = [*self.turns, {"question": answer["question"], "restated": answer["restated"], "outcome": answer["outcome"]}]
        return answer

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
