"""All that a validation found, for people."""

from __future__ import annotations

from collections.abc import Iterator

from app.cli.formats.problem_text import problem_lines
from app.cli.formats.shown import Shown
from app.cli.terminal import clean
from app.compile.lint.run import Found
from app.errors import Severity


def as_text(shown: Shown, *, colours: bool = False) -> str:
    """All problems, what was fixed, and a last line with their numbers."""
    lines: list[str] = []
    for found in shown.fixed:
        lines += _fixed(found, shown)
    for found in shown.found:
        where = found.problem.where
        rule = found.rule.name if found.rule else ""
        lines += problem_lines(found.problem, shown.place(where), shown.line(where), rule, colours=colours)
    return "\n".join([*lines, _summary(shown)]) + "\n"


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
