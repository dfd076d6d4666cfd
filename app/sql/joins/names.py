"""What a name may mean from a semantic model: as MetricFlow reads it, else everything in reach, at any depth, whose whole name ends with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.model.semantics import Dimension, Entity, SemanticModel
from app.sql.expressions.walk import key_parts
from app.sql.joins.defaults import Defaults
from app.sql.joins.links import Link, Links
from app.sql.joins.places import Places
from app.sql.joins.reach import Allowed, Reach, may_pass, reach
from app.sql.joins.reached import Reached, local_links
from app.sql.joins.ways import Way, follow

Elements = Mapping[str, Mapping[str, Dimension | Entity]]


@dataclass(frozen=True, slots=True)
class Candidates:
    """All that a name may mean, the nearest first, each meaning once; without `whole` there is more than is listed."""

    found: tuple[Reached, ...] = ()
    whole: bool = True

    @property
    def only(self) -> Reached | None:
        """The one thing that is meant, None where there are none or several."""
        return self.found[0] if len(self.found) == 1 and self.whole else None


class Names:
    """Resolves names over the joins of a layer. What it found of a start is kept; threads share it."""

    __slots__ = ("_by_default", "_defaults", "_elements", "_holders", "_links", "_models", "_places", "_reach")

    def __init__(self, models: Mapping[str, SemanticModel], elements: Elements, links: Links, places: Places) -> None:
        self._models, self._elements, self._links, self._places = models, elements, links, places
        self._defaults = Defaults(models)
        self._holders: dict[str, list[str]] = {}
        for name in sorted(elements):
            for element in elements[name]:
                self._holders.setdefault(element, []).append(name)
        self._reach: dict[str, Reach] = {}
        self._by_default: dict[str, Reach] = {}

    @property
    def has_defaults(self) -> bool:
        """Whether some model names a default path."""
        return bool(self._defaults)

    def holders(self, element: str) -> list[str]:
        """The semantic models that have a dimension or entity of that name."""
        return self._holders.get(element, [])

    def reach(self, start: str) -> Reach:
        """What joins lead to from a semantic model."""
        known = self._reach.get(start)
        if known is None:
            known = self._reach[start] = reach(self._models[start], self._links, self._places)
        return known

    def follow(self, start: str, links: Sequence[str]) -> list[Way]:
        """Where entity links lead, none of them left out."""
        model = self._models[start]
        return follow([Way(model, self._places.start(model))], links, self._links, self._places, _is_new)[0]

    def candidates(self, start: str, name: str, path: tuple[str, ...]) -> Candidates:
        """What a name may mean. A default path decides between several, never against what a name says."""
        *links, element = (*path, *name.split("__"))
        exact = self._exact(start, tuple(links), element)
        if exact.found or path:
            return exact
        several = self._shorter(self.reach(start), start, tuple(links), element)
        if self._defaults and any(self._defaults.is_lost(start, one.hops) for one in several.found):
            return Candidates()
        if self._defaults and several.only is None and (several.found or not several.whole):
            settled = self._shorter(self._default_reach(start), start, tuple(links), element, self._defaults.obeyed)
            return settled if settled.only is not None else several
        return several

    def at(self, way: Way) -> Iterable[Reached]:
        """The elements of the semantic model at the end of a way, without the key by which it is joined."""
        for held in self._elements[way.target.name].values():
            if not (way.hops and _is_key(held, way)):
                yield Reached(way.target, held, way.hops, way.place)

    def _default_reach(self, start: str) -> Reach:
        known = self._by_default.get(start)
        if known is None:
            known = self._by_default[start] = reach(self._models[start], self._links, self._places, self._defaults.obeyed)
        return known

    def _exact(self, start: str, links: tuple[str, ...], element: str) -> Candidates:
        """What bears the name as MetricFlow reads it: one's own first, else what the links lead to."""
        model, own = self._models[start], self._elements[start].get(element)
        place = self._places.start(model)
        if not links:
            alone = isinstance(own, Entity) or not local_links(model)  # what no entity qualifies has no longer name
            return Candidates((Reached(model, own, (), place),)) if own is not None and alone else Candidates()
        if len(links) == 1 and own is not None and element != links[0] and links[0] in local_links(model):
            return Candidates((Reached(model, own, (), place),))
        if element == links[-1]:
            return Candidates()
        ways, whole = follow([Way(model, place)], links, self._links, self._places, _is_new)
        return self._ends(ways, element, whole=whole)

    def _shorter(
        self, found: Reach, start: str, links: tuple[str, ...], element: str, allowed: Allowed = lambda _way, _link: True
    ) -> Candidates:
        """Everything in reach, by joins that are `allowed`, whose whole name ends with the one given."""
        if not links:
            held = [name for name in self.holders(element) if name in found.ways]
            near = [way for name in held for way in found.ways[name]]
            return self._ends(near, element, whole=not any(name in found.crowded for name in held), keys=False)
        whole = True
        ends: list[Way] = []
        model = self._models[start]
        for name, ways in found.ways.items():
            if name == start or not self._links.through(self._models[name], links[0]):
                continue
            walked, all_told = follow(
                ways, links, self._links, self._places, lambda way, link: may_pass(way, link, model, self._links) and allowed(way, link)
            )
            ends += walked
            whole = whole and all_told
            if name in found.crowded and self._leads(name, links, element):
                whole = False
        return self._ends(ends, element, whole=whole, keys=False)

    def _leads(self, name: str, links: tuple[str, ...], element: str) -> bool:
        """Whether the links lead from a semantic model to an element, wherever one comes from."""
        model = self._models[name]
        ways, _ = follow([Way(model, self._places.start(model))], links, self._links, self._places, lambda _way, _link: True)
        return any(element in self._elements[way.target.name] for way in ways)

    def _ends(self, ways: Iterable[Way], element: str, *, whole: bool, keys: bool = True) -> Candidates:
        """The element at the ends of ways, each meaning once; without `keys` not where it is the key by which it is joined."""
        found: dict[object, Reached] = {}
        for way in sorted(ways, key=lambda way: (len(way.hops), way.links, way.target.name)):
            held = self._elements[way.target.name].get(element)
            if held is not None and (keys or not way.hops or not _is_key(held, way)):
                reached = Reached(way.target, held, way.hops, way.place)
                found.setdefault(reached.meaning, reached)
        return Candidates(tuple(found.values()), whole)


def _is_key(held: Dimension | Entity, way: Way) -> bool:
    """Whether an element is the very key by which its model is joined: whoever asks for it means the column that leads there."""
    return isinstance(held, Entity) and (held.name == way.hops[-1].entity or key_parts(held.expr) == way.key)


def _is_new(way: Way, link: Link) -> bool:
    """Whether a join leads to a semantic model that the way has not passed: MetricFlow's only rule for a name that says the whole way."""
    return all(link.target.name != at.target.name for at in way.back())
