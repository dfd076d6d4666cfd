"""What a name was found to mean, and the way there."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.model.expr import Expr
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.sql.joins.links import ONE_ROW
from app.sql.joins.places import Place

__all__ = ["LOCAL", "ONE_ROW", "Hop", "Reached", "elements", "local_links"]

LOCAL = (*ONE_ROW, EntityType.NATURAL)
"""Entity types that qualify the names of a semantic model's own dimensions (MetricFlow's linkable entities)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A join to a semantic model through an entity that both have."""

    entity: str
    semantic_model: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A dimension or entity of `owner`, and the hops that lead there from where one stood; none for its own.

    `place` is where its columns stand, whatever the entities on the way are called; two of one `place` and one meaning are one thing.
    """

    owner: SemanticModel
    element: Dimension | Entity
    hops: tuple[Hop, ...] = ()
    place: Place | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The name that says the whole way: `order__customer__country`."""
        if self.hops:
            return "__".join((*self.links, self.element.name))
        if isinstance(self.element, Entity):
            return self.element.name
        return "__".join((*local_links(self.owner)[:1], self.element.name))

    @property
    def links(self) -> tuple[str, ...]:
        """The entities on the way."""
        return tuple(hop.entity for hop in self.hops)

    @property
    def expr(self) -> Expr:
        """Its expression over the columns of the owner's model."""
        return self.element.expr

    @property
    def time(self) -> Dimension | None:
        """The dimension, where it is one of time."""
        if isinstance(self.element, Dimension) and self.element.type is DimensionType.TIME:
            return self.element
        return None

    @property
    def kind(self) -> str:
        """dimension, time_dimension or entity."""
        if isinstance(self.element, Entity):
            return "entity"
        return "time_dimension" if self.time else "dimension"

    @property
    def meaning(self) -> tuple[object, ...]:
        """What is read, and where: equal for two that differ in names alone."""
        return self.place, self.element.expr, self.kind, self.time.grain if self.time else None


def local_links(model: SemanticModel) -> tuple[str, ...]:
    """The entities that may qualify the model's own dimensions, the primary one first."""
    names = [model.primary] if model.primary else []
    return tuple(dict.fromkeys((*names, *(e.name for e in model.entities if e.type in LOCAL))))


def elements(model: SemanticModel) -> dict[str, Dimension | Entity]:
    """The model's dimensions and entities by name; a dimension wins where both bear one name."""
    return {**{e.name: e for e in model.entities}, **{d.name: d for d in model.dimensions}}
