"""Problems for people: a line each, the line of the file that it points at with a caret, and what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from app.cli.formats.shown import Shown
from app.cli.terminal import clean, coloured
from app.compile.lint.run import Found
from app.errors import Severity, Where

_COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
_WIDEST = 160
"""Columns of a line that are shown around the place."""


def as_text(shown: Shown, *, colours: bool = False) -> str:
    """All problems, what was fixed, and a last line with their numbers."""
    lines: list[str] = []
    for found in shown.fixed:
        lines += _fixed(found, shown)
    for found in shown.found:
        lines += _problem(found, shown, colours=colours)
    return "\n".join([*lines, _summary(shown)]) + "\n"


def _problem(found: Found, shown: Shown, *, colours: bool) -> Iterator[str]:
    problem = found.problem
    place = shown.place(problem.where)
    severity = coloured(problem.severity, _COLOURS[problem.severity], colours)
    code = coloured(problem.code, "1", colours)
    rule = f" [{found.rule.name}]" if found.rule else ""
    yield f"{clean(place)} {severity} {code} {clean(problem.message)}{rule}".lstrip()
    yield from _excerpt(shown.line(problem.where), problem.where)
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


def _fixed(found: Found, shown: Shown) -> Iterator[str]:
    for edit in found.edits:
        yield f"{shown.path(edit.file)}:{edit.line}:{edit.column} fixed {found.problem.code} {clean(found.problem.message)}"
        yield from (f"  - {clean(text)}" for text in edit.old.splitlines())
        yield from (f"  + {clean(text)}" for text in edit.new.splitlines())


def _summary(shown: Shown) -> str:
    counts = {severity: sum(one.problem.severity is severity for one in shown.found) for severity in Severity}
    said = ", ".join(f"{count} {severity}{'s' * (count != 1)}" for severity, count in counts.items() if count) or "no problems"
    fixable = sum(bool(one.edits) for one in shown.found)
    return said + (f"; {fixable} can be fixed with --fix" if fixable else "") + (f"; {len(shown.fixed)} fixed" if shown.fixed else "")
