"""What a database says, without the values that it quotes: these may be of rows and columns that policy hides."""

from __future__ import annotations

import re2

from app.redaction.redact import redact

_QUOTED = re2.compile(r"""['"`].*""")
"""From the first quote on: PostgreSQL escapes no quotes in values that it repeats, so where one ends can't be told."""
_BRACKETED = re2.compile(r"\([^()]*\)")
_DIGITS = re2.compile(r"\d+")
_LONGEST = 500


def without_values(text: str) -> str:
    """The first line, all from the first quote on and all digits blanked: no value comes through, and what kind of fault it is can still be read.

    PostgreSQL's DETAIL and CONTEXT and ClickHouse's stack, which quote rows without marks, stand on later lines.
    """
    line = text.strip().partition("\n")[0][:_LONGEST]
    plain: str = _QUOTED.sub("***", redact(line))
    return str(_DIGITS.sub("#", _BRACKETED.sub("(***)", plain)))
