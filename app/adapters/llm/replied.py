"""The JSON document in what a model said: alone, or between fences and words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from app.adapters.llm import problems

_FENCED = re.compile(r"```[\w-]*[ \t]*\r?\n(.*?)```", re.DOTALL)


def document(said: str, provider: str, *, anywhere: bool = False) -> str:
    """The text of the document. With `anywhere` it may stand between fences, or from the first bracket to the last: models that are only asked for JSON put
    words around it. Raises ModelUnavailable DM8094 where there is none, or none that is whole."""
    for text in _candidates(said) if anywhere else (said,):
        try:
            msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            continue
        return text.strip()
    raise problems.no_json(provider, "it says nothing" if not said.strip() else "what it says can't be read as JSON")


def _candidates(said: str) -> Iterator[str]:
    yield said
    for found in _FENCED.finditer(said):
        yield found[1]
    starts = [at for at in (said.find("{"), said.find("[")) if at >= 0]
    end = max(said.rfind("}"), said.rfind("]"))
    if starts and end > min(starts):
        yield said[min(starts) : end + 1]
