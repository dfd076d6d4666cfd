"""What is written to a terminal letter by letter: texts of others without commands in them, and colours."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal could take for a command, or for another order of the letters; data and projects come from anywhere."""


def clean(text: str) -> str:
    """A text of others without what a terminal could take for a command."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def coloured(text: str, code: str, colours: bool) -> str:
    """A text in the colour of an ANSI code, where colours are wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if colours else text
