"""The joins that there are: from each semantic model through its entities to others. Nothing here says how far one may go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.model.expr import Expr
from app.model.semantics import Entity, EntityType, SemanticModel
from app.model.types import DataType
from app.sql.expressions.walk import key_parts
from app.sql.joins.keys import misfit

ColumnType = Callable[[str, str], DataType]
"""The type of a column of a dbt model."""

ONE_ROW = (EntityType.PRIMARY, EntityType.UNIQUE)
"""Entity types of which a value stands for at most one row: only onto these is joined, so no join repeats rows."""


@dataclass(frozen=True, slots=True)
class Link:
    """One join: through an entity to `target`, where `own` equals its `key` part by part.

    Of a slowly changing dimension `validity` holds the start and the end between which the time of the rows must lie, else nothing.
    """

    entity: str
    target: SemanticModel
    own: tuple[Expr, ...]
    key: tuple[Expr, ...]
    validity: tuple[Expr, ...] = ()


class Links:
    """The joins between semantic models. Each leads to at most one row: the target's entity is primary or unique, or natural with a validity window."""

    __slots__ = ("_column_type", "_entities", "_known", "_providers", "_starting", "semantic_models")

    def __init__(self, semantic_models: Mapping[str, SemanticModel], column_type: ColumnType) -> None:
        self.semantic_models = semantic_models
        self._column_type = column_type
        self._entities = {name: {e.name: e for e in model.entities} for name, model in semantic_models.items()}
        self._providers: dict[str, list[SemanticModel]] = {}
        for _, model in sorted(semantic_models.items()):
            for entity in model.entities:
                if entity.type in ONE_ROW or (entity.type is EntityType.NATURAL and is_dated(model)):
                    self._providers.setdefault(entity.name, []).append(model)
        self._known: dict[str, dict[str, tuple[Link, ...]]] = {}
        self._starting: dict[str, tuple[SemanticModel, ...]] = {}

    def of(self, model: SemanticModel) -> dict[str, tuple[Link, ...]]:
        """The joins from a semantic model by entity, entities that lead nowhere left out; both in the order of names."""
        known = self._known.get(model.name)
        if known is None:
            found = {name: tuple(self._through(model, entity)) for name, entity in sorted(self._entities[model.name].items())}
            known = self._known[model.name] = {name: links for name, links in found.items() if links}
        return known

    def through(self, model: SemanticModel, entity: str) -> tuple[Link, ...]:
        """The joins through one entity."""
        return self.of(model).get(entity, ())

    def starting(self, entity: str) -> tuple[SemanticModel, ...]:
        """The semantic models from which joins go through an entity."""
        known = self._starting.get(entity)
        if known is None:
            held = (model for _, model in sorted(self.semantic_models.items()) if entity in self._entities[model.name])
            known = self._starting[entity] = tuple(model for model in held if self.through(model, entity))
        return known

    def entity(self, model: SemanticModel, name: str) -> Entity | None:
        """The entity of that name, as a semantic model declares it."""
        return self._entities[model.name].get(name)

    def providers(self, entity: str) -> list[SemanticModel]:
        """The semantic models in which one row bears the entity, at a time."""
        return self._providers.get(entity, [])

    def fits(self, model: SemanticModel, target: SemanticModel, entity: str) -> bool:
        """Whether the keys of both can be compared."""
        one, other = self._entities[model.name][entity], self._entities[target.name][entity]
        return (
            misfit(
                one.expr,
                other.expr,
                lambda column: self._column_type(model.model, column.name),
                lambda column: self._column_type(target.model, column.name),
            )
            is None
        )

    def _through(self, model: SemanticModel, entity: Entity) -> list[Link]:
        found = []
        for target in self.providers(entity.name):
            other = self._entities[target.name][entity.name]
            if target.name == model.name or (entity.type is EntityType.NATURAL and other.type is EntityType.NATURAL):
                continue  # of two histories neither says which time of the other is meant
            if self.fits(model, target, entity.name):
                found.append(
                    Link(
                        entity.name,
                        target,
                        key_parts(entity.expr),
                        key_parts(other.expr),
                        validity(target) if other.type is EntityType.NATURAL else (),
                    )
                )
        return found


def is_dated(model: SemanticModel) -> bool:
    """Whether each of its rows holds for a time (SCD type 2): of one natural key there are several, of which one is valid at a time."""
    return {dimension.validity for dimension in model.dimensions} >= {"start", "end"}


def validity(model: SemanticModel) -> tuple[Expr, Expr]:
    """From when and until when a row holds, of a model that is dated."""
    start, end = (next(d.expr for d in model.dimensions if d.validity == which) for which in ("start", "end"))
    return start, end
