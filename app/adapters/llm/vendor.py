"""What a vendor's file says: how messages become its request, and how its answer is read. Neither does I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from app.adapters.llm import problems
from app.model.base import Node
from app.model.prompt import Message
from app.ports import Cancel

TOOL = "it calls a tool that was not offered"
CUT = "it ended before its answer did, at the most tokens that it may have"
FILTERED = "it refuses to answer"
ODD = "it is not in the vendor's form"


class Access(Node, frozen=True):
    """Where a vendor's model is, and how much it may say. Its key must stay out of every text: nothing here is ever printed."""

    model: str
    url: str
    key: str = ""
    max_tokens: int = 2_048

    def __repr__(self) -> str:
        """Without address and key."""
        return f"Access({self.model!r})"


class Said(Node, frozen=True):
    """What a model said: a text that should be JSON, unless `why` says why it can't be. Tokens are counted either way: they were paid for."""

    text: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    why: str = ""


class Request(Node, frozen=True):
    """A path under the vendor's URL, and the JSON that is posted there."""

    path: str
    body: dict[str, Any]


class Vendor(Protocol):
    """One vendor's wire form, for one model."""

    @property
    def provider(self) -> str:
        """What the settings call it."""

    @property
    def access(self) -> Access:
        """Where it is."""

    @property
    def probe(self) -> str:
        """A path that answers a GET without spending a token."""

    @property
    def wordy(self) -> bool:
        """Whether its JSON may stand among words and fences."""

    @property
    def looser(self) -> Vendor | None:
        """The same without structured outputs, for a server that knows none."""

    def headers(self) -> Mapping[str, str]:
        """What every request carries, the key among it."""

    def request(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Request:
        """The request for one document of that schema."""

    def read(self, body: bytes) -> Said:
        """What the answer says. Raises msgspec.DecodeError where it is not of the vendor's form."""


class Speaker(Protocol):
    """Something that answers once: a vendor over HTTP with its retries, or a script."""

    @property
    def provider(self) -> str:
        """What the settings call it."""

    @property
    def model(self) -> str:
        """The vendor's name of the model."""

    @property
    def wordy(self) -> bool:
        """Whether its JSON may stand among words and fences."""

    def say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None = None) -> Said:
        """What it says. Raises ModelUnavailable where it says nothing. Once `cancel` is cancelled nothing more is asked."""

    def reach(self) -> str:
        """Why it can't be reached, "" where it can; no token is spent."""


def read(vendor: Vendor, body: bytes) -> Said:
    """What the answer says. Raises ModelUnavailable DM8094 where it is no JSON, or not of the vendor's form."""
    try:
        return vendor.read(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError, IndexError):
        raise problems.no_json(vendor.provider, ODD) from None


def bearer(key: str) -> dict[str, str]:
    """The header of a key, none without one."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def system_of(messages: Sequence[Message]) -> str:
    """All that we ask of the model, for vendors that want it apart from the talk."""
    return "\n\n".join(one.content for one in messages if one.role == "system")


def talk_of(messages: Sequence[Message]) -> list[Message]:
    """All but that."""
    return [one for one in messages if one.role != "system"]
