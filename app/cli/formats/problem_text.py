"""A Problem for people: a line, the line of the file that it points at with a caret, and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from app.cli.terminal import clean, coloured
from app.errors import Problem, Severity, Where

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDEST = 160
"""Columns of a line that are shown around the place."""


def problem_lines(problem: Problem, place: str, line: str | None, rule: str = "", *, colours: bool) -> Iterator[str]:
    """The lines of a Problem. `place` is where it is, as people call it; `line` is what the file has there, None where that is not known."""
    severity = coloured(problem.severity, _COLOURS[problem.severity], colours)
    code = coloured(problem.code, "1", colours)
    yield f"{clean(place)} {severity} {code} {clean(problem.message)}{f' [{rule}]' if rule else ''}".lstrip()
    yield from _excerpt(line, problem.where)
    if problem.hint:
        yield f"  → {clean(problem.hint)}"


def _excerpt(line: str | None, where: Where | None) -> Iterator[str]:
    if line is None or where is None:
        return
    start = max(0, where.column - 1 - _WIDEST // 2) if len(line) > _WIDEST else 0
    part = line[start : start + _WIDEST]
    margin = f"  {where.line} | "
    yield margin + clean(part)
    if where.column:
        before = part[: where.column - 1 - start]
        yield " " * len(margin) + "".join("\t" if char == "\t" else " " * _width(char) for char in before) + "^"


def _width(char: str) -> int:
    """How many columns of a terminal a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
