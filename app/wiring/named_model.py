"""One language model by its provider's name, to be compared with others."""

from __future__ import annotations

from app.errors import Problem, UserError, did_you_mean
from app.ports import Clock
from app.ports.language_models import LanguageModel
from app.ports.model_usage import ModelUsage
from app.settings import NO_PROVIDER, LlmFallback, Settings
from app.wiring.models import SCRIPTED, VENDORS, model_of


def named_model(settings: Settings, name: str, usage: ModelUsage, clock: Clock) -> LanguageModel:
    """The model of `PROVIDER` or `PROVIDER:MODEL`, with the settings of the first that they name so, and no fallback: each is measured alone.

    Raises UserError DM1036 for a provider that there is not, or that the settings say nothing of. What it lacks otherwise is told by its answers.
    """
    provider, _, model = name.partition(":")
    known = [*VENDORS, SCRIPTED]
    if provider not in known:
        raise UserError(
            Problem("DM1036", f"there is no provider `{provider}`", hint=did_you_mean(provider, known) or f"one of {', '.join(known)}")
        )
    same = [one for one in _set(settings, provider) if one.provider == provider]
    found = next((one for one in same if model in ("", one.model)), None) or next(iter(same), LlmFallback(provider=provider))
    alone = {
        "llm_provider": provider, "llm_model": model or found.model, "llm_url": found.url, "llm_key": found.key,
        "llm_price_in": found.price_in, "llm_price_out": found.price_out, "llm_fallbacks": (),
    }  # fmt: skip
    made = model_of(settings.model_copy(update=alone), usage, clock)
    if made is None:
        raise UserError(Problem("DM1036", f"there is no provider `{provider}`", hint=f"one of {', '.join(known)}"))
    return made


def _set(settings: Settings, asked: str) -> list[LlmFallback]:
    """The models that the settings name, in order. Where they name no provider, what they hold is for the one that is asked for."""
    named = settings.llm_provider
    first = LlmFallback(
        provider=asked if named == NO_PROVIDER else named, model=settings.llm_model, url=settings.llm_url, key=settings.llm_key,
        price_in=settings.llm_price_in, price_out=settings.llm_price_out,
    )  # fmt: skip
    return [first, *settings.llm_fallbacks]
