"""Collects the Problems of a compile: none stops it, and each knows the YAML line that causes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import msgspec

from app.compile.locations import LocationIndex
from app.errors import Problem, Severity, UserError
from app.model.expr import Expr
from app.model.ontology import LeftOut
from app.sql.expressions.problems import Run, offset_of
from app.sql.expressions.spots import find, quoting, spots, within

_LONGEST = 1000
"""Characters of a message: a name may be longer than any."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """A thing of the project: its location key (`metric.revenue`), the file that declares it, and the way down from there (`type_params/expr`)."""

    key: str
    file: str = ""
    path: str = ""
    text: str = ""
    """The text that was read from there, where a Problem is about a part of it."""
    offset: int = 0
    """Where in the text that part begins."""

    def at(self, path: str) -> Place:
        """A part of this thing."""
        return Place(self.key, self.file, f"{self.path}/{path}" if self.path else path)

    def inside(self, text: str, offset: int) -> Place:
        """A place in the text that stands here."""
        return Place(self.key, self.file, self.path, text, offset)


@dataclass(slots=True)
class Report:
    """Problems so far. One Report belongs to one compile."""

    locations: LocationIndex
    problems: list[Problem] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)
    """Of each problem, the key of the thing that it is of."""
    _texts: dict[Place, tuple[str, ...]] = field(default_factory=dict)

    def error(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something is left out of the layer, or denied."""
        self.add(Problem(code, message, Severity.ERROR, hint=hint), place)

    def warning(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something is in the layer but may not mean what its writer thinks."""
        self.add(Problem(code, message, Severity.WARNING, hint=hint), place)

    def note(self, code: str, message: str, place: Place, hint: str = "") -> None:
        """Something worth knowing."""
        self.add(Problem(code, message, Severity.NOTE, hint=hint), place)

    def refused(self, error: UserError, place: Place, subject: str, text: str) -> None:
        """`text`, which stands at the place, was refused by a parser for `subject`: its Problems are reported where they point in it."""
        for problem in error.problems:
            offset = offset_of(text, max(problem.where.line, 1), max(problem.where.column, 1)) if problem.where else 0
            self.add(replace(problem, message=f"{subject}: {problem.message}"), place.inside(text, offset))

    def read(self, place: Place, texts: Sequence[str]) -> None:
        """Remember the texts that stand at a place, so that what is found in their trees later is told at their words."""
        if texts:
            self._texts[place] = tuple(texts)

    def named(self, place: Place, leaf: Expr, word: str = "") -> Place:
        """Where a name or constant stands in the texts read at the place, or a `word` within it; the place itself where it is in none."""
        return self.part(place, [((leaf,), 0)], word)

    def part(self, place: Place, runs: Sequence[Run], word: str = "") -> Place:
        """`named`, for one that stands among others."""
        for number, text in enumerate(self._texts.get(place, ())):
            spot = find(text, runs)
            if spot is not None:
                return place.at(str(number)).inside(text, within(text, spot, word))
        return place

    def quoting(self, place: Place, *, unknown: bool = True) -> str:
        """What to say of an unknown name, or of a number, in a text that would mean something in quotes; "" where it would not."""
        spot = next((spot for spot in spots(place.text) if spot.start <= place.offset < spot.end), None)
        return quoting(place.text, spot, unknown=unknown) if spot is not None else ""

    @contextmanager
    def unsaid(self) -> Iterator[None]:
        """What is reported within is said of something that nobody wrote, and is forgotten: its cause has a problem of its own."""
        before = len(self.problems)
        yield
        del self.problems[before:], self._keys[before:]

    def left_out(self, kind: str, served: Collection[str]) -> tuple[LeftOut, ...]:
        """Of what things of a kind were left out, and by which problem first: those of which something was said, and that are not served. By name."""
        causes: dict[str, Problem] = {}
        for key, problem in zip(self._keys, self.problems, strict=True):
            of, _, name = key.partition(".")
            if of == kind and name not in served and (problem.severity is Severity.ERROR or problem.code == "DM2407"):
                causes.setdefault(name, problem)
        return tuple(LeftOut(name, causes[name].code, causes[name].where) for name in sorted(causes))

    def sorted(self) -> tuple[Problem, ...]:
        """All problems by file, line and column, each once."""
        return in_order(self.problems)

    def add(self, problem: Problem, place: Place) -> None:
        """A Problem at a place."""
        problem = replace(problem, message=_readable(problem.message), hint=_readable(problem.hint))
        where = self.locations.where(place.key, place.file, place.path, place.text, place.offset)
        self.problems.append(replace(problem, where=where))
        self._keys.append(place.key)


def _readable(text: str) -> str:
    """What the project wrote, fit for a line on a screen: without control characters, and not without end."""
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    plain = "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text[:_LONGEST])
    return plain + ("…" if len(text) > _LONGEST else "")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file, line and column, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=_order))


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    where = problem.where
    return (where.file, where.line, where.column, problem.code, problem.message) if where else ("", 0, 0, problem.code, problem.message)
