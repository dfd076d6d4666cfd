"""The rows of the tables, and what a name means for one of them: entities are followed link by link, each to the one row that it stands for."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.model import expr as x
from app.model.ontology import Ontology
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.model.types import Grain
from app.sql.expressions.fields import split_name
from tests.goldens.business import TABLES
from tests.goldens.evaluate import cut, evaluate, moment

Row = dict[str, Any]
Key = tuple[Any, ...]


class Place(NamedTuple):
    """Where a name leads from a semantic model: the models passed, itself first and the owner last, the entities between them, and the element."""

    models: tuple[SemanticModel, ...]
    links: tuple[str, ...]
    element: Dimension | Entity


class Names:
    """Names over the rows of an ontology's tables."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.rows: dict[str, list[Row]] = {
            name: [dict(zip([c for c, _ in columns], row, strict=True)) for row in rows] for name, (columns, rows) in TABLES.items()
        }
        self.custom = {name: spine for spine in ontology.time_spines for name, _ in spine.custom}
        self._places: dict[Any, Place] = {}

    def model(self, name: str) -> SemanticModel:
        """The semantic model of that name."""
        found = self.ontology.semantic_model(name)
        assert found is not None
        return found

    def field(self, leaf: Any) -> x.Field:
        """A bare name in a filter as the reference that it stands for."""
        if isinstance(leaf, x.Field):
            return leaf
        name, grain, _part = split_name("__".join(p for p in (leaf.table, leaf.name) if p), self.custom)
        return x.Field(name, grain=grain)

    def graded(self, value: Any, leaf: Any, finest: Grain) -> Any:
        """A time at the grain or date part that a reference asks for; of a custom one the period in whose days it lies."""
        if leaf.grain in self.custom:
            return None if value is None else self.period(moment(value).date(), leaf.grain)
        return cut(value, leaf, finest)

    def period(self, day: Any, grain: str) -> Any:
        """The custom calendar's period of a day, None beyond the calendar."""
        spine = self.custom[grain]
        return next((row[grain] for row in self.rows[spine.model] if row[spine.column] == day), None)

    # --- from a row to what a name means for it

    def value(self, model: SemanticModel, row: Row | None, leaf: x.Field, time: str) -> Any:
        """What a dimension or entity is for a row of a semantic model whose time is `time`."""
        place = self.place(model, leaf)
        event = self.own(model, row, time) if time and row is not None else None
        passed: list[tuple[SemanticModel, Row | None]] = [(model, row)]
        for link, target in zip(place.links, place.models[1:], strict=True):
            passed.append((target, self.partner(passed, link, target, event)))
        return self.read(passed[-1][1], place.element, leaf)

    def read(self, row: Row | None, element: Dimension | Entity, leaf: x.Field) -> Any:
        """An element of a row at the grain asked for; of no row nothing is known."""
        if row is None:
            return None
        value = evaluate(element.expr, lambda c: row[c.name])
        if isinstance(element, Dimension) and element.type is DimensionType.TIME:
            return self.graded(value, leaf, element.grain or Grain.DAY)
        return value

    def own(self, model: SemanticModel, row: Row, dimension: str) -> Any:
        """A dimension of the row itself."""
        found = next(d for d in model.dimensions if d.name == dimension)
        return evaluate(found.expr, lambda c: row[c.name])

    def partner(self, passed: list[tuple[SemanticModel, Row | None]], link: str, target: SemanticModel, event: Any) -> Row | None:
        """The one row of `target` that the last row passed refers to; `event` is when, for rows that hold for a time."""
        found = [row for row in self.rows[target.model] if self.refers(passed, link, target, row, event)]
        assert len(found) <= 1, (link, found)
        return found[0] if found else None

    def refers(self, passed: list[tuple[SemanticModel, Row | None]], link: str, target: SemanticModel, row: Row, event: Any) -> bool:
        """Whether a row of `target` is the one meant: the same key without NULLs, of the same partition, and valid at the time."""
        model, mine = passed[-1]
        if mine is None:
            return False
        key, entity = self.key(model, mine, link), _entity(target, link)
        if None in key or key != self.key(target, row, link):
            return False
        if entity.type is EntityType.NATURAL and event is not False:
            begins, ends = (next(d for d in target.dimensions if d.validity == v) for v in ("start", "end"))
            since, until = (moment(evaluate(d.expr, lambda c: row[c.name])) for d in (begins, ends))
            if event is None or moment(event) < since or (until is not None and moment(event) >= until):
                return False
        for partition in (d for d in target.dimensions if d.is_partition):
            for before, there in reversed(passed):
                if any(d.is_partition and d.name == partition.name for d in before.dimensions):
                    held = self.own(before, there, partition.name) if there is not None else None
                    if held is None or held != self.own(target, row, partition.name):
                        return False
                    break
        return True

    @staticmethod
    def key(model: SemanticModel, row: Row, link: str) -> Key:
        """The values of an entity's columns."""
        expr = _entity(model, link).expr
        parts = expr.args if isinstance(expr, x.Call) and expr.name == "tuple" else (expr,)
        return tuple(evaluate(part, lambda c: row[c.name]) for part in parts)

    # --- where a name leads

    def place(self, model: SemanticModel, leaf: x.Field) -> Place:
        """Where a name leads: to what bears it in full, else to the only thing within two joins whose full name ends with it."""
        known = self._places.get((model.name, leaf.name, leaf.path))
        if known is None:
            *links, element = (*leaf.path, *leaf.name.split("__"))
            places = [p for way in self._ways(model, 4) if (p := _at(way, element)) is not None]
            exact = [p for p in places if _full(p) == (*links, element) or (not p.links and links == [_local(p.models[0], links)])]
            ends = [p for p in places if len(p.links) <= 2 and _full(p)[-len(links) - 1 :] == (*links, element)]
            several = {_full(p): p for p in (exact or ends)}
            assert len(several) == 1, (model.name, leaf, several)
            known = self._places[(model.name, leaf.name, leaf.path)] = next(iter(several.values()))
        return known

    def _ways(self, model: SemanticModel, most: int) -> list[Place]:
        """Every way from a semantic model through entities to others, without coming back."""
        ways = edge = [Place((model,), (), model.entities[0])]
        for _ in range(most):
            edge = [
                Place((*way.models, target), (*way.links, entity.name), entity)
                for way in edge
                for entity in way.models[-1].entities
                for target in self.ontology.semantic_models
                if target not in way.models and _leads(entity, target) and entity.name not in way.links
            ]
            ways = [*ways, *edge]
        return ways


def _leads(entity: Entity, target: SemanticModel) -> bool:
    """Whether an entity leads to one row of a semantic model."""
    other = next((e for e in target.entities if e.name == entity.name), None)
    if other is None or other.type is EntityType.FOREIGN:
        return False
    return not (other.type is EntityType.NATURAL and entity.type is EntityType.NATURAL)


def _at(way: Place, element: str) -> Place | None:
    """The way with the element of that name at its end."""
    owner = way.models[-1]
    found = next((e for e in (*owner.dimensions, *owner.entities) if e.name == element), None)
    if found is None or (way.links and element == way.links[-1]):
        return None
    return Place(way.models, way.links, found)


def _full(place: Place) -> tuple[str, ...]:
    """The whole name by which a place goes."""
    if place.links or isinstance(place.element, Entity):
        return (*place.links, place.element.name)
    owner = place.models[-1]
    return (owner.primary, place.element.name) if owner.primary else (place.element.name,)


def _local(model: SemanticModel, links: list[str]) -> str:
    """The entity of those links that stands for the rows of the model itself."""
    own = {e.name for e in model.entities if e.type is not EntityType.FOREIGN}
    return links[0] if len(links) == 1 and links[0] in own else ""


def _entity(model: SemanticModel, name: str) -> Entity:
    return next(e for e in model.entities if e.name == name)
