"""Whether a name means one dimension from several semantic models: what metrics of different facts are grouped and filtered by together."""

from __future__ import annotations

from collections.abc import Collection

from app.model.semantics import Dimension, Entity
from app.sql.joins.reached import Reached, local_links

Name = tuple[str, ...]


def agree(found: Collection[Reached]) -> bool:
    """Whether all are one thing: the same column (or entity) under one name, of which some facts say more than others because they stand further off.

    `customer__country` of orders is `order__customer__country` of their lines; the country of the customer is not that of the store, even where both
    lie in one table.
    """
    every = list(found)
    if len({_thing(reached) for reached in every}) > 1:
        return False
    whole = max((_names(reached) for reached in every), key=lambda names: max(map(len, names)), default=set())
    return any(all(any(_ends(long, short) for short in _names(reached)) for reached in every) for long in whole)


def _thing(reached: Reached) -> tuple[object, ...]:
    """What is read, wherever one comes from; an entity is the same in every model."""
    if isinstance(reached.element, Entity):
        return "entity", reached.element.name
    return reached.owner.model, reached.element.expr, reached.kind, reached.time.grain if reached.time else None


def _names(reached: Reached) -> set[Name]:
    """The whole names by which it goes: one's own bears each entity of which there is a row each, and none."""
    if reached.hops:
        return {(*reached.links, reached.element.name)}
    if isinstance(reached.element, Dimension):
        return {(link, reached.element.name) for link in local_links(reached.owner)} or {(reached.element.name,)}
    return {(reached.element.name,)}


def _ends(long: Name, short: Name) -> bool:
    """Whether one name ends with the other, whichever is longer."""
    least = min(len(long), len(short))
    return long[len(long) - least :] == short[len(short) - least :]
