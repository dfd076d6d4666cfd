"""Text of others on the page. What a person typed, what a row holds and what the gateway says is never read as markup."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_SPACES = re.compile(r"\s+")
_ENDS = (".", "!", "?", "…")


def escaped(text: str) -> str:
    """The text for widgets that always read their label as Markdown: each ASCII punctuation mark escaped (CommonMark 2.4), on one line."""
    return _PUNCTUATION.sub(r"\\\1", _SPACES.sub(" ", text).strip())


def sentence(text: str) -> str:
    """A message as a sentence: with a capital and an end."""
    stripped = text.strip()
    if not stripped:
        return ""
    return stripped[0].upper() + stripped[1:] + ("" if stripped.endswith(_ENDS) else ".")
