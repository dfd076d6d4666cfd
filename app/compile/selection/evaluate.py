"""A selection's nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from app.compile.selection.criteria import Criterion, Difference, Intersection, Selection, Union
from app.compile.selection.methods import TABLE
from app.compile.selection.nodes import KINDS, Nodes
from app.compile.selection.problems import finds_nothing, no_state
from app.compile.selection.state import changed
from app.errors import Problem, did_you_mean


@dataclass(frozen=True)
class Selected:
    """What a selection found: unique ids of dbt's nodes of the kinds that a layer knows, and what is worth saying of it."""

    ids: frozenset[str]
    nodes: Nodes
    problems: tuple[Problem, ...] = ()

    def names(self, *kinds: str) -> frozenset[str]:
        """The names of the nodes of these kinds; a source's is `source.table`."""
        found = (self.nodes.by_id[one] for one in self.ids)
        return frozenset(f"{n.source_name}.{n.name}" if n.source_name else n.name for n in found if n.resource_type in kinds)

    @cached_property
    def files(self) -> frozenset[str]:
        """The files that define and describe them, relative to the project."""
        return frozenset(file for one in self.ids for file in self.nodes.by_id[one].files)


def evaluate(selection: Selection, nodes: Nodes, before: Nodes | None = None) -> Selected:
    """The nodes that a selection finds; `before` is an earlier state, for `state:`.

    Raises UserError DM2620 for a value that its method does not take, DM2623 for `state:` without a state. A criterion that finds nothing gives a
    warning DM2624.
    """
    found, problems = reached(selection, nodes, before)
    return Selected(nodes.known(found), nodes, problems)


def reached(selection: Selection, nodes: Nodes, before: Nodes | None = None) -> tuple[frozenset[str], tuple[Problem, ...]]:
    """The unique ids of all nodes that a selection finds, tests among them, and what is worth saying of it. Raises as `evaluate`."""
    problems: list[Problem] = []
    return _found(selection, nodes, before, problems), tuple(problems)


def _found(selection: Selection, nodes: Nodes, before: Nodes | None, problems: list[Problem]) -> frozenset[str]:
    match selection:
        case Criterion():
            return _around(_direct(selection, nodes, before), selection, nodes)
        case Union(parts):
            return frozenset().union(*(_found(part, nodes, before, problems) for part in parts))
        case Intersection(parts, raw):
            sets = [_found(part, nodes, before, problems) for part in parts]
            found = sets[0].intersection(*sets[1:]) if sets else frozenset()
            if raw and not found:
                problems.append(finds_nothing(raw, _near(parts, nodes)))
            return found
        case Difference(kept, left_out):
            return _found(kept, nodes, before, problems) - _found(left_out, nodes, before, problems)


def _direct(criterion: Criterion, nodes: Nodes, before: Nodes | None) -> frozenset[str]:
    """What the method itself finds."""
    if criterion.method == "state":
        if before is None:
            raise no_state(criterion.raw)
        return changed(criterion, nodes, before)
    return frozenset(node.unique_id for node in TABLE[criterion.method](nodes, criterion))


def _around(found: frozenset[str], criterion: Criterion, nodes: Nodes) -> frozenset[str]:
    """With what stands below and above, as the criterion wants it."""
    if criterion.around:
        found |= _steps(found, nodes.children, None)
        found |= _steps(found, nodes.parents, None)
    up = _steps(found, nodes.parents, criterion.parents) if criterion.parents is not None else frozenset()
    down = _steps(found, nodes.children, criterion.children) if criterion.children is not None else frozenset()
    return found | up | down


def _steps(start: Iterable[str], towards: Mapping[str, Collection[str]], depth: int | None) -> frozenset[str]:
    """What is reached from `start` in at most `depth` steps (None or negative: any number)."""
    reached: set[str] = set()
    layer = set(start)
    left = depth if depth is not None and depth >= 0 else -1
    while layer and left:
        layer = {one for node in layer for one in towards[node] if one not in reached}
        reached |= layer
        left -= 1
    return frozenset(reached)


def _near(parts: tuple[Selection, ...], nodes: Nodes) -> str:
    """The names near to those of a selection that finds nothing."""
    names = [str(part.value).rpartition(".")[2] for part in parts if isinstance(part, Criterion) and part.method in ("fqn", *KINDS)]
    known = [node.name for node in nodes if node.resource_type in KINDS]
    return next((hint for name in names if (hint := did_you_mean(name, known))), "")
