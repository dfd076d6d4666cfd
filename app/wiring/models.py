"""Settings → the language models, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.adapters.llm import anthropic, google, ollama, openai, problems
from app.adapters.llm.accounts import Accounts, Budget, Prices
from app.adapters.llm.address import mark_of
from app.adapters.llm.anthropic import Anthropic
from app.adapters.llm.azure import Azure
from app.adapters.llm.compatible import Compatible
from app.adapters.llm.drafter import Drafter
from app.adapters.llm.fallback import Fallback, Watched
from app.adapters.llm.google import Google
from app.adapters.llm.http import Bounds
from app.adapters.llm.ollama import Ollama
from app.adapters.llm.openai import OpenAI
from app.adapters.llm.plain import plain_host
from app.adapters.llm.retries import Patience
from app.adapters.llm.scripted import ScriptedModel
from app.adapters.llm.speaker import HttpSpeaker
from app.adapters.llm.unusable import Unusable
from app.adapters.llm.vendor import Access, Speaker, Vendor
from app.ports import Clock
from app.ports.language_models import ModelUnavailable
from app.ports.model_usage import ModelUsage
from app.settings import NO_PROVIDER, LlmFallback, Settings

VENDORS: Mapping[str, Callable[[Access], Vendor]] = {
    "ollama": Ollama,
    "openai": OpenAI,
    "azure": Azure,
    "anthropic": Anthropic,
    "google": Google,
    "compatible": Compatible,
}
SCRIPTED = "scripted"
_URLS = {"ollama": ollama.URL, "openai": openai.URL, "anthropic": anthropic.URL, "google": google.URL}
_KEYED = {"openai", "azure", "anthropic", "google"}


@dataclass(frozen=True, slots=True)
class _Given:
    """What a fault calls the settings of one provider."""

    model: str = "DATAMIND_LLM_MODEL"
    url: str = "DATAMIND_LLM_URL"
    key: str = "DATAMIND_LLM_KEY"


def model_of(settings: Settings, usage: ModelUsage | None, clock: Clock) -> Watched | None:
    """The models as one, None where the settings name none; without `usage` nothing is accounted for. Nothing connects before it
    is used; what lacks settings is there, and says what it lacks."""
    if settings.llm_provider == NO_PROVIDER:
        return None
    budget = Budget(settings.llm_month_dollars, settings.llm_month_tokens)
    accounts = Accounts(usage, clock, settings.project_id, budget) if usage is not None else None
    models = [_drafter(settings, named, given, accounts) for named, given in _named(settings)]
    return models[0] if len(models) == 1 else Fallback(models)


def llm_secrets(settings: Settings) -> Sequence[str]:
    """The keys, and the passwords of URLs: what no log and no output may hold."""
    urls = (settings.llm_url, settings.llm_proxy, *(one.url for one in settings.llm_fallbacks))
    keys = (settings.llm_key, *(one.key for one in settings.llm_fallbacks))
    return [text for text in (*(_text(key) for key in keys), *(_password(_text(url)) for url in urls)) if text]


def _named(settings: Settings) -> list[tuple[LlmFallback, _Given]]:
    first = LlmFallback(
        provider=settings.llm_provider,
        model=settings.llm_model,
        url=settings.llm_url,
        key=settings.llm_key,
        price_in=settings.llm_price_in,
        price_out=settings.llm_price_out,
    )
    others = [
        (one, _Given(*(f"`{name}` of its entry in DATAMIND_LLM_FALLBACKS" for name in ("model", "url", "key"))))
        for one in settings.llm_fallbacks
    ]
    return [(first, _Given()), *others]


def _drafter(settings: Settings, named: LlmFallback, given: _Given, accounts: Accounts | None) -> Watched:
    address = mark_of(_text(named.url), _URLS.get(named.provider, "")) if named.provider != SCRIPTED else ""
    try:
        speaker = _speaker(settings, named, given)
    except ModelUnavailable as fault:
        return Unusable(named.provider, named.model, fault, address)
    prices = Prices(named.price_in, named.price_out)
    return Drafter(speaker, accounts=accounts, prices=prices, prompt_bytes=settings.llm_prompt_bytes, address=address)


def _speaker(settings: Settings, named: LlmFallback, given: _Given) -> Speaker:
    """Raises ModelUnavailable DM8097 for what is missing."""
    provider = named.provider
    if provider == SCRIPTED:
        if settings.llm_script is None:
            raise problems.unusable(provider, "it needs DATAMIND_LLM_SCRIPT")
        return ScriptedModel(settings.llm_script, log=settings.llm_script_log, model=named.model or "script")
    if provider not in VENDORS:
        raise problems.unusable(provider, f"there is no such provider; there are {', '.join((*VENDORS, SCRIPTED))}")
    url, key = _text(named.url) or _URLS.get(provider, ""), _text(named.key)
    wanted = {given.model: named.model, given.url: url, **({given.key: key} if provider in _KEYED else {})}
    if missing := [name for name, value in wanted.items() if not value]:
        raise problems.unusable(provider, f"it needs {' and '.join(missing)}")
    _check(provider, url, key, given)
    try:
        plain = plain_host(url, _text(settings.llm_proxy), key, settings.llm_plain_http_hosts)
    except ValueError:
        raise problems.unusable(provider, "DATAMIND_LLM_PROXY is no address") from None
    if plain:
        raise problems.over_http(provider)
    vendor = VENDORS[provider](Access(named.model, url, key, settings.llm_max_tokens))
    bounds = Bounds(
        settings.llm_seconds, settings.llm_connect_seconds, settings.llm_max_bytes, _text(settings.llm_proxy), settings.llm_ca_file
    )
    return HttpSpeaker(vendor, bounds, patience=Patience(settings.llm_tries))


def _check(provider: str, url: str, key: str, given: _Given) -> None:
    """Raises ModelUnavailable DM8097 for a URL or key that no request can carry; neither is told."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise problems.unusable(provider, f"{given.url} is no URL of http or https")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise problems.unusable(provider, f"{given.key} holds what no key does")


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret is not None else ""


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
