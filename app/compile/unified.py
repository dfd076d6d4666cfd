"""The change of a text file as a patch that `git apply` takes."""

from __future__ import annotations

import difflib

_NO_END = "\\ No newline at end of file\n"


def unified(file: str, before: str, after: str) -> str:
    """The unified diff of a file of plain lines, for `git apply -p1`; "" where nothing changed."""
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{file}", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_END}" for line in lines)


def is_of_plain_lines(text: str) -> bool:
    """Whether only line feeds end its lines: of a character that does so for some readers alone, the number of a line and its end would be in doubt."""
    return text.splitlines() == text.removesuffix("\n").split("\n") or not text
