"""The checks, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.errors import UserError
from app.service.check.diff import diff
from app.service.check.numbers import numbers
from app.service.check.outcome import Outcome, State, impossible
from app.service.check.parse import parse
from app.service.check.policies import policy_diff, policy_tests
from app.service.check.questions import questions
from app.service.check.subject import Subject
from app.service.check.validate import validate


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its name, what makes it (None: it was not asked for), and the checks without which it means nothing where they could not be made."""

    name: str
    make: Callable[[Subject], Outcome | None]
    needs: tuple[str, ...] = ()


CHECKS: tuple[Check, ...] = (
    Check("parse", parse),
    Check("validate", validate, needs=("parse",)),
    Check("diff", diff, needs=("parse",)),
    Check("policies", policy_tests, needs=("parse",)),
    Check("access", policy_diff, needs=("parse", "diff")),
    Check("numbers", numbers, needs=("parse", "diff")),
    Check("questions", questions, needs=("parse", "diff")),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """All outcomes. `never` says that what was found is only told."""

    outcomes: tuple[Outcome, ...]
    never: bool = False

    @property
    def fails(self) -> bool:
        """Whether the change is to be stopped: a check that could not be made always does."""
        return any(one.impossible or (one.state is State.FAILED and not self.never) for one in self.outcomes)

    def of(self, check: str) -> Outcome | None:
        """The outcome of a check, None where it was not asked for."""
        return next((one for one in self.outcomes if one.check == check), None)


def run(subject: Subject, checks: tuple[Check, ...] = CHECKS) -> Checked:
    """Make each check; what one raises is its outcome."""
    return Checked(tuple(_outcomes(subject, checks)), subject.wanted.never)


def _outcomes(subject: Subject, checks: tuple[Check, ...]) -> Iterator[Outcome]:
    lacking: set[str] = set()
    for check in checks:
        missed = [name for name in check.needs if name in lacking]
        try:
            made = Outcome(check.name, f"needs {missed[0]}", skipped=True) if missed else check.make(subject)
        except UserError as error:
            made = impossible(check.name, error)
        if made is not None:
            lacking |= {check.name} if made.impossible else set()
            if not (missed and check.name in _unwanted(subject)):
                yield made


def _unwanted(subject: Subject) -> Iterator[str]:
    """The checks of which nobody is told that they could not be made: they were not asked for."""
    if subject.wanted.numbers is None:
        yield "numbers"
    if subject.wanted.questions is None:
        yield "questions"
    if not subject.wanted.policy_tests:
        yield "policies"
    if not subject.wanted.compared:
        yield "access"
