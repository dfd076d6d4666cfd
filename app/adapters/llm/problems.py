"""What can go wrong with a language model (DM8090 to DM8097), told by provider and fault: never a word that was sent or came back, an address or a key."""

from __future__ import annotations

from app.errors import Problem
from app.ports.language_models import ModelUnavailable


def unreachable(provider: str, why: str) -> ModelUnavailable:
    """DM8090: it could not be reached, or failed."""
    return ModelUnavailable(
        Problem(
            "DM8090",
            f"the language model ({provider}) does not answer: {why}",
            hint="it may again in a while; `datamind models check` asks it",
        )
    )


def refused(provider: str, status: int) -> ModelUnavailable:
    """DM8091: it is there and does not take what we send."""
    hint = "are key and model right?" if status in (401, 403, 404) else "does that model take a JSON Schema and a prompt of this length?"
    return ModelUnavailable(Problem("DM8091", f"the language model ({provider}) refuses what it is asked: status {status}", hint=hint))


def too_slow(provider: str, seconds: float) -> ModelUnavailable:
    """DM8092: it had not answered in time."""
    return ModelUnavailable(
        Problem(
            "DM8092",
            f"the language model ({provider}) had not answered within {seconds:g} seconds",
            hint="DATAMIND_LLM_SECONDS is how long it may take",
        )
    )


def too_long(provider: str, most: int) -> ModelUnavailable:
    """DM8093: it says more than it may."""
    return ModelUnavailable(
        Problem(
            "DM8093",
            f"the language model ({provider}) answers with more than {most} bytes",
            hint="DATAMIND_LLM_MAX_BYTES is how much is read; no draft needs as much",
        )
    )


def no_json(provider: str, why: str) -> ModelUnavailable:
    """DM8094: what it says is no JSON document."""
    return ModelUnavailable(
        Problem(
            "DM8094",
            f"the language model ({provider}) answers no JSON document: {why}",
            hint="a model that keeps to a JSON Schema is wanted",
        )
    )


def prompt_too_long(provider: str, size: int, most: int) -> ModelUnavailable:
    """DM8095: what was to be sent is more than may be."""
    return ModelUnavailable(
        Problem(
            "DM8095",
            f"the prompt for the language model ({provider}) has {size} bytes, {most} may be sent",
            hint="DATAMIND_LLM_PROMPT_BYTES is how much may be sent",
        )
    )


def over_budget(what: str) -> ModelUnavailable:
    """DM8096: the project has spent what it may in a month."""
    return ModelUnavailable(
        Problem(
            "DM8096",
            f"the project's budget for language models is spent: {what} this month",
            hint="DATAMIND_LLM_MONTH_DOLLARS and DATAMIND_LLM_MONTH_TOKENS are what a month may cost",
        )
    )


def unusable(provider: str, why: str, hint: str = "docs/models.md says what each provider needs") -> ModelUnavailable:
    """DM8097: the settings are not enough to ask it, or forbid it."""
    return ModelUnavailable(Problem("DM8097", f"the language model ({provider}) can't be asked: {why}", hint=hint))


def over_http(provider: str) -> ModelUnavailable:
    """DM8097: its key would be read by whoever is on the way."""
    return unusable(
        provider,
        "its key would go over http to another machine",
        "give an address of https; for a host of your own private network, name it in DATAMIND_LLM_PLAIN_HTTP_HOSTS",
    )
