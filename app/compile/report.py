"""Collects the Problems of a compile: none stops it, and each knows the YAML line that causes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import msgspec

from app.compile.locations import LocationIndex
from app.errors import Problem, Severity, UserError

_LONGEST = 1000
"""Characters of a message: a name may be longer than any."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """A thing of the project: its location key (`metric.revenue`), the file that declares it, and the way down from there (`type_params/expr`)."""

    key: str
    file: str = ""
    path: str = ""

    def at(self, path: str) -> Place:
        """A part of this thing."""
        return Place(self.key, self.file, f"{self.path}/{path}" if self.path else path)


@dataclass(slots=True)
class Report:
    """Problems so far. One Report belongs to one compile."""

    locations: LocationIndex
    problems: list[Problem] = field(default_factory=list)

    def error(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something is left out of the layer, or denied."""
        self._add(Problem(code, message, Severity.ERROR, hint=hint), place)

    def warning(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something is in the layer but may not mean what its writer thinks."""
        self._add(Problem(code, message, Severity.WARNING, hint=hint), place)

    def note(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something worth knowing."""
        self._add(Problem(code, message, Severity.NOTE, hint=hint), place)

    def refused(self, error: UserError, place: Place, subject: str) -> None:
        """The text of `subject` was refused by a parser, whose Problems are reported at its place."""
        for problem in error.problems:
            inside = (max(problem.where.line, 1), max(problem.where.column, 1)) if problem.where else (1, 1)
            self._add(replace(problem, message=f"{subject}: {problem.message}"), place, inside)

    @contextmanager
    def unsaid(self) -> Iterator[None]:
        """What is reported within is said of something that nobody wrote, and is forgotten: its cause has a problem of its own."""
        before = len(self.problems)
        yield
        del self.problems[before:]

    def sorted(self) -> tuple[Problem, ...]:
        """All problems by file, line and column, each once."""
        return tuple(sorted(dict.fromkeys(self.problems), key=_order))

    def _add(self, problem: Problem, place: Place, inside: tuple[int, int] = (1, 1)) -> None:
        problem = replace(problem, message=_readable(problem.message), hint=_readable(problem.hint))
        self.problems.append(replace(problem, where=self.locations.where(place.key, place.file, place.path, inside)))


def _readable(text: str) -> str:
    """What the project wrote, fit for a line on a screen: without control characters, and not without end."""
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    plain = "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text[:_LONGEST])
    return plain + ("…" if len(text) > _LONGEST else "")


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    where = problem.where
    return (where.file, where.line, where.column, problem.code, problem.message) if where else ("", 0, 0, problem.code, problem.message)
