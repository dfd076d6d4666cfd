"""What a semantic model's rows can be grouped by, each thing under the shortest name that means it and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.model.semantics import Dimension, Entity
from app.sql.expressions.fields import says_grain
from app.sql.expressions.walk import key_parts
from app.sql.joins.names import Names
from app.sql.joins.reach import Reach
from app.sql.joins.reached import Reached
from app.sql.joins.ways import Way


def items(start: str, names: Names, custom_grains: Collection[str] = ()) -> dict[str, Reached]:
    """The group-by items of a semantic model by name, sorted; a dimension's has an entity before it at least.

    Only what is called like a grain has none, as it would be read as one there; where it means several things alone it can't be asked for.
    Every way that is told apart is listed; of a semantic model that may have more, the nearest ones. Keys of several columns are no items.
    """
    reach = names.reach(start)
    namer = _Namer(start, names, reach, custom_grains)
    found: dict[str, Reached] = {}
    for way in _listed(reach):
        for reached in names.at(way):
            name = namer.name(way, reached) if len(key_parts(reached.expr)) == 1 else ""
            if name:
                found.setdefault(name, reached)
    return dict(sorted(found.items()))


def _listed(reach: Reach) -> Iterator[Way]:
    for name, ways in reach.ways.items():
        nearest = min(len(way.hops) for way in ways)
        yield from (way for way in ways if name not in reach.crowded or len(way.hops) == nearest)


class _Namer:
    """Shortest names. What one dimension of a way is called tells it for the way's other dimensions that no other semantic model has."""

    def __init__(self, start: str, names: Names, reach: Reach, custom_grains: Collection[str]) -> None:
        self._start, self._names, self._reach, self._grains = start, names, reach, custom_grains
        self._known: dict[Way, int] = {}

    def name(self, way: Way, reached: Reached) -> str:
        """The shortest end of the whole name that means what was reached; "" where not even the whole does."""
        if says_grain(reached.element.name, self._grains):
            found = self._names.candidates(self._start, reached.element.name, ()).only
            return reached.element.name if found is not None and found.meaning == reached.meaning else ""
        if not way.hops:
            return reached.name
        alone = isinstance(reached.element, Dimension) and self._names.holders(reached.element.name) == [way.target.name]
        known = self._known.get(way) if alone else None
        if known is None:
            known = self._links(way, reached)
            if alone:
                self._known[way] = known
        return _name(way, reached.element, known) if known else ""

    def _links(self, way: Way, reached: Reached) -> int:
        """How many of the last links are enough; 0 where not even all are."""
        others = (
            w for name in self._names.holders(reached.element.name) for w in self._reach.ways.get(name, ()) if w.place is not way.place
        )
        apart = 0 if self._names.has_defaults else max((_common(way.links, other.links) for other in others), default=0)
        for count in range(min(1 + apart, len(way.links)), len(way.links) + 1):
            found = self._names.candidates(self._start, _name(way, reached.element, count), ()).only
            if found is not None and found.meaning == reached.meaning:
                return count
        return 0


def _name(way: Way, element: Dimension | Entity, count: int) -> str:
    return "__".join((*way.links[len(way.links) - count :], element.name))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many links at the end are the same."""
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count]:
        count += 1
    return count
