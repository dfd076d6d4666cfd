"""How far the joins from one semantic model go: every model in reach with its ways, told apart by meaning, in time that no diamond explodes.

A way joins no dbt model twice and never comes back to its start. Of each semantic model at most MOST_WAYS ways are kept, the shortest; one that
may have more ways than are known here is said to be `crowded`, so that what is unique is so beyond doubt:

- Ways to one place (equal columns compared) are one way; what it may pass afterwards is what any of them may.
- A way that is not kept could have gone on to whatever its end leads to without passing what all ways left out there have passed. Those are crowded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.model.semantics import SemanticModel
from app.sql.joins.links import Link, Links
from app.sql.joins.places import Place, Places
from app.sql.joins.ways import MOST_WAYS, Way, along

Allowed = Callable[[Way, Link], bool]


@dataclass(frozen=True, slots=True)
class Reach:
    """The ways from one semantic model to each that it reaches, itself included, nearest first."""

    ways: dict[str, tuple[Way, ...]]
    crowded: frozenset[str]


def reach(start: SemanticModel, links: Links, places: Places, allowed: Allowed | None = None) -> Reach:
    """Every semantic model in reach of `start`, by ways of which each join is `allowed` (all, where nothing is said)."""
    first = Way(start, places.start(start))
    kept: dict[str, dict[Place, Way]] = {start.name: {first.place: first}}
    left_out: dict[str, frozenset[str]] = {}
    queue = deque([first])
    while queue:
        way = queue.popleft()
        if kept[way.target.name][way.place] is not way:
            continue  # another way to the same place has passed less, and is in the queue
        for link in (link for found in links.of(way.target).values() for link in found):
            if not may_pass(way, link, start, links) or (allowed is not None and not allowed(way, link)):
                continue
            made = along(way, link, places)
            slot = kept.setdefault(made.target.name, {})
            known = slot.get(made.place)
            if known is None and len(slot) == MOST_WAYS:
                left_out[made.target.name] = left_out.get(made.target.name, made.passed) & made.passed
            elif known is None:
                slot[made.place] = made
                queue.append(made)
            elif not known.passed <= made.passed:
                slot[made.place] = replace(known, passed=known.passed & made.passed)
                queue.append(slot[made.place])
    return Reach(
        {name: tuple(sorted(slot.values(), key=lambda way: (len(way.hops), way.links))) for name, slot in kept.items()},
        _crowded(start, left_out, links),
    )


def within(start: SemanticModel, links: Links) -> dict[str, int]:
    """The semantic models to which joins lead, however, with the number of joins; the start itself with none."""
    found = {start.name: 0}
    queue = deque([start])
    while queue:
        at = queue.popleft()
        for target in _targets(at, links):
            if target.name not in found:
                found[target.name] = found[at.name] + 1
                queue.append(target)
    return found


def may_pass(way: Way, link: Link, start: SemanticModel, links: Links) -> bool:
    """Whether a way may go on by a join: not back, not twice in a row through one entity, nor by the column by which it came where that one leads there
    at once."""
    if link.target.name == start.name or link.target.model in way.passed or (way.hops and way.hops[-1].entity == link.entity):
        return False
    return not (link.own == way.key and _straight(way, link, links))


def _straight(way: Way, link: Link, links: Links) -> bool:
    """Whether the join could have been made one before, by the column that led here."""
    before = way.before
    if before is None or way.place.before is not before.place:
        return False
    from_there = (other for found in links.of(before.target).values() for other in found)
    return any((other.own, other.target.name, other.key) == (way.place.own, link.target.name, link.key) for other in from_there)


def _targets(model: SemanticModel, links: Links) -> Iterable[SemanticModel]:
    return (link.target for found in links.of(model).values() for link in found)


def _crowded(start: SemanticModel, left_out: dict[str, frozenset[str]], links: Links) -> frozenset[str]:
    """The ends of ways that were left out, and all to which those could have gone on."""
    crowded = set(left_out)
    for name, passed in left_out.items():
        seen = {name}
        stack = [links.semantic_models[name]]
        while stack:
            for target in _targets(stack.pop(), links):
                if target.name not in seen and target.name != start.name and target.model not in passed:
                    seen.add(target.name)
                    stack.append(target)
        crowded |= seen
    return frozenset(crowded)
