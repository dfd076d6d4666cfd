"""On what a metric's filters stand: dimensions, and the keys of the way by which they are reached."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import UserError
from app.model.expr import Column, Expr, Field
from app.model.lineage import Kind, Link, Point, Reason, Role
from app.model.metrics import MeasureInput
from app.model.ontology import Ontology
from app.model.semantics import Dimension, Entity, EntityType, SemanticModel
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import columns, fields
from app.sql.joins import Hop, JoinGraph
from app.sql.joins.graph import METRIC_TIME
from app.sql.joins.reached import Reached


class Filters:
    """Resolves the names of filters as the planner does, from the semantic models of the measures that they hold for."""

    def __init__(self, ontology: Ontology, joins: JoinGraph) -> None:
        self._ontology = ontology
        self._joins = joins

    def links(self, condition: Expr | None, given: Sequence[MeasureInput]) -> list[Link]:
        """What a filter reads of the rows of each of the measures."""
        if condition is None:
            return []
        names = (*fields(condition), *(self._field(column) for column in columns(condition)))
        return [link for one in given for field in names for link in self._of_field(field, one)]

    def element(self, semantic_model: str, name: str, role: Role) -> list[Link]:
        """A dimension or entity of a semantic model by its own name, else what the name leads to from there."""
        held = self._joins.elements.get(semantic_model, {}).get(name)
        if held is not None:
            return [Link(role, _point(held, semantic_model))]
        return self._reached(semantic_model, Field(name), role)

    def items(self, fields_: Sequence[Field], given: Sequence[MeasureInput], role: Role) -> list[Link]:
        """What group-by items read of the rows of each of the measures."""
        return [link for one in given for field in fields_ for link in self._of_field(field, one, role)]

    def _field(self, column: Column) -> Field:
        """A bare name in a filter is a semantic one, with its grain."""
        return Field(split_name("__".join(part for part in (column.table, column.name) if part), self._joins.custom_grains)[0])

    def _of_field(self, field: Field, given: MeasureInput, role: Role = Role.FILTER) -> list[Link]:
        if given.semantic_model not in self._joins.semantic_models:
            return _unknown(field.name, given.semantic_model)
        if field.kind == "metric":
            return self._metric(field, given)
        if field.name == METRIC_TIME and not field.path:
            time = self._joins.agg_time(given.semantic_model, given.measure)
            found = [Link(role, _point(time, given.semantic_model))] if time else _unknown(field.name, given.semantic_model)
        else:
            found = self._reached(given.semantic_model, field, role)
        custom = self._joins.custom_grains.get(field.grain)
        return found if custom is None else [*found, Link(role, Point(Kind.TIME_SPINE, custom.model))]

    def _metric(self, field: Field, given: MeasureInput) -> list[Link]:
        """A metric by which rows are filtered, joined by its group-by items."""
        found = [Link(Role.FILTER, Point(Kind.METRIC, field.name))]
        try:
            own = self._joins.grouped_inputs(field.name)
            items = [self._joins.group_by(item) for item in field.group_by]
        except UserError as error:
            return [*found, *_unknown(field.name, given.semantic_model, error.problem.message)]
        for item in items:
            name = Field(item.name, "", item.path)
            here = name if self._joins.find(given.semantic_model, item.name, item.path) else Field(item.name.rpartition("__")[2])
            found += self._of_field(here, given, Role.JOIN)
            found += [link for one in own for link in self._of_field(name, one, Role.JOIN)]
        return found

    def _reached(self, semantic_model: str, field: Field, role: Role) -> list[Link]:
        """A dimension or entity, and the keys of each join on the way."""
        if semantic_model not in self._joins.semantic_models:
            return _unknown(field.name, semantic_model)
        try:
            reached = self._joins.resolve(semantic_model, field.name, field.path)
        except UserError as error:
            return _unknown(field.name, semantic_model, error.problem.message)
        return [Link(role, _point(reached.element, reached.owner.name)), *self._way(semantic_model, reached)]

    def _way(self, start: str, reached: Reached) -> list[Link]:
        """The joins to what was reached: both sides' keys, partitions and validity windows, and the rows that are joined."""
        found: list[Link] = []
        passed = [self._joins.semantic_models[start]]
        for hop in reached.hops:
            target = self._joins.semantic_models[hop.semantic_model]
            found += self._hop(passed, hop, target)
            passed.append(target)
        return found

    def _hop(self, passed: Sequence[SemanticModel], hop: Hop, target: SemanticModel) -> list[Link]:
        found = [Link(Role.JOIN, Point(Kind.ENTITY, hop.entity, side.name)) for side in (passed[-1], target)]
        if self._ontology.model(target.model) is not None:
            found.append(Link(Role.JOIN, Point(Kind.ROWS, owner=target.model)))
        entity = next((one for one in target.entities if one.name == hop.entity), None)
        if entity is not None and entity.type is EntityType.NATURAL:
            found += [Link(Role.JOIN, _point(one, target.name)) for one in target.dimensions if one.validity]
        for dimension in target.dimensions:
            for side in passed if dimension.is_partition else ():
                found += [
                    Link(Role.JOIN, _point(one, side.name)) for one in side.dimensions if one.is_partition and one.name == dimension.name
                ]
                found.append(Link(Role.JOIN, _point(dimension, target.name)))
        return found


def _point(held: Dimension | Entity, owner: str) -> Point:
    """The point of a dimension or entity."""
    return Point(Kind.ENTITY if isinstance(held, Entity) else Kind.DIMENSION, held.name, owner)


def _unknown(name: str, semantic_model: str, detail: str = "") -> list[Link]:
    """A name that leads nowhere."""
    why = detail or f"`{name}` means nothing in `{semantic_model}`"
    return [Link(Role.FILTER, Point(Kind.UNKNOWN, name, semantic_model, Reason.MEANING, why))]
