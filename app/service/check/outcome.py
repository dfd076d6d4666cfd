"""What a check found, in the one form that every output is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.compile.lint.run import Found
from app.compile.markdown.sections import Section
from app.errors import Severity, UserError


class State(StrEnum):
    """How a check ended. One that could not be made failed; one that there was nothing for is skipped."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a check: its name, a sentence, Problems at their places, and what it adds to the comment (`folded` what stands below the tables of all
    checks), to JSON, and for people at a terminal.

    `impossible` says that it could not be made, so that nobody knows: that fails whatever may be reported only.
    """

    check: str
    said: str
    found: Sequence[Found] = ()
    sections: Sequence[Section] = ()
    folded: Sequence[Section] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[str] = ()
    skipped: bool = False
    impossible: bool = False

    @property
    def state(self) -> State:
        """How it ended: an error among what was found fails it."""
        if self.skipped:
            return State.SKIPPED
        failed = self.impossible or any(one.problem.severity is Severity.ERROR for one in self.found)
        return State.FAILED if failed else State.PASSED


def impossible(check: str, error: UserError) -> Outcome:
    """The outcome of a check that could not be made, with the reasons."""
    return Outcome(check, "could not be made", [Found(None, problem) for problem in error.problems], impossible=True)
