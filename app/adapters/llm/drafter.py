"""One provider as the port has it: prompt budget, month's budget, breaker, the call, the account, and the JSON in what was said."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from app.adapters.llm import problems, prompt_budget
from app.adapters.llm.accounts import Accounts, Prices, counted
from app.adapters.llm.breaker import FAULTS, Breaker
from app.adapters.llm.given_up import GivenUp, while_wanted
from app.adapters.llm.replied import document
from app.adapters.llm.vendor import Said, Speaker
from app.model.model_usage import ModelState
from app.model.prompt import Message, Reply
from app.ports import Cancel
from app.ports.language_models import LanguageModel, ModelKey, ModelUnavailable, key_of

GIVEN_UP = "given_up"
"""The outcome of a call for which nobody waited any more: no fault of the provider."""
HOLDS_SECONDS = 30.0
HANGS_SECONDS = 15.0
"""A call that was given up after so long speaks against the provider, as a fault does."""
"""For how long it is known whether a provider can be reached: whoever asks for health must not make us ask it each time."""


class Drafter:
    """Thread-safe. Nothing connects before it is used."""

    def __init__(
        self,
        speaker: Speaker,
        *,
        accounts: Accounts | None = None,
        prices: Prices = Prices(),  # noqa: B008 - frozen
        prompt_bytes: int = 100_000,
        breaker: Breaker | None = None,
        address: str = "",
    ) -> None:
        self.address = address
        self._speaker = speaker
        self._accounts = accounts
        self._prices = prices
        self._prompt_bytes = prompt_bytes
        self._breaker = breaker or Breaker()
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._tokens_in = self._tokens_out = 0
        self._cost = self._seconds = 0.0
        self._fault = ""
        self._fault_at: dt.datetime | None = None
        self._unreached, self._asked_at = "", float("-inf")

    @property
    def provider(self) -> str:
        """The vendor's name."""
        return self._speaker.provider

    @property
    def model(self) -> str:
        """The vendor's name of the model."""
        return self._speaker.model

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any], who: str = "", cancel: Cancel | None = None) -> Reply:
        """One JSON document. Raises ModelUnavailable."""
        start = time.perf_counter()
        messages = [msgspec.structs.replace(one, content=_whole(one.content)) for one in messages]
        said, asked = Said(), False
        try:
            self._before(messages, schema)
            asked = cancel is None or not cancel.cancelled
            said = self._say(messages, schema, cancel)
            if said.why:
                raise problems.no_json(self.provider, said.why)
            text = document(said.text, self.provider, anywhere=self._speaker.wordy)
        except ModelUnavailable as error:
            outcome = GIVEN_UP if isinstance(error, GivenUp) else error.problem.code
            if isinstance(error, GivenUp) and asked:  # the vendor has the prompt, and bills it
                said = Said(tokens_in=prompt_budget.tokens(messages, schema))
            self._note(who, said, time.perf_counter() - start, outcome, asked=asked)
            raise
        tokens_in, tokens_out, cost = self._note(who, said, time.perf_counter() - start, "ok", asked=True)
        ms = (time.perf_counter() - start) * 1000
        return Reply(text, self.provider, self.model, tokens_in, tokens_out, cost, ms)

    def each(self) -> Sequence[LanguageModel]:
        """Itself."""
        return [self]

    def without(self, shut: Collection[ModelKey]) -> LanguageModel | None:
        """Itself, or None."""
        return None if key_of(self) in shut else self

    def states(self, *, ask: bool = False) -> Sequence[ModelState]:
        """How it stands."""
        if ask:
            self._reach()
        with self._lock:
            return [
                ModelState(
                    self.provider, self.model, self._breaker.state, self._fault, self._fault_at, self._unreached, dict(self._outcomes),
                    self._tokens_in, self._tokens_out, self._cost, self._seconds, self.address,
                )
            ]  # fmt: skip

    def _before(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> None:
        """What speaks against asking at all. Raises ModelUnavailable; where it does not, the breaker waits to be told of the call's end."""
        prompt_budget.check(self.provider, messages, schema, self._prompt_bytes)
        if self._accounts is not None:
            self._accounts.check()
        pause = self._breaker.pause()
        if pause > 0:
            why = f"it failed {self._breaker.failed} times in a row and is asked again in {pause:.0f} seconds"
            raise problems.unreachable(self.provider, why)

    def _say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None) -> Said:
        well: bool | None = False
        begun = time.monotonic()
        try:
            said = while_wanted(lambda: self._speaker.say(messages, schema, cancel), cancel, self.provider)
            well = True
        except GivenUp:
            well = None if time.monotonic() - begun < HANGS_SECONDS else False  # who hangs for longer than anybody stays fails too
            raise
        except ModelUnavailable as error:
            well = error.problem.code not in FAULTS
            raise
        finally:
            self._breaker.ended(well=well)
        return said

    def _note(self, who: str, said: Said, seconds: float, outcome: str, *, asked: bool) -> tuple[int, int, float]:
        """Count and keep a call; what was not asked at all has cost nothing and is no call."""
        tokens_in, tokens_out = counted(said.tokens_in), counted(said.tokens_out)
        cost = self._prices.cost(tokens_in, tokens_out)
        with self._lock:
            self._outcomes[outcome] += 1
            self._tokens_in += tokens_in
            self._tokens_out += tokens_out
            self._cost += cost
            self._seconds += seconds
            if asked and outcome not in ("ok", GIVEN_UP):
                self._fault, self._fault_at = outcome, dt.datetime.now(dt.UTC)
        if self._accounts is not None and asked:
            self._accounts.add(who, self.provider, self.model, tokens_in, tokens_out, cost, failed=outcome != "ok")
        return tokens_in, tokens_out, cost

    def _reach(self) -> None:
        with self._asking:
            if time.monotonic() - self._asked_at < HOLDS_SECONDS:
                return
            unreached = self._speaker.reach()
            with self._lock:
                self._unreached, self._asked_at = unreached, time.monotonic()


def _whole(text: str) -> str:
    """Without halves of characters (lone surrogates), which a vendor would refuse the whole prompt for."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
