"""What can go wrong, as data: a `Problem` says what, where, why and what to do; exceptions only carry it.

This module imports nothing of ours, so every room can speak of problems in the same words.
HTTP status and exit codes are no business of a Problem: the gateway and the CLI each hold one table.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """How much a Problem matters: an error stops, a warning is shown, a note informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place: a file with a 1-based line and column (0 = unknown), or a part of the input (`path`, such as `group_by[1]`)."""

    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        """`models/x.yml:41:13`, as editors and CI annotations read it; `where[0]:1:9` in a part of the input."""
        spot = ":".join([self.file or self.path, *(str(n) for n in (self.line, self.column) if n)])
        return f"{spot} {self.path}" if self.file and self.path else spot


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `code` is stable and documented in docs/problems/; `message` says what is wrong in one sentence; `hint` says what to do;
    `fix` is a replacement text where one is safe. No field ever holds a row's value or a secret.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    where: Where | None = None
    hint: str = ""
    fix: str | None = None

    def as_warning(self) -> Problem:
        """The same where it ends nothing."""
        return replace(self, severity=Severity.WARNING)

    def __str__(self) -> str:
        """`models/x.yml:41:13 error DM2104 message (hint)`: one line for people."""
        head = f"{self.where} " if self.where else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{head}{self.severity} {self.code} {self.message}{tail}"


class DataMindError(Exception):
    """Carries one or more Problems up to the edge that shows them; the first is the main one."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise TypeError("an error carries at least one Problem")
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))

    @property
    def problem(self) -> Problem:
        """The main Problem."""
        return self.problems[0]


class UserError(DataMindError):
    """The caller can understand and mend it: the Problem is shown as it is."""


class InternalError(DataMindError):
    """Ours or a server's fault: the caller is shown the code and an id; the cause is logged for admins."""


def did_you_mean(name: str, candidates: Iterable[str], *, most: int = 3) -> str:
    """A hint that names the candidates nearest in spelling to `name`, or "" where none is near.

    Callers pass only candidates that the person may see: a suggestion is data too.
    """
    spelled = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    close = difflib.get_close_matches(name.lower(), sorted(spelled), n=most, cutoff=0.6)
    if not close:
        return ""
    return "did you mean " + " or ".join(f"`{spelled[c]}`" for c in close) + "?"


def both(*hints: str) -> str:
    """Several hints as one; "" counts as none."""
    return "; ".join(dict.fromkeys(filter(None, hints)))
