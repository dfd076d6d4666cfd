"""What did not carry over from one format to another: each item with its place, the reason and what was lost. Nothing is dropped without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from app.errors import Problem, Severity, UserError, Where


class Kind(StrEnum):
    """What became of a thing: `lost`; carried with another meaning (`changed`); `kept` where DataMind alone reads it; `assumed`, since the source
    does not say it."""

    LOST = "lost"
    CHANGED = "changed"
    KEPT = "kept"
    ASSUMED = "assumed"


_SEVERITY = {Kind.LOST: Severity.WARNING, Kind.CHANGED: Severity.WARNING, Kind.KEPT: Severity.NOTE, Kind.ASSUMED: Severity.NOTE}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing of the report. `subject` names it (`measure orders.revenue`), `reason` says why, `lost` what is missing or other than before."""

    code: str
    kind: Kind
    subject: str
    reason: str
    lost: str = ""
    where: Where | None = None
    hint: str = ""

    def problem(self) -> Problem:
        """The finding as a Problem: a warning where something is lost or changed, a note otherwise."""
        tail = f"; {self.kind}: {self.lost}" if self.lost else ""
        return Problem(self.code, f"{self.subject}: {self.reason}{tail}", _SEVERITY[self.kind], self.where, self.hint)


@dataclass(slots=True)
class Findings:
    """Gathers findings, each once, in the order in which they were made."""

    found: dict[Finding, None] = field(default_factory=dict)
    _silent: bool = False

    def add(self, finding: Finding) -> None:
        """Take one in."""
        if not self._silent:
            self.found.setdefault(finding)

    @contextmanager
    def unsaid(self, silent: bool = True) -> Iterator[None]:
        """Within, nothing is taken in, where `silent`: of a part that is read although another stands for it."""
        before, self._silent = self._silent, self._silent or silent
        try:
            yield
        finally:
            self._silent = before

    def lost(self, subject: str, reason: str, lost: str, where: Where | None = None, *, code: str = "DM2653", hint: str = "") -> None:
        """Something is not carried (DM2653 unless another code says it better)."""
        self.add(Finding(code, Kind.LOST, subject, reason, lost, where, hint))

    def changed(self, subject: str, reason: str, lost: str, where: Where | None = None, *, code: str = "DM2656", hint: str = "") -> None:
        """Something is carried, and means something else (DM2656)."""
        self.add(Finding(code, Kind.CHANGED, subject, reason, lost, where, hint))

    def assumed(self, subject: str, reason: str, where: Where | None = None, *, code: str = "DM2657", hint: str = "") -> None:
        """Something that the source does not say was assumed (DM2657)."""
        self.add(Finding(code, Kind.ASSUMED, subject, reason, "", where, hint))

    def kept(self, subject: str, reason: str, lost: str, where: Where | None = None, *, code: str = "DM2661") -> None:
        """Something is in the file for DataMind alone (DM2661)."""
        self.add(Finding(code, Kind.KEPT, subject, reason, lost, where))

    def refused(self, error: UserError, subject: str, lost: str, where: Where | None, *, code: str = "DM2654") -> None:
        """Something could not be read, for the reason that the error gives (DM2654; DM2660 for code of templates)."""
        problem = error.problem
        place = inside(where, problem.where)
        if problem.code == "DM2660":
            self.add(Finding(problem.code, Kind.LOST, subject, problem.message, lost, place, problem.hint))
        else:
            self.add(Finding(code, Kind.LOST, subject, f"{problem.message} ({problem.code})", lost, place, problem.hint))

    def all(self) -> tuple[Finding, ...]:
        """All of them, by place; what has none comes last."""
        return tuple(sorted(self.found, key=_place))


def inside(where: Where | None, within: Where | None) -> Where | None:
    """A place in a text that begins at `where`: exact on its first line where that is on the line of its key, else the line."""
    if where is None or within is None or within.line <= 1:
        return where
    return Where(where.file, where.line + within.line - 1, 0, where.path)


def _place(finding: Finding) -> tuple[bool, str, int, int]:
    where = finding.where
    return (where is None, where.file if where else "", where.line if where else 0, where.column if where else 0)
