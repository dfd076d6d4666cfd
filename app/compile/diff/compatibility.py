"""Whether a layer may follow others: the rules of a schema registry, said of a semantic layer. docs/diff.md says precisely what each means."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from app.compile.diff.report import Change, DiffReport, Kind
from app.model.base import Node

VARIABLE = "datamind_compat"
"""The project's variable that says which rule holds."""


class Compatibility(StrEnum):
    """What must hold between a layer and those before it.

    `backward`: every query that the old one answers, the new one answers with the same columns. `forward`: every query that the new one answers, the
    old one does. `full`: both. The `_transitive` ones want it of every state given, the others of the newest alone.
    """

    NONE = "none"
    BACKWARD = "backward"
    BACKWARD_TRANSITIVE = "backward_transitive"
    FORWARD = "forward"
    FORWARD_TRANSITIVE = "forward_transitive"
    FULL = "full"
    FULL_TRANSITIVE = "full_transitive"

    @property
    def backward(self) -> bool:
        """Whether those who ask as before must be served."""
        return self.value.startswith(("backward", "full"))

    @property
    def forward(self) -> bool:
        """Whether those who ask as from now on must be served by what was before."""
        return self.value.startswith(("forward", "full"))

    @property
    def transitive(self) -> bool:
        """Whether it is wanted of every state."""
        return self.value.endswith("_transitive")


class Violation(Node, frozen=True):
    """A change that the rule forbids: against which state, and in which direction. A forward violation tells the way back: from the new to the old."""

    state: str
    direction: str
    change: Change


class Verdict(Node, frozen=True):
    """What came of the check: the rule, the states it was held against, and the changes that it forbids."""

    rule: Compatibility
    states: tuple[str, ...]
    violations: tuple[Violation, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is forbidden."""
        return not self.violations


def judge(rule: Compatibility, there: Sequence[tuple[str, DiffReport]], back: Sequence[tuple[str, DiffReport]]) -> Verdict:
    """Hold the rule against reports by state, the newest first: from each state to the new layer (`there`), and from the new layer to each (`back`,
    needed by forward rules only). A breaking change on either way is a query that one side answers and the other does not."""
    states = tuple(dict.fromkeys(state for state, _ in (*there, *back)))
    looked = states if rule.transitive else states[:1]
    sides = ((rule.backward, "backward", there), (rule.forward, "forward", back))
    violations = tuple(
        Violation(state, direction, change)
        for wanted, direction, reports in sides
        if wanted
        for state, report in reports
        if state in looked
        for change in report.of(Kind.BREAKING)
    )
    return Verdict(rule, looked if rule is not Compatibility.NONE else (), violations)
