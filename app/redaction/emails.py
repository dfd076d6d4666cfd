"""E-mail addresses, as they stand in text and as URLs write them (`%40`)."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from app.redaction.found import Found, PiiClass

_ADDRESS = re2.compile(r"[\pL\pN._%+~!#$*^-]+(?:@|%40)(?:[\pL\pN_-]+\.)+\pL[\pL\pN-]+")


def emails(text: str) -> Iterator[Found]:
    """Addresses with a domain of at least two labels, of which the last begins with a letter."""
    if "@" in text or "%40" in text:
        yield from (Found(match.start(), match.end(), PiiClass.EMAIL) for match in _ADDRESS.finditer(text))
