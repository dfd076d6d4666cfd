"""What is wrong with some nodes of a project, out of all that is wrong."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.compile.locations import LocationIndex
from app.compile.selection.evaluate import Selected
from app.compile.selection.nodes import Selectable
from app.errors import Problem
from app.service.validate import Validated

_KINDS = frozenset({"model", "semantic_model", "metric", "saved_query", "exposure"})
"""The kinds of key in a location index that a node has; what else has one stands within a node."""

Starts = Mapping[str, Sequence[tuple[int, str]]]


def of_nodes(validated: Validated, selected: Selected) -> Validated:
    """What was found in the YAML of these nodes, and what concerns the project as a whole: a problem belongs to the node within whose entry its line is.

    Without a line it belongs to all nodes of its file, and of a file that no node names, to the project.
    """
    starts: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, where in LocationIndex(validated.files).all():
        if key.partition(".")[0] in _KINDS:
            starts[where.file].append((where.line, key))
    for lines in starts.values():
        lines.sort()
    wanted = {_key(selected.nodes.by_id[one]) for one in selected.ids}
    every = {file for node in selected.nodes for file in node.files}
    kept = [one for one in validated.found if _concerns(one.problem, selected, wanted, every, starts)]
    return replace(validated, found=tuple(kept))


def _concerns(problem: Problem, selected: Selected, wanted: set[str], every: set[str], starts: Starts) -> bool:
    where = problem.where
    if where is None or where.file not in every:
        return True
    lines = starts.get(where.file, ())
    at = bisect_right(lines, where.line, key=lambda start: start[0]) - 1
    return lines[at][1] in wanted if where.line and at >= 0 else where.file in selected.files


def _key(node: Selectable) -> str:
    """The node's key in a location index."""
    if node.resource_type == "source":
        return f"model.{node.source_name}.{node.name}"
    return f"{node.resource_type if node.resource_type in _KINDS else 'model'}.{node.name}"
