"""What every vendor's adapter does, over HTTP, with a server that speaks that vendor's form and fails as servers do."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.http import Bounds
from app.adapters.llm.retries import Patience, Time
from app.adapters.llm.speaker import HttpSpeaker
from app.adapters.llm.vendor import Access
from app.model.prompt import Message
from app.ports.language_models import ModelUnavailable
from app.wiring.models import VENDORS
from tests.support.vendors import FORMS, KEY, MODEL, faults
from tests.support.vendors.server import FakeVendor, Fault, serving

SCHEMA = {
    "type": "object",
    "properties": {"metrics": {"type": "array", "items": {"type": "string"}}},
    "required": ["metrics"],
    "additionalProperties": False,
}
PROMPT = [
    Message("system", "You draft queries."),
    Message("user", "revenue by month"),
    Message("assistant", "{}"),
    Message("user", "again, über"),
]
DRAFT = {"metrics": ["revenue", "café"]}
SECONDS = 0.6
CAP = 20_000


@pytest.fixture(params=sorted(FORMS))
def vendor(request: pytest.FixtureRequest) -> Iterator[FakeVendor]:
    with serving(FORMS[request.param](KEY, MODEL)) as found:
        found.says = json.dumps(DRAFT)
        yield found


class Waits:
    """Waits that take no time and are counted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def time(self) -> Time:
        return Time(sleep=self.slept.append, uniform=lambda low, high: high)


def drafter(vendor: FakeVendor, waits: Waits | None = None, *, seconds: float = 5.0, key: str = KEY, **more: Any) -> Drafter:
    name = next(name for name, form in FORMS.items() if type(vendor.form) is form)
    access = Access(MODEL, vendor.url, key)
    speaker = HttpSpeaker(VENDORS[name](access), Bounds(seconds, 1.0, CAP), patience=Patience(3), time=(waits or Waits()).time())
    return Drafter(speaker, **more)


def fault_of(vendor: FakeVendor, waits: Waits | None = None, **more: Any) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as raised:
        drafter(vendor, waits, **more).complete(PROMPT, SCHEMA, "usr_1")
    return raised.value


def test_it_drafts_in_the_vendors_form(vendor: FakeVendor) -> None:
    reply = drafter(vendor).complete(PROMPT, SCHEMA, "usr_someone")
    assert json.loads(reply.text) == DRAFT
    assert (reply.model, reply.tokens_in, reply.tokens_out) == (MODEL, 120, 30)
    assert reply.provider in FORMS
    [received] = vendor.posts
    assert vendor.form.words(received.body) == [one.content for one in PROMPT]
    assert vendor.form.schema(received.body) == SCHEMA
    assert received.headers["accept-encoding"] == "identity", "else little bytes could become many"
    assert KEY not in received.path
    assert KEY.encode() not in received.raw
    assert b"usr_someone" not in received.raw


def test_an_open_schema_is_taken_too(vendor: FakeVendor) -> None:
    assert json.loads(drafter(vendor).complete(PROMPT, {"type": "object"}).text) == DRAFT


def test_half_a_character_harms_nothing(vendor: FakeVendor) -> None:
    assert drafter(vendor).complete([Message("user", "revenue \ud83d by \x00 month \U0001f600")], SCHEMA).text
    assert vendor.form.words(vendor.posts[0].body)[-1] == "revenue \ufffd by \x00 month \U0001f600"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 529])
def test_what_may_pass_is_tried_again(vendor: FakeVendor, status: int) -> None:
    vendor.faults.extend([faults.status(status), faults.status(status)])
    waits = Waits()
    assert json.loads(drafter(vendor, waits).complete(PROMPT, SCHEMA).text) == DRAFT
    assert len(vendor.posts) == 3
    assert waits.slept == [0.5, 1.0]


def test_it_waits_as_long_as_the_server_asks(vendor: FakeVendor) -> None:
    vendor.faults.append(faults.status(429, retry_after="3"))
    waits = Waits()
    assert drafter(vendor, waits).complete(PROMPT, SCHEMA).text
    assert waits.slept == [3.0]


def test_it_does_not_wait_beyond_its_time(vendor: FakeVendor) -> None:
    vendor.faults.append(faults.status(429, retry_after="3600"))
    waits = Waits()
    assert fault_of(vendor, waits).problem.code == "DM8090"
    assert (len(vendor.posts), waits.slept) == (1, [])


def test_tries_come_to_an_end(vendor: FakeVendor) -> None:
    vendor.always = faults.status(500)
    assert fault_of(vendor).problem.code == "DM8090"
    assert len(vendor.posts) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_is_not_tried_again(vendor: FakeVendor, status: int) -> None:
    vendor.always = faults.status(status)
    assert fault_of(vendor).problem.code == "DM8091"
    once = vendor.form.__class__ is not FORMS["compatible"] or status not in (400, 404, 422)  # that one is asked for JSON in words then
    assert len(vendor.posts) == (1 if once else 2)


def test_a_wrong_key_is_refused(vendor: FakeVendor) -> None:
    said = fault_of(vendor, key="sk-wrong").problem
    assert (said.code, "key" in said.hint) == ("DM8091", True)
    assert "sk-wrong" not in f"{said}"


@pytest.mark.parametrize("fault", [faults.reset, faults.reset_within])
def test_a_reset_is_tried_again(vendor: FakeVendor, fault: Fault) -> None:
    vendor.faults.append(fault)
    assert json.loads(drafter(vendor).complete(PROMPT, SCHEMA).text) == DRAFT
    vendor.always = fault
    assert fault_of(vendor).problem.code == "DM8090"


def test_nobody_there_is_told(vendor: FakeVendor) -> None:
    vendor.url = vendor.url.replace(vendor.url.split(":")[2].split("/")[0], "1")
    waits = Waits()
    assert fault_of(vendor, waits).problem.code == "DM8090"
    assert len(waits.slept) == 2


@pytest.mark.parametrize(
    "fault", [faults.silent, faults.slow_headers, faults.endless(b" ", 0.05)], ids=["silent", "slow headers", "slow body"]
)
def test_its_time_is_that_of_the_whole_call(vendor: FakeVendor, fault: Fault) -> None:
    """No wait of these servers but the first's is longer than a twelfth of it."""
    vendor.always = fault
    start = time.monotonic()
    assert fault_of(vendor, seconds=SECONDS).problem.code == "DM8092"
    assert time.monotonic() - start < SECONDS + 1.0
    assert len(vendor.posts) == 1


@pytest.mark.parametrize("fault", [faults.endless(b"[" * 4_096, 0), faults.huge], ids=["endless", "huge"])
def test_a_long_answer_is_not_read(vendor: FakeVendor, fault: Fault) -> None:
    vendor.always = fault
    assert fault_of(vendor).problem.code == "DM8093"


def test_what_is_no_json_is_told(vendor: FakeVendor) -> None:
    whole = json.dumps(vendor.form.answer("{}", 1, 11)).encode()
    odd: list[Fault] = [
        faults.raw(b"no JSON"),
        faults.raw(b""),
        faults.raw(b"[]"),
        faults.raw(b"{}"),
        faults.raw(b"\xff\xfe{}"),
        faults.raw(b"[" * 10_000),
        faults.raw(faults.truncated(vendor)),
        faults.raw(whole, "text/html"),
        faults.raw(whole, content_encoding="gzip"),
    ]
    for at, fault in enumerate(odd):
        vendor.faults.append(fault)
        assert (at, fault_of(vendor).problem.code) == (at, "DM8094")
    assert len(vendor.posts) == len(odd)


def test_a_call_of_an_unknown_tool_is_no_answer(vendor: FakeVendor) -> None:
    """Not even where a good document stands beside it."""
    vendor.always = faults.says(lambda one: one.form.tool_call("run_sql"))
    said = fault_of(vendor).problem
    assert (said.code, "run_sql" in str(said), "a tool that was not offered" in str(said)) == ("DM8094", False, True)


def test_an_answer_that_was_cut_is_none(vendor: FakeVendor) -> None:
    vendor.always = faults.says(lambda one: one.form.cut('{"metrics": []}'))
    assert "most tokens" in fault_of(vendor).problem.message


def test_a_refusal_in_words_is_no_answer(vendor: FakeVendor) -> None:
    vendor.always = faults.says(lambda one: one.form.refusal())
    assert fault_of(vendor).problem.code == "DM8094"


def test_a_redirect_is_not_followed(vendor: FakeVendor) -> None:
    """It could carry key and prompt to another."""
    with serving(type(vendor.form)(KEY, MODEL)) as other:
        for status in (301, 302, 303, 307, 308):
            vendor.faults.append(faults.redirect(other.url, status))
            assert fault_of(vendor).problem.code == "DM8091"
        assert other.log == []


def test_a_prompt_over_its_budget_is_not_sent(vendor: FakeVendor) -> None:
    assert fault_of(vendor, prompt_bytes=50).problem.code == "DM8095"
    assert vendor.log == []


def test_whether_it_is_there_costs_no_token(vendor: FakeVendor) -> None:
    model = drafter(vendor)
    assert [one.unreached for one in model.states(ask=True)] == [""]
    assert [one.method for one in vendor.log] == ["GET"]
    model.states(ask=True)
    assert len(vendor.log) == 1
    vendor.url = "http://127.0.0.1:1"
    assert "no connection" in drafter(vendor).states(ask=True)[0].unreached


def test_the_key_is_in_no_text(vendor: FakeVendor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts = []
    for fault in (faults.status(500), faults.status(401), faults.raw(b"no JSON"), faults.reset, faults.redirect("http://127.0.0.1:1/x")):
        vendor.always = fault
        error = fault_of(vendor)
        texts += [str(error), repr(error), repr(error.__cause__)]
    model = drafter(vendor)
    texts += [repr(model), repr(model._speaker), repr(Access(MODEL, vendor.url, KEY)), *(repr(one) for one in model.states())]
    texts += [record.getMessage() for record in caplog.records]
    vendor.always = None
    assert KEY not in repr(model.complete(PROMPT, SCHEMA))
    assert [text for text in texts if KEY in text or "sk-echo" in text] == []
    assert any(KEY in value for one in vendor.posts for value in one.headers.values())


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")


@pytest.mark.usefixtures("proxies")
def test_a_proxy_of_the_environment_does_not_count(vendor: FakeVendor) -> None:
    assert drafter(vendor).complete(PROMPT, SCHEMA).text
