"""Texts as models can read them."""

from __future__ import annotations


def clean(text: str) -> str:
    """The text as models can read it: without NUL and lone surrogates."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")
