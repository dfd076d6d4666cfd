"""Regular expressions that mean the same to both engines: what a redaction may look for.

PostgreSQL's and ClickHouse's (RE2's) expressions differ in words that one of them reads otherwise without a complaint (`\\b` is a boundary of words to RE2 and a
backspace to PostgreSQL), so that a value would be hidden on one engine and shown on the other. What both read alike is allowed, by PostgreSQL's manual
(9.7.3) and RE2's list of its syntax.
"""

from __future__ import annotations

import re

_SIGN = r"\\[!-/:-@\[-^`{-~]"
_CLASS = rf"\[\^?\]?(?:\\[dws]|{_SIGN}|\[:(?:alnum|alpha|digit|lower|punct|space|upper|xdigit):\]|[^\]\\\[])*\]"
_REPEAT = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})(?![*+?{])"
_PART = re.compile(rf"\\[dDwWsS]|{_SIGN}|{_CLASS}|\((?:\?:)?(?!\?)|\)|[|^$.]|{_REPEAT}|[^\\\[\](){{}}*+?|^$.]")
_MOST_REPEATS = 255
"""PostgreSQL's bound; RE2's is higher."""


def unportable(pattern: str) -> str:
    """What of a pattern engines read differently, as it is written; "" where nothing is. The pattern is one that RE2 can read."""
    at = 0
    while at < len(pattern):
        part = _PART.match(pattern, at)
        if part is None:
            return pattern[at : at + 3]
        if part[0].startswith("{") and any(int(number) > _MOST_REPEATS for number in re.findall("[0-9]+", part[0])):
            return part[0]
        at = part.end()
    return ""
