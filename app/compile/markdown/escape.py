"""Texts of a project within Markdown: nothing of them becomes markup, HTML, a mention, a link or another cell of a table."""

from __future__ import annotations

import re

_SPACE = re.compile(r"\s+")
_REFERENCE = re.compile(r"([@#!~$%])(?=[\w\\])")
_BLOCK = re.compile(r"[#>+=-]|\d+[.)]")
_PLAIN = str.maketrans({"\\": "\\\\", "&": "&amp;", "<": "&lt;", "|": "\\|", "[": "\\[", "`": "\\`", "*": "\\*", "_": "\\_", "~": "\\~"})
_APART = "&#8203;"
"""A space of no width. Mentions and references are looked for in what was rendered, where an escape is gone."""


def code(text: str) -> str:
    """A text as code in one line, in which nothing is Markdown: the fence is longer than any run of backticks in it."""
    line = _SPACE.sub(" ", text).strip()
    longest = max(map(len, re.findall("`+", line)), default=0)
    pad = " " if line.startswith("`") or line.endswith("`") or not line else ""
    fence = "`" * (longest + 1)
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(text: str) -> str:
    """Code in a table's cell, where a bar would end it; a backslash before a bar would take away the escape."""
    return code(text).replace("\\|", "\\\u200b|").replace("|", "\\|")


def prose(text: str, *, in_cell: bool = False) -> str:
    """Words in one line, with names in backticks as code. A backtick without its second is only a sign."""
    as_code = cell if in_cell else code
    parts = _SPACE.sub(" ", text).strip().split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    said = [as_code(part) if number % 2 else _plain(part) for number, part in enumerate(parts)]
    for number in range(2, len(said) - 1, 2):
        said[number] = said[number] or _APART  # two pieces of code that touch would be read as one
    return (_APART if _BLOCK.match(said[0]) else "") + "".join(said)


def _plain(words: str) -> str:
    return _REFERENCE.sub(rf"\1{_APART}", words.translate(_PLAIN)).replace("://", f":{_APART}//")
