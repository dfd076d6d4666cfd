"""All that some points stand on, and where that ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from app.compile.lineage.graph import LineageGraph
from app.model.lineage import Kind, Point, Reason, Role, Trace, TraceLink

Seen = Callable[[Point], bool]
"""Whether the asker may know of a point."""

HIDDEN = Point(Kind.HIDDEN)


def trace(
    graph: LineageGraph, starts: Sequence[Point], *, seen: Seen = lambda _: True, details: bool = True, values_only: bool = False
) -> Trace:
    """Follow every link down from the starts, each point once.

    A point that the asker may not know of is not named and nothing below it is looked at: all of them are one hidden point, and are counted. Without
    `details` an unknown point says its reason only, not in words that name things. With `values_only` indirect links are left out.
    """
    found: dict[Point, int] = {point: place for place, point in enumerate(dict.fromkeys(starts))}
    links: dict[TraceLink, None] = {}
    hidden: set[Point] = set()
    queue = list(found)
    for point in queue:
        for link in graph.links(point):
            if values_only and not link.role.is_direct and link.point.kind is not Kind.UNKNOWN:
                continue
            target = _shown(link.point, seen, hidden, details=details)
            if target not in found:
                found[target] = len(found)
                queue.append(target)
            links[TraceLink(found[point], found[target], link.role)] = None
    return Trace(tuple(found), tuple(links), len(dict.fromkeys(starts)), len(hidden))


def _shown(point: Point, seen: Seen, hidden: set[Point], *, details: bool) -> Point:
    """The point as the asker may know it."""
    if not seen(point):
        hidden.add(point)
        return HIDDEN
    if point.kind is Kind.UNKNOWN and not details:
        return Point(Kind.UNKNOWN, reason=point.reason or Reason.COLUMN)
    return point


def below(found: Trace) -> dict[int, list[TraceLink]]:
    """The links by the point that they start from."""
    by_start: dict[int, list[TraceLink]] = defaultdict(list)
    for link in found.links:
        by_start[link.start].append(link)
    return by_start


def roles(found: Trace) -> dict[Point, tuple[Role, ...]]:
    """In which roles the starts stand on each point: what is under a filter filters, however it got there."""
    by_start = below(found)
    held: dict[int, set[Role]] = {number: {Role.VALUE} for number in range(found.starts)}
    queue = [(number, Role.VALUE) for number in range(found.starts)]
    for number, role in queue:
        for link in by_start.get(number, ()):
            reached = role.then(link.role)
            if reached not in held.setdefault(link.end, set()):
                held[link.end].add(reached)
                queue.append((link.end, reached))
    order = list(Role)
    return {found.points[number]: tuple(sorted(given, key=order.index)) for number, given in held.items()}


def ends(found: Trace) -> list[tuple[Point, tuple[Role, ...]]]:
    """The columns and rows under which nothing lies, sorted: those of seeds and sources, and what is computed out of nothing."""
    by_start = below(found)
    return sorted(
        (
            (point, given)
            for point, given in roles(found).items()
            if point.kind in (Kind.COLUMN, Kind.ROWS) and not by_start.get(found.points.index(point))
        ),
        key=lambda pair: (pair[0].owner, pair[0].name),
    )
