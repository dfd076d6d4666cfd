"""The next version of a layer, as semantic versioning has it for a contract about data."""

from __future__ import annotations

import re

from app.compile.diff.report import DiffReport, Kind
from app.model.base import Node

VARIABLE = "datamind_version"
"""The project's variable that says of which version it is."""
PATTERN = r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
_VERSION = re.compile(PATTERN)


class Suggestion(Node, frozen=True):
    """The next version, which of its numbers grows (major, minor, patch, or none), and why."""

    current: str
    next: str
    bump: str
    reason: str


def is_version(text: str) -> bool:
    """Whether it is MAJOR.MINOR.PATCH, a `v` before it or not."""
    return _VERSION.fullmatch(text) is not None


def suggest(current: str, report: DiffReport) -> Suggestion:
    """The version that should follow `current` (which `is_version`).

    Breaking and meaning are major: who relies on a number is let down by another number under its name as by a name that is gone, and notices later.
    Changes that may mean something else, and additive ones, are minor; cosmetic ones patch. Before 1.0.0 nothing is promised: major changes raise
    the minor number and the others the patch number.
    """
    found = _VERSION.fullmatch(current)
    if found is None:
        raise ValueError(current)
    major, minor, patch = map(int, found.groups())
    bump, reason = _bump(report)
    if major == 0 and bump in ("major", "minor"):
        bump, reason = (
            ("minor" if bump == "major" else "patch"),
            f"{reason}; before 1.0.0 that is {'minor' if bump == 'major' else 'patch'}",
        )
    numbers = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
        "none": (major, minor, patch),
    }
    return Suggestion(current, ("v" if current.startswith("v") else "") + ".".join(map(str, numbers[bump])), bump, reason)


def _bump(report: DiffReport) -> tuple[str, str]:
    if report.of(Kind.BREAKING):
        return "major", "names or abilities go away"
    if any(not change.possible for change in report.of(Kind.MEANING)):
        return "major", "numbers change under their names"
    if report.of(Kind.MEANING):
        return "minor", "numbers may change: the SQL of models does"
    if report.of(Kind.ADDITIVE):
        return "minor", "there is more to ask for"
    return ("patch", "only what people read changes") if report.changes else ("none", "nothing changes")
