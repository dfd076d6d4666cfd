"""What a name was found to mean, and the way there."""

from __future__ import annotations

from dataclasses import dataclass

from app.model.expr import Expr
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel

ONE_ROW = (EntityType.PRIMARY, EntityType.UNIQUE)
"""Entity types of which a value stands for at most one row: only onto these is joined, so no join repeats rows."""

LOCAL = (*ONE_ROW, EntityType.NATURAL)
"""Entity types that qualify the names of a semantic model's own dimensions (MetricFlow's linkable entities)."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A join to a semantic model through an entity that both have."""

    entity: str
    semantic_model: str


@dataclass(frozen=True, slots=True)
class Reached:
    """A dimension or entity of `owner`, and the hops that lead there from where one stood; none for its own."""

    owner: SemanticModel
    element: Dimension | Entity
    hops: tuple[Hop, ...] = ()

    @property
    def name(self) -> str:
        """The name that says the whole way: `order__customer__country`."""
        if self.hops:
            return "__".join((*(hop.entity for hop in self.hops), self.element.name))
        return self.element.name if isinstance(self.element, Entity) else self.owner.dunder(self.element.name)

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


def local_links(model: SemanticModel) -> tuple[str, ...]:
    """The entities that may qualify the model's own dimensions, the primary one first."""
    names = [model.primary] if model.primary else []
    return tuple(dict.fromkeys((*names, *(e.name for e in model.entities if e.type in LOCAL))))


def elements(model: SemanticModel) -> dict[str, Dimension | Entity]:
    """The model's dimensions and entities by name; a dimension wins where both bear one name."""
    return {**{e.name: e for e in model.entities}, **{d.name: d for d in model.dimensions}}
