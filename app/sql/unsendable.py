"""Characters that no text of a statement may hold, whoever wrote it."""

from __future__ import annotations

import re

_NEVER = re.compile("[\x00\ud800-\udfff\ue000\ue001]")


def unsendable(text: str) -> int:
    """Where the first such character stands, -1 where there is none: NUL and halves of pairs, which no engine takes, and the marks of bound values."""
    found = _NEVER.search(text)
    return found.start() if found else -1
