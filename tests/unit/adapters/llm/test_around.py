"""What stands around a vendor: waits, the breaker, the order of providers, the account and the budget, with a clock that is moved by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import structlog.testing

from app.adapters.llm import problems
from app.adapters.llm.accounts import Accounts, Budget, Prices
from app.adapters.llm.breaker import Breaker
from app.adapters.llm.drafter import Drafter
from app.adapters.llm.fallback import Fallback
from app.adapters.llm.replied import document
from app.adapters.llm.retries import Patience, Time, asked_wait
from app.adapters.llm.strict import strict_ready
from app.adapters.llm.unusable import Unusable
from app.adapters.llm.vendor import Said
from app.errors import InternalError, Problem
from app.model.model_usage import Spent, UsageLine
from app.model.prompt import Message
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable

PROMPT = [Message("user", "revenue")]
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)


class Clock:
    def __init__(self, now: dt.datetime = NOW) -> None:
        self.seconds = 0.0
        self.at = now

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return self.at


class Speaker:
    """Says what stands next in its list."""

    model = "m"
    wordy = False

    def __init__(self, *says: Said | ModelUnavailable, provider: str = "openai") -> None:
        self.provider = provider
        self.says = list(says)
        self.asked = 0

    def say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None = None) -> Said:
        self.asked += 1
        said = self.says.pop(0) if self.says else Said("{}", 1_000, 500)
        if isinstance(said, ModelUnavailable):
            raise said
        return said

    def reach(self) -> str:
        return ""


class Usage:
    """An account in memory; `down` where the store is."""

    def __init__(self, spent: Spent = Spent(), down: bool = False) -> None:  # noqa: B008 - frozen
        self.added: list[UsageLine] = []
        self.since: list[dt.date] = []
        self._spent = spent
        self._down = down

    def add(self, line: UsageLine) -> None:
        self._check()
        self.added.append(line)

    def spent(self, project_id: str, since: dt.date) -> Spent:
        self._check()
        self.since.append(since)
        return self._spent

    def lines(self, project_id: str, since: dt.date, until: dt.date, user_id: str = "") -> Sequence[UsageLine]:
        return self.added

    def _check(self) -> None:
        if self._down:
            raise InternalError(Problem("DM8011", "the store does not answer"))


def code_of(model: Any) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        model.complete(PROMPT, {}, "usr_1")
    return raised.value.problem.code


def down() -> ModelUnavailable:
    return problems.unreachable("openai", "status 500")


def test_waits_double_up_to_their_most_and_half_is_chance() -> None:
    low = Time(uniform=lambda low, _high: low)
    high = Time(uniform=lambda _low, high: high)
    patience = Patience(10, 0.5, 8.0)
    assert [patience.wait(n, None, high) for n in range(1, 7)] == [0.5, 1, 2, 4, 8, 8]
    assert [patience.wait(n, None, low) for n in range(1, 4)] == [0.25, 0.5, 1]
    assert patience.wait(1, 6.0, low) == 6.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 400, 999_999_999.0),
        ("٣", None),
    ],
)
def test_retry_after_holds_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert asked_wait(header, NOW) == seconds


def test_a_breaker_leaves_a_provider_alone_and_tries_it_once() -> None:
    clock = Clock()
    speaker = Speaker(*(down() for _ in range(4)))
    model = Drafter(speaker, breaker=Breaker(3, 30, clock=clock))
    assert [code_of(model) for _ in range(5)] == ["DM8090"] * 5
    assert speaker.asked == 3
    assert model.states()[0].breaker == "open"
    clock.seconds = 30.0
    assert model.states()[0].breaker == "half-open"
    assert code_of(model) == "DM8090"
    assert (speaker.asked, model.states()[0].breaker) == (4, "open")
    clock.seconds = 60.0
    assert model.complete(PROMPT, {}).text == "{}"
    assert model.states()[0].breaker == "closed"
    assert model.complete(PROMPT, {}).text == "{}"


def test_while_one_call_tries_others_are_not_let_through() -> None:
    clock = Clock()
    breaker = Breaker(1, 30, clock=clock)
    assert breaker.pause() == 0
    breaker.ended(well=False)
    assert breaker.pause() == 30
    clock.seconds = 31
    assert [breaker.pause() == 0 for _ in range(3)] == [True, False, False]
    breaker.ended(well=True)
    assert breaker.pause() == 0


def test_what_is_wrong_with_one_prompt_does_not_open_the_breaker() -> None:
    speaker = Speaker(*[Said("no JSON")] * 3, *(problems.refused("openai", 400) for _ in range(3)))
    model = Drafter(speaker, breaker=Breaker(2, 30, clock=Clock()))
    assert [code_of(model) for _ in range(6)] == ["DM8094"] * 3 + ["DM8091"] * 3
    assert model.complete(PROMPT, {}).text == "{}"


def test_the_first_that_has_a_draft_answers() -> None:
    first, second = Speaker(down()), Speaker(Said("[1]"), provider="ollama")
    reply = Fallback([Drafter(first), Drafter(second)]).complete(PROMPT, {})
    assert (reply.text, reply.provider) == ("[1]", "ollama")
    assert Fallback([Drafter(first), Drafter(second)]).complete(PROMPT, {}).provider == "openai"
    assert (first.asked, second.asked) == (2, 1)


def test_where_none_has_one_the_fault_of_each_is_told() -> None:
    nothing = Unusable("azure", "m", problems.unusable("azure", "it needs a key"))
    model = Fallback([nothing, Drafter(Speaker(Said("words"), provider="ollama"))])
    with pytest.raises(ModelUnavailable) as raised:
        model.complete(PROMPT, {})
    assert [problem.code for problem in raised.value.problems] == ["DM8097", "DM8094"]
    assert [(one.provider, bool(one.unreached)) for one in model.states(ask=True)] == [("azure", True), ("ollama", False)]


def test_a_spent_budget_asks_no_other_provider() -> None:
    usage, second = Usage(Spent(tokens_in=10)), Speaker()
    accounts = Accounts(usage, Clock(), "p", Budget(tokens=10))
    assert code_of(Fallback([Drafter(Speaker(), accounts=accounts), Drafter(second)])) == "DM8096"
    assert second.asked == 0


def test_every_call_is_accounted_for() -> None:
    usage = Usage()
    model = Drafter(
        Speaker(Said("{}", 1_000, 500), Said("no JSON", 20, 10), down(), Said("", -5, 10**30, "it refuses")),
        accounts=Accounts(usage, Clock(), "p"),
        prices=Prices(3.0, 15.0),
    )
    reply = model.complete(PROMPT, {}, "usr_1")
    assert (reply.tokens_in, reply.tokens_out, reply.cost) == (1_000, 500, pytest.approx(0.0105))
    assert [code_of(model) for _ in range(3)] == ["DM8094", "DM8090", "DM8094"]
    assert [(one.calls, one.failures, one.tokens_in, one.tokens_out) for one in usage.added] == [
        (1, 0, 1_000, 500),
        (1, 1, 20, 10),
        (1, 1, 0, 0),
        (1, 1, 0, 10**9),
    ]
    assert {(one.project_id, one.user_id, one.day, one.provider, one.model) for one in usage.added} == {
        ("p", "usr_1", NOW.date(), "openai", "m")
    }
    state = model.states()[0]
    assert state.outcomes == {"ok": 1, "DM8094": 2, "DM8090": 1}
    assert state.last_fault == "DM8094"


@pytest.mark.parametrize(
    ("budget", "spent", "free"),
    [
        (Budget(), Spent(cost=1e9), True),
        (Budget(dollars=10), Spent(cost=9.99), True),
        (Budget(dollars=10), Spent(cost=10.0), False),
        (Budget(tokens=100), Spent(tokens_in=60, tokens_out=39), True),
        (Budget(tokens=100), Spent(tokens_in=60, tokens_out=40), False),
        (Budget(dollars=0), Spent(), False),
    ],
)
def test_a_month_has_its_budget(budget: Budget, spent: Spent, free: bool) -> None:
    usage, speaker = Usage(spent), Speaker()
    model = Drafter(speaker, accounts=Accounts(usage, Clock(), "p", budget))
    if free:
        assert model.complete(PROMPT, {}).text == "{}"
    else:
        assert code_of(model) == "DM8096"
        assert usage.added == []
    assert speaker.asked == int(free)
    assert set(usage.since) <= {dt.date(2026, 11, 1)}


def test_a_store_that_is_away_spends_no_budget_and_takes_no_draft() -> None:
    bounded = Drafter(Speaker(), accounts=Accounts(Usage(down=True), Clock(), "p", Budget(dollars=1)))
    assert code_of(bounded) == "DM8096"
    with structlog.testing.capture_logs() as logs:
        assert Drafter(Speaker(), accounts=Accounts(Usage(down=True), Clock(), "p")).complete(PROMPT, {}, "usr_1").text == "{}"
    assert [(one["event"], one["tokens_in"]) for one in logs] == [("model_usage_not_kept", 1_000)]


@pytest.mark.parametrize(
    "said",
    [
        '{"a": [1]}',
        ' {"a": [1]}\n',
        '```json\n{"a": [1]}\n```',
        'Here it is:\n```\n{"a": [1]}\n```\nAnything else?',
        'The query is {"a": [1]}.',
        '```python\nnot this\n```\n```json\n{"a": [1]}\n```',
    ],
)
def test_json_is_cut_out_of_words(said: str) -> None:
    assert document(said, "compatible", anywhere=True).replace(" ", "") == '{"a":[1]}'


@pytest.mark.parametrize("said", ["", "no", "{", "}{", '{"a": ', "```json\n{\n```", "[" * 50_000])
def test_where_there_is_none_that_is_told(said: str) -> None:
    for anywhere in (True, False):
        with pytest.raises(ModelUnavailable) as raised:
            document(said, "compatible", anywhere=anywhere)
        assert raised.value.problem.code == "DM8094"


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, False),
        ({"type": "array", "items": {"type": "string"}}, False),
        ({"type": "object", "properties": {"a": {"oneOf": []}}, "required": ["a"], "additionalProperties": False}, False),
        (
            {
                "type": "object",
                "properties": {"a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]}},
                "required": ["a"],
                "additionalProperties": False,
                "$defs": {"b": {"type": "object", "properties": {}}},
            },
            False,
        ),
    ],
)
def test_strict_schemas_are_known(schema: dict[str, Any], strict: bool) -> None:
    assert strict_ready(schema) is strict
