"""Language models behind the gateway: how they stand, what they used, and that no door tells a key."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.gateway.schemas.models import UsagePage
from app.model.ids import new_id
from app.model.prompt import Message
from app.ports.language_models import ModelUnavailable
from app.service import model_check
from app.service.audit import Caller
from app.service.users import operator
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.gateway.conftest import Gateway, problem, serving
from tests.support.store import StoreCluster
from tests.support.vendors import FORMS, KEY, MODEL, faults
from tests.support.vendors import server as vendors
from tests.support.vendors.server import FakeVendor

PATH = "/api/v1/models/usage"
PROMPT = [Message("user", "revenue")]


@pytest.fixture(scope="module")
def vendor() -> Iterator[FakeVendor]:
    with vendors.serving(FORMS["anthropic"](KEY, MODEL)) as found:
        yield found


class Opened:
    """Gateways with language models, each over a store of its own."""

    def __init__(self, stack: ExitStack, cluster: StoreCluster, settings: Settings) -> None:
        self._stack, self._cluster, self._settings = stack, cluster, settings

    def __call__(self, **more: object) -> Gateway:
        settings = Settings.model_validate({**self._settings.model_dump(), **more})
        servers = Servers(store=self._cluster.migrated(), redis=self._cluster.redis)
        return self._stack.enter_context(serving(self._stack.enter_context(opened(settings, servers))))


@pytest.fixture(scope="module")
def opening(store_cluster: StoreCluster, settings: Settings) -> Iterator[Opened]:
    with ExitStack() as stack:
        yield Opened(stack, store_cluster, settings)


def one_of(vendor: FakeVendor, **more: object) -> dict[str, object]:
    given = {"llm_provider": "anthropic", "llm_model": MODEL, "llm_url": vendor.url, "llm_key": KEY, "llm_tries": 1}
    return {**given, "llm_price_in": 3, "llm_price_out": 15, **more}


@pytest.fixture(scope="module")
def gateway(opening: Opened, vendor: FakeVendor) -> Gateway:
    return opening(**one_of(vendor))


def llm(gateway: Gateway) -> tuple[str, str, str]:
    """Mode, status and detail."""
    report = gateway.client.get("/api/v1/health").json()
    return report["operational_mode"], report["components"]["llm"]["status"], report["components"]["llm"]["detail"]


def test_admins_see_what_was_used_and_by_whom(gateway: Gateway, vendor: FakeVendor) -> None:
    assert gateway.deps.model is not None
    person, other = gateway.person()[0], gateway.person()[0]
    for _ in range(2):
        gateway.deps.model.complete(PROMPT, {"type": "object"}, person)
    vendor.faults.append(faults.status(400))
    with pytest.raises(ModelUnavailable):
        gateway.deps.model.complete(PROMPT, {"type": "object"}, other)
    found = UsagePage.model_validate_json(gateway.client.get(PATH, headers=gateway.bearer("admin")).text)
    mine = next(one for one in found.items if one.user_id == person)
    assert (mine.provider, mine.model, mine.calls, mine.failures, mine.tokens_in, mine.tokens_out) == ("anthropic", MODEL, 2, 0, 240, 60)
    assert mine.cost == pytest.approx(2 * (120 * 3 + 30 * 15) / 1e6)
    theirs = next(one for one in found.items if one.user_id == other)
    assert (theirs.calls, theirs.failures, theirs.cost) == (1, 1, 0)
    first = gateway.client.get(PATH, params={"limit": 1}, headers=gateway.bearer("admin")).json()
    rest = gateway.client.get(PATH, params={"cursor": first["next_cursor"]}, headers=gateway.bearer("admin")).json()
    assert len(first["items"]) + len(rest["items"]) == len(found.items)
    data = gateway.client.get(f"/api/v1/users/{person}/data", headers=gateway.bearer("admin")).json()
    assert [(one["user_id"], one["calls"]) for one in data["model_usage"]] == [(person, 2)]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"since": "2026-01-02", "until": "2026-01-01"}, 422, "DM7031"),
        ({"since": "2020-01-01", "until": "2026-01-01"}, 422, "DM7031"),
        ({"since": "yesterday"}, 422, "DM7031"),
        ({"cursor": "x"}, 400, "DM7036"),
    ],
)
def test_what_can_not_be_asked_is_refused(gateway: Gateway, params: dict[str, str], status: int, code: str) -> None:
    problem(gateway.client.get(PATH, params=params, headers=gateway.bearer("admin")), status, code)


@pytest.mark.parametrize("until", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_time_are_days_too(gateway: Gateway, until: str) -> None:
    assert gateway.client.get(PATH, params={"until": until, "since": until}, headers=gateway.bearer("admin")).json()["items"] == []
    assert gateway.client.get(PATH, params={"until": until}, headers=gateway.bearer("admin")).status_code in (200, 422)


def test_it_is_for_admins(gateway: Gateway) -> None:
    problem(gateway.client.get(PATH), 401, "DM7002")
    problem(gateway.client.get(PATH, headers=gateway.bearer("analyst")), 403, "DM7011")


def test_health_asks_without_a_token(gateway: Gateway, vendor: FakeVendor) -> None:
    posts, asked = len(vendor.posts), len(vendor.log)
    mode, status, detail = llm(gateway)
    assert status == "up", detail
    assert detail.startswith(f"anthropic {MODEL}: can be reached")
    assert mode != "LIMITED_AI"
    for _ in range(3):
        llm(gateway)
    assert len(vendor.posts) == posts
    assert len(vendor.log) - asked <= 1


def test_a_model_that_is_away_limits_the_mode_and_a_second_one_mends_it(opening: Opened, vendor: FakeVendor) -> None:
    report = opening(**one_of(vendor, llm_url="http://127.0.0.1:1")).client.get("/api/v1/health").json()
    assert (report["components"]["llm"]["status"], "no connection" in report["components"]["llm"]["detail"]) == ("down", True)
    second = {"provider": "anthropic", "model": MODEL, "url": vendor.url, "key": KEY}
    both = opening(**one_of(vendor, llm_url="http://127.0.0.1:1", llm_fallbacks=[second]))
    assert llm(both)[1] == "degraded"
    assert both.deps.model is not None
    assert both.deps.model.complete(PROMPT, {"type": "object"}).provider == "anthropic"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"llm_provider": "openai"}, "DATAMIND_LLM_MODEL and DATAMIND_LLM_KEY"),
        ({"llm_provider": "azure", "llm_model": "m", "llm_key": KEY}, "DATAMIND_LLM_URL"),
        ({"llm_provider": "gpt"}, "there is no such provider"),
        ({"llm_provider": "scripted"}, "DATAMIND_LLM_SCRIPT"),
        ({"llm_provider": "ollama", "llm_model": "m", "llm_url": f"ftp://{KEY}@x"}, "no URL of http or https"),
        ({"llm_provider": "openai", "llm_model": "m", "llm_key": f"{KEY}\r\nX: y"}, "what no key does"),
        ({"llm_provider": "ollama", "llm_model": "m", "llm_ca_file": "/none"}, "DATAMIND_LLM_CA_FILE"),
    ],
)
def test_settings_that_are_not_enough_are_told_and_end_nothing(opening: Opened, given: dict[str, object], words: str) -> None:
    found = opening(**given)
    _, status, detail = llm(found)
    assert (status, words in detail, KEY in detail) == ("down", True, False), detail
    assert found.deps.model is not None
    with pytest.raises(ModelUnavailable) as raised:
        found.deps.model.complete(PROMPT, {})
    assert raised.value.problem.code == "DM8097"


def test_a_budget_holds_over_processes(opening: Opened, vendor: FakeVendor) -> None:
    """It is looked up in the store: one gateway spends, another is refused."""
    first = opening(**one_of(vendor, llm_month_tokens=200))
    assert first.deps.model is not None
    for _ in range(2):
        first.deps.model.complete(PROMPT, {"type": "object"})
    posts = len(vendor.posts)
    with pytest.raises(ModelUnavailable) as raised:
        first.deps.model.complete(PROMPT, {"type": "object"})
    assert (raised.value.problem.code, "300 of 200 tokens" in raised.value.problem.message) == ("DM8096", True)
    assert len(vendor.posts) == posts


def test_prometheus_counts_calls_tokens_and_cost(opening: Opened, vendor: FakeVendor) -> None:
    gateway = opening(**one_of(vendor))
    assert gateway.deps.model is not None
    for _ in range(2):
        gateway.deps.model.complete(PROMPT, {"type": "object"}, "usr_1")
    text = gateway.client.get("/metrics").text
    assert f'datamind_model_calls_total{{model="{MODEL}",outcome="ok",provider="anthropic"}} 2.0' in text
    assert f'datamind_model_tokens_total{{direction="in",model="{MODEL}",provider="anthropic"}} 240.0' in text
    assert f'datamind_model_breaker_open{{model="{MODEL}",provider="anthropic"}} 0.0' in text
    assert "usr_" not in text


def test_no_door_tells_the_key(gateway: Gateway) -> None:
    admin = gateway.bearer("admin")
    texts = [gateway.client.get(path, headers=admin).text for path in ("/metrics", "/api/v1/health", PATH, "/api/v1/security/audit-log")]
    assert [text for text in texts if KEY in text] == []
    assert KEY not in repr(gateway.deps.model)


def test_each_model_is_asked_one_tiny_thing(opening: Opened, vendor: FakeVendor) -> None:
    vendor.says = json.dumps({"ready": True})
    found = opening(**one_of(vendor, llm_fallbacks=[{"provider": "openai", "model": "m"}]))
    caller = Caller(operator().principal, "cli", new_id("cor"))
    first, second = model_check.check(found.deps.models, caller)
    assert (first.state, first.tokens_in, second.state, second.code) == ("ok", 120, "wrong", "DM8097")
    vendor.says = "{}"
    assert model_check.check(found.deps.models, caller)[0].state == "odd"
    today = dt.datetime.now(dt.UTC).date()
    assert [one.calls for one in found.deps.models.usage.lines(found.deps.project_id, today, today)] == [2]  # type: ignore[union-attr]
