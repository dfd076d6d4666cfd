"""A way: the joins from a semantic model's rows to another's, and the ways that a row of entity links leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.model.expr import Expr
from app.model.semantics import SemanticModel
from app.sql.joins.links import Link, Links
from app.sql.joins.places import Place, Places
from app.sql.joins.reached import Hop

MOST_WAYS = 8
"""Ways to one semantic model that are told apart and listed; that there are more is known, and what they are is not asked."""


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Where one stands after some joins: `key` is that by which the last one was made, `passed` are the dbt models joined on the way, this one included."""

    target: SemanticModel
    place: Place
    hops: tuple[Hop, ...] = ()
    before: Way | None = None
    key: tuple[Expr, ...] = ()
    passed: frozenset[str] = frozenset()

    @property
    def links(self) -> tuple[str, ...]:
        """The entities on the way."""
        return tuple(hop.entity for hop in self.hops)

    def back(self) -> Iterator[Way]:
        """This way, then each before it, down to where it starts."""
        at: Way | None = self
        while at is not None:
            yield at
            at = at.before

    def models(self) -> list[SemanticModel]:
        """The semantic models on the way, the start first."""
        return [way.target for way in self.back()][::-1]


def along(way: Way, link: Link, places: Places) -> Way:
    """One join further."""
    return Way(
        link.target,
        places.after(way.place, link, way.models),
        (*way.hops, Hop(link.entity, link.target.name)),
        way,
        link.key,
        way.passed | {link.target.model},
    )


def follow(
    ways: Sequence[Way], names: Sequence[str], links: Links, places: Places, may: Callable[[Way, Link], bool]
) -> tuple[list[Way], bool]:
    """Where entity links lead from these ways, by joins that are allowed; and whether that is all, or there are more than are told apart."""
    whole = True
    at = list(ways)
    for name in names:
        found: dict[tuple[str, Place], Way] = {}
        count: dict[str, int] = {}
        for way in at:
            for link in links.through(way.target, name):
                if not may(way, link):
                    continue
                made = along(way, link, places)
                key = (made.target.name, made.place)
                if key in found:
                    continue
                if count.get(made.target.name, 0) == MOST_WAYS:
                    whole = False
                    continue
                count[made.target.name] = count.get(made.target.name, 0) + 1
                found[key] = made
        at = list(found.values())
    return at, whole
