"""A key is sent over http to nobody but this machine, unless the settings name the host."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from app.adapters.llm.drafter import Drafter
from app.adapters.llm.unusable import Unusable
from app.model.prompt import Message
from app.ports.language_models import ModelUnavailable
from app.settings import LlmFallback, Settings
from app.wiring.clock import SystemClock
from app.wiring.models import model_of

KEY = "sk-do-not-send"


def model(url: str, key: str = KEY, provider: str = "compatible", **more: Any) -> Any:
    given = {"llm_provider": provider, "llm_model": "m", "llm_url": SecretStr(url), "llm_key": SecretStr(key) if key else None, **more}
    return model_of(Settings.model_construct(**{**Settings().model_dump(), **given}), None, SystemClock())


@pytest.mark.parametrize(
    "url",
    [
        "http://models.internal/v1",
        "HTTP://models.internal:8000/v1",
        "http://10.0.0.7/v1",
        "http://127.0.0.1.nip.io/v1",
        "http://localhost.example.com/v1",
        "http://[2001:db8::1]/v1",
        "http://0.0.0.0/v1",
    ],
)
@pytest.mark.parametrize("provider", ["compatible", "openai", "azure", "anthropic", "google", "ollama"])
def test_a_key_over_http_to_another_host_is_refused(url: str, provider: str) -> None:
    made = model(url, provider=provider)
    assert isinstance(made, Unusable)
    with pytest.raises(ModelUnavailable) as raised:
        made.complete([Message("user", "x")], {})
    problem = raised.value.problem
    assert problem.code == "DM8097"
    assert "over http" in problem.message
    assert "DATAMIND_LLM_PLAIN_HTTP_HOSTS" in problem.hint
    assert KEY not in str(problem)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "http://127.9.9.9/v1", "http://localhost:1234/v1", "http://[::1]:80/v1"])
def test_this_machine_may_have_it(url: str) -> None:
    assert isinstance(model(url), Drafter)


def test_over_https_and_without_a_key_nothing_is_refused() -> None:
    assert isinstance(model("https://models.internal/v1"), Drafter)
    assert isinstance(model("http://models.internal/v1", key=""), Drafter)


def test_a_password_of_the_address_is_a_key() -> None:
    assert isinstance(model("http://me:pw@models.internal/v1", key=""), Unusable)


def test_a_proxy_reads_what_it_hands_on() -> None:
    proxied = {"llm_proxy": SecretStr("http://proxy.internal:3128")}
    assert isinstance(model("http://127.0.0.1/v1", **proxied), Unusable)
    assert isinstance(model("https://models.internal/v1", **proxied), Drafter)
    assert isinstance(model("http://127.0.0.1/v1", **proxied, llm_plain_http_hosts=("proxy.internal",)), Drafter)


def test_a_private_network_is_named_host_by_host() -> None:
    allowed = {"llm_plain_http_hosts": ("models.internal", "[2001:db8::1]")}
    assert isinstance(model("http://Models.Internal:8000/v1", **allowed), Drafter)
    assert isinstance(model("http://[2001:db8::1]/v1", **allowed), Drafter)
    assert isinstance(model("http://other.internal/v1", **allowed), Unusable)


def test_a_fallback_is_held_to_it_too() -> None:
    second = LlmFallback(provider="compatible", model="n", url=SecretStr("http://models.internal/v1"), key=SecretStr(KEY))
    states = model("http://127.0.0.1/v1", llm_fallbacks=(second,)).states()
    assert [state.last_fault for state in states] == ["", "DM8097"]


def test_a_proxy_that_is_no_address_stops_no_start() -> None:
    made = model("http://127.0.0.1:8000/v1", llm_proxy=SecretStr("http://u:p[x@proxy:3128"))
    assert isinstance(made, Unusable)
    with pytest.raises(ModelUnavailable) as raised:
        made.complete([Message("user", "x")], {})
    assert (raised.value.problem.code, "DATAMIND_LLM_PROXY" in raised.value.problem.message) == ("DM8097", True)
    assert "p[x" not in str(raised.value.problem)
