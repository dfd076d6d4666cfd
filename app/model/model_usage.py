"""What language models used: tokens and cost, by person and day, and what they have done since the process began."""

from __future__ import annotations

import datetime as dt

from app.model.base import Node


class Spent(Node, frozen=True):
    """Calls, those that ended without a draft, tokens by the vendors' count, and US dollars by the prices that the settings held then."""

    calls: int = 0
    failures: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        """Of both ways."""
        return self.tokens_in + self.tokens_out


class UsageLine(Node, frozen=True):
    """What one person used of one model on one day (UTC)."""

    project_id: str
    day: dt.date
    user_id: str
    provider: str
    model: str
    calls: int = 0
    failures: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


class ModelState(Node, frozen=True):
    """How one provider stands: its breaker (`closed`, `open`, `half-open`), its last fault as a Problem's code with the time, why it can't be reached ("" where it
    can), and what this process had of it: calls by outcome (`ok` or a code), tokens, cost, and the seconds of all calls. `address` is the mark of
    where it is."""

    provider: str
    model: str
    breaker: str = "closed"
    last_fault: str = ""
    last_fault_at: dt.datetime | None = None
    unreached: str = ""
    outcomes: dict[str, int] = {}  # noqa: RUF012 - msgspec copies it
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    address: str = ""
