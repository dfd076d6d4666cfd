"""A call for which nobody waits any more: it ends within a second, whatever it hangs on, and nothing else is begun."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from app.adapters.llm.breaker import Breaker
from app.adapters.llm.compatible import Compatible
from app.adapters.llm.drafter import Drafter
from app.adapters.llm.fallback import Fallback
from app.adapters.llm.given_up import GivenUp
from app.adapters.llm.http import Bounds
from app.adapters.llm.retries import Patience
from app.adapters.llm.speaker import HttpSpeaker
from app.adapters.llm.vendor import Access, Said
from app.model.prompt import Message
from app.ports import Cancel
from app.ports.language_models import ModelUnavailable
from tests.support.vendors import FORMS, KEY, MODEL, faults
from tests.support.vendors.server import FakeVendor, serving

PROMPT = [Message("user", "revenue")]
SOON = 1.0


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with serving(FORMS["compatible"](KEY, MODEL)) as found:
        yield found


def model_at(url: str, **more: Any) -> Drafter:
    return Drafter(HttpSpeaker(Compatible(Access(MODEL, url, KEY)), Bounds(60.0, 30.0), patience=Patience(5, 0.05)), **more)


def cancelled_after(seconds: float, model: Any) -> float:
    """How long the call went on after it was cancelled."""
    cancel, at = Cancel(), [0.0]

    def stop() -> None:
        at[0] = time.monotonic()
        cancel.cancel()

    timer = threading.Timer(seconds, stop)
    timer.start()
    with pytest.raises(ModelUnavailable) as raised:
        model.complete(PROMPT, {}, "usr_1", cancel)
    assert "nobody waits for it" in raised.value.problem.message
    return time.monotonic() - at[0]


@pytest.mark.parametrize("fault", [faults.silent, faults.slow_headers, faults.endless(b" ", 0.05)])
def test_a_server_that_hangs_is_left_behind(vendor: FakeVendor, fault: Any) -> None:
    vendor.always = fault
    before = {thread for thread in threading.enumerate() if thread.name == "language-model"}
    second = model_at(vendor.url)
    assert cancelled_after(0.3, Fallback([model_at(vendor.url), second])) < SOON
    time.sleep(0.4)
    assert len(vendor.posts) == 1, "no further try, and no other provider"
    assert second.states()[0].outcomes == {}
    left = {thread for thread in threading.enumerate() if thread.name == "language-model"} - before
    assert not left, "its connection was closed, so that its thread has ended"


def test_a_wait_between_two_tries_is_left_behind(vendor: FakeVendor) -> None:
    vendor.always = faults.status(503, **{"Retry-After": "3"})
    assert cancelled_after(0.3, model_at(vendor.url)) < SOON
    time.sleep(3.2)
    assert len(vendor.posts) == 1


def test_a_name_that_is_looked_up_for_ever_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hangs(*_given: Any, **_more: Any) -> Any:
        release.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    assert cancelled_after(0.2, model_at("http://nowhere.example/v1")) < SOON
    release.set()


def test_what_was_cancelled_before_is_not_begun(vendor: FakeVendor) -> None:
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(GivenUp):
        model_at(vendor.url).complete(PROMPT, {}, "usr_1", cancel)
    assert vendor.posts == []
    unasked = model_at(vendor.url)
    with pytest.raises(GivenUp):
        unasked.complete(PROMPT, {}, "usr_1", cancel)
    assert unasked.states()[0].tokens_in == 0


def test_it_is_no_fault_of_the_provider(vendor: FakeVendor) -> None:
    vendor.always = faults.silent
    model = model_at(vendor.url, breaker=Breaker(1, 30))
    assert cancelled_after(0.2, model) < SOON
    state = model.states()[0]
    assert (state.breaker, state.last_fault, state.outcomes) == ("closed", "", {"given_up": 1})
    vendor.always = None
    assert model.complete(PROMPT, {}, "usr_1", Cancel()).text


def test_what_the_vendor_has_is_paid_for_and_what_hangs_long_is_a_fault(vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.adapters.llm.drafter.HANGS_SECONDS", 0.1)
    vendor.always = faults.silent
    model = model_at(vendor.url, breaker=Breaker(1, 30))
    assert cancelled_after(0.3, model) < SOON
    state = model.states()[0]
    assert (state.breaker, state.tokens_out) == ("open", 0)
    assert state.tokens_in >= len(PROMPT[0].content) // 4


def test_an_answer_that_came_stands_and_a_fault_is_raised(vendor: FakeVendor) -> None:
    cancel = Cancel()
    assert model_at(vendor.url).complete(PROMPT, {}, "", cancel).text
    cancel.cancel()

    class Odd:
        provider, model, wordy = "odd", "m", False

        def say(self, messages: Sequence[Message], schema: Mapping[str, Any], cancel: Cancel | None = None) -> Said:
            raise ZeroDivisionError

        def reach(self) -> str:
            return ""

    with pytest.raises(ZeroDivisionError):
        Drafter(Odd()).complete(PROMPT, {}, "", Cancel())
