"""What is wrong with a text that is no expression, and the character at which it goes wrong."""

from __future__ import annotations

import re

from app.errors import UserError
from app.sql.expressions.problems import offset_of, refuse

_PASSED = re.compile(r"'(?:[^'\\]|\\.|'')*+(?P<end>'?)|\"(?:[^\"]|\"\")*+(?P<close>\"?)", re.DOTALL)
_COMMENT = re.compile(r"--|/\*|#")
_MEANT = re.compile(r"[(){}\[\];]")
_OPENS = {")": "(", "]": "[", "}": "{"}
_MANY = re.compile(r"The number of provided arguments \((\d+)\)")
_CALLED = re.compile(r"(?<!\w)(\w++)\s*+$")
_LAST = re.compile(r"(?:(?<!\w)\w++|[^\w\s])\s*+$")


def not_sql(error: Exception, text: str) -> UserError:
    """What the parser could not read (DM3101; DM3104 for a function with too many arguments), at the bracket, quote or word that it stumbles over."""
    loose = _loose(text)
    if loose is not None:
        return refuse("DM3101", loose[1], text=text, offset=loose[0])
    details = (getattr(error, "errors", None) or [{}])[0]
    offset = _stumble(text, int(details.get("line") or 0), int(details.get("col") or 0), str(details.get("highlight") or ""))
    many = _MANY.match(str(details.get("description") or ""))
    if many is not None:
        opening = _opening(text, offset)
        called = _CALLED.search(text[: max(opening, 0)])
        if called is not None:
            message = f"`{called[1].lower()}` does not take {many[1]} arguments"
            return refuse("DM3104", message, text=text, offset=called.start(1))
    if offset < len(text.rstrip()):
        return refuse("DM3101", "the expression is not SQL that can be read", text=text, offset=offset)
    last = _LAST.search(text)
    return refuse("DM3101", "the expression is not SQL that can be read: it ends too early", text=text, offset=last.start() if last else 0)


def comment(text: str) -> int:
    """Where the first comment outside of quotes begins, 0 where none is found."""
    found = _COMMENT.search(blanked(text))
    return found.start() if found else 0


def _stumble(text: str, line: int, column: int, highlight: str) -> int:
    """The offset in `text` of the parser's place: the last character of `highlight` in `(text⏎)`, of which the line after the text is its end."""
    if line > text.count("\n") + 1:
        return len(text)
    if not line:
        return 0
    return max(offset_of(text, line, column) - max(len(highlight) - 1, 0) - (line == 1), 0)


def _loose(text: str) -> tuple[int, str] | None:
    """The first quote or bracket that has no partner, or semicolon, with what is wrong about it."""
    opened: list[int] = []
    bare = blanked(text)
    for quote in _PASSED.finditer(text):
        if not (quote["end"] or quote["close"]):
            return quote.start(), "a quote is not closed"
    for found in _MEANT.finditer(bare):
        sign = found.group()
        if sign == ";":
            return found.start(), "one expression is wanted, without `;`"
        if sign not in _OPENS:
            opened.append(found.start())
        elif opened and bare[opened[-1]] == _OPENS[sign]:
            opened.pop()
        else:
            return found.start(), f"`{sign}` closes nothing"
    return (opened[-1], f"`{bare[opened[-1]]}` is not closed") if opened else None


def _opening(text: str, closing: int) -> int:
    """Where the bracket opens that is closed at an offset, -1 where none does."""
    depth, bare = 0, blanked(text)
    for at in range(min(closing, len(text) - 1), -1, -1):
        depth += (bare[at] == ")") - (bare[at] == "(")
        if depth == 0 and bare[at] == "(":
            return at
    return -1


def blanked(text: str) -> str:
    """The text with what is quoted blanked out, of the same length."""
    return _PASSED.sub(lambda found: " " * len(found.group()), text)
