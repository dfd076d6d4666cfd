"""All outcomes in one of the forms: the Problems as `validate` writes them, with what the checks say besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from app.cli.formats.as_github import as_github
from app.cli.formats.as_gitlab import as_gitlab
from app.cli.formats.as_json import found_body
from app.cli.formats.as_sarif import as_sarif
from app.cli.formats.problem_text import problem_lines
from app.cli.formats.shown import Shown
from app.cli.terminal import clean, coloured
from app.errors import Severity
from app.service.check.comment import comment
from app.service.check.outcome import Outcome, State
from app.service.check.run import Checked
from app.service.present import to_json

VERSION = 1
_COLOURS = {State.PASSED: "32", State.FAILED: "31", State.SKIPPED: "2"}
_GRAVITY = list(Severity)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and how its files are called: the project's folder, the repository's root, and the working directory."""

    checked: Checked
    files: Mapping[str, str] = field(repr=False)
    project: Path
    root: Path
    here: Path
    folder: str = ""

    def shown(self, base: Path) -> Shown:
        """All Problems, the gravest first: a service that shows only so many shows these."""
        found = sorted(
            (one for outcome in self.checked.outcomes for one in outcome.found), key=lambda one: _GRAVITY.index(one.problem.severity)
        )
        return Shown(found, self.files, self.project, base)

    @property
    def verdict(self) -> str:
        """`passed` or `failed`."""
        return "failed" if self.checked.fails else "passed"

    @property
    def worst(self) -> str:
        """The gravest class of changes, "" where there are none or nothing was compared."""
        diff = self.checked.of("diff")
        return str((diff.body.get("worst") if diff is not None else None) or "")


def as_markdown(report: Report) -> str:
    """The comment."""
    return comment(report.checked, report.folder)


def github(report: Report) -> str:
    """Workflow commands for GitHub."""
    return as_github(report.shown(report.root))


def gitlab(report: Report) -> str:
    """GitLab's Code Quality report."""
    return as_gitlab(report.shown(report.root))


def sarif(report: Report) -> str:
    """SARIF, for code scanning."""
    return as_sarif(report.shown(report.root))


def body(report: Report) -> str:
    """One object, version 1 of the shape; docs/pull-requests.md says what each key holds."""
    shown = report.shown(report.root)
    checks = [
        {
            "name": outcome.check,
            "state": str(outcome.state),
            "said": outcome.said,
            "problems": [found_body(one, shown) for one in outcome.found],
            "result": dict(outcome.body),
        }
        for outcome in report.checked.outcomes
    ]
    whole: dict[str, Any] = {"version": VERSION, "verdict": report.verdict, "worst": report.worst, "checks": checks}
    return msgspec.json.format(to_json(whole), indent=2).decode() + "\n"


def text(report: Report, *, colours: bool = False) -> str:
    """For people at a terminal: each check on a line, with what it found below it, and the verdict last."""
    shown = report.shown(report.here)
    lines = [line for outcome in report.checked.outcomes for line in _text(outcome, shown, colours)]
    verdict = coloured(report.verdict, _COLOURS[State(report.verdict)], colours)
    return "\n".join([*lines, "", verdict]) + "\n"


def _text(outcome: Outcome, shown: Shown, colours: bool) -> Iterator[str]:
    state = coloured(f"{outcome.state:<8}", _COLOURS[outcome.state], colours)
    yield f"{outcome.check:<10}{state} {clean(outcome.said)}"
    own = replace(shown, found=outcome.found)
    for one in own.found:
        name = one.rule.name if one.rule else ""
        where = one.problem.where
        for line in problem_lines(one.problem, own.place(where), own.line(where), name, colours=colours):
            yield f"  {line}"
    yield from (f"  {clean(line)}" for line in outcome.lines)
