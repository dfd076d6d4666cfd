"""What calls cost: prices, the month's budget, and the account in the store."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import structlog

from app.adapters.llm import problems
from app.errors import DataMindError
from app.model.model_usage import UsageLine
from app.ports import Clock
from app.ports.model_usage import ModelUsage

_MOST_TOKENS = 10**9
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """In US dollars."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What a project may use in a calendar month (UTC); None is without bound."""

    dollars: float | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account of one project. Calls that run at the same time may pass a budget together: it is looked at before each, and what they use is known after."""

    usage: ModelUsage
    clock: Clock
    project_id: str
    budget: Budget = Budget()

    def check(self) -> None:
        """Raises ModelUnavailable DM8096 where the month's budget is spent, or what was spent can't be read: a bound that is not known is none."""
        if self.budget.dollars is None and self.budget.tokens is None:
            return
        try:
            spent = self.usage.spent(self.project_id, self._today().replace(day=1))
        except DataMindError:
            raise problems.over_budget("what has been spent can't be read") from None
        if self.budget.dollars is not None and spent.cost >= self.budget.dollars:
            raise problems.over_budget(f"{spent.cost:.2f} of {self.budget.dollars:g} dollars")
        if self.budget.tokens is not None and spent.tokens >= self.budget.tokens:
            raise problems.over_budget(f"{spent.tokens} of {self.budget.tokens} tokens")

    def add(self, who: str, provider: str, model: str, tokens_in: int, tokens_out: int, cost: float, *, failed: bool) -> None:
        """Note a call. What can't be kept is logged: the draft is there already, and paid for."""
        line = UsageLine(self.project_id, self._today(), who, provider, model, 1, int(failed), tokens_in, tokens_out, cost)
        try:
            self.usage.add(line)
        except DataMindError as error:
            _log.warning(
                "model_usage_not_kept", code=error.problem.code, provider=provider, tokens_in=tokens_in, tokens_out=tokens_out, cost=cost
            )

    def _today(self) -> dt.date:
        return self.clock.now().astimezone(dt.UTC).date()


def counted(tokens: int) -> int:
    """A vendor's count as it can be kept: it is a stranger's number."""
    return min(max(tokens, 0), _MOST_TOKENS)
