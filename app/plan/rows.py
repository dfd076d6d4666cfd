"""The rows under a step: a semantic model, the joins that its keys and filters need, and every name resolved to a column of an alias."""

from __future__ import annotations

from collections.abc import Callable

from app.errors import InternalError, Problem, UserError
from app.model.expr import Binary, Case, Column, Expr, Field, IsNull, Or, Truncate
from app.model.plan import JoinKind, Named, Rows
from app.model.query import GroupBy
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, SemanticModel
from app.model.types import DataType, DatePart, Grain
from app.plan.draft import Draft
from app.plan.hints import FILTERED, meant
from app.plan.scans import Scans
from app.plan.timeline import Ends, Timeline
from app.plan.times import Times
from app.sql.expressions.coerce import coerce, coerced_condition
from app.sql.expressions.fields import split_name
from app.sql.expressions.infer import infer
from app.sql.expressions.parts import about, resolved
from app.sql.expressions.strict import is_strict
from app.sql.expressions.walk import key_parts, replace_leaves
from app.sql.joins import Hop, JoinGraph, Place
from app.sql.joins.graph import METRIC_TIME

Valued = Callable[["RowsBuilder", Field], Expr]
"""Joins a metric by which rows are filtered, and gives its value."""

_Way = tuple[tuple[Hop, ...], tuple[Hop, ...]]
"""The hops to a semantic model, and those of the one for whose sake it is joined: equal where it is asked for itself."""


class RowsBuilder:
    """Collects what is read while keys, filters and measures are compiled; `finish` gives the Rows. One builder per step.

    With a `unit` the rows are looked at along a timeline of that grain, or at its `ends`: `metric_time` and the dimension behind it are then the timeline's clock, and
    the caller joins the rows to it by `attach`. `full` joins keep values of joined models to which nothing refers.
    """

    def __init__(
        self,
        draft: Draft,
        base: SemanticModel,
        agg_time: Dimension | None,
        *,
        unit: str = "",
        ends: Ends | None = None,
        full: bool = False,
        valued: Valued | None = None,
    ) -> None:
        self.draft, self.base, self.agg_time, self.full = draft, base, agg_time, full
        self.graph: JoinGraph = draft.graph
        self.scans = Scans(draft)
        self.timeline = Timeline(self.scans, unit, ends) if unit else None
        self.times = Times(self.scans)
        self.beside: Column | None = None
        """The time beside which rows without one of their own stand, where values are only listed."""
        self._valued = valued
        self._values: dict[Field, Expr] = {}
        self._aliases: dict[_Way, str] = {}
        self._places: dict[Place, tuple[Hop, ...]] = {}
        self._passed: dict[tuple[Hop, ...], tuple[Hop, ...]] = {}
        if base.name in self.graph.semantic_models:  # a time spine that is listed is none
            self._places[self.graph.place(base.name, ())] = ()
        self._alias(((), ()), base)

    def attach(self, on: tuple[Expr, ...]) -> None:
        """Join the rows to the timeline."""
        self.scans.join(self._aliases[((), ())], on, JoinKind.INNER)

    def key(self, item: GroupBy) -> Named:
        """A group-by item, its grain already settled, as a named expression."""
        field = Field(item.name, "", item.path, item.grain, item.date_part)
        with about(field):
            expr = self.reference(field)
        return Named(item.column, expr, infer(expr, self.type_of))

    def filter(self, condition: Expr) -> Expr:
        """A filter with every name resolved and constants fitted to what they are compared with."""

        def named(leaf: Expr) -> Expr:
            field = as_field(leaf, self.graph) if isinstance(leaf, Column) else leaf
            if not isinstance(field, Field):
                return leaf
            if field.kind == "metric":
                return self.reference(field)
            with meant(GroupBy(field.name, field.grain, field.date_part, field.path).column, self.graph, FILTERED):
                return self.reference(field)

        return resolved(condition, named, lambda made: coerced_condition(made, self.type_of))

    def measure(self, expr: Expr) -> Expr:
        """An expression over the base model's own columns, such as a measure's."""
        return coerce(self._qualified(expr, ()), self.type_of)

    def time(self) -> Expr:
        """What `metric_time` is, at no grain: the clock of the timeline, or the rows' own time. Raises UserError DM3007 where they have none."""
        if self.beside is not None:
            return self.beside
        return self.timeline.clock if self.timeline is not None else self.own_time()

    def own_time(self) -> Expr:
        """The time of the rows themselves, at no grain. Raises UserError DM3007 where they have none."""
        if self.agg_time is None:
            raise UserError(
                Problem("DM3007", f"`{self.base.name}` has no time for `metric_time`", hint="give its measures an `agg_time_dimension`")
            )
        return self._qualified(self.agg_time.expr, ())

    def reference(self, field: Field) -> Expr:
        """What a semantic reference is over the columns of these rows."""
        if field.kind == "metric":
            if self._valued is None:
                raise InternalError(Problem("DM9301", f"`Metric('{field.name}')` where no rows are filtered"))
            if field not in self._values:  # joined once: an outer join of a list would give rows without a partner twice
                self._values[field] = self._valued(self, field)
            return self._values[field]
        if field.name == METRIC_TIME and not field.path:
            return self._metric_time(field)
        reached = self.graph.resolve(self.base.name, field.name, field.path)
        time = reached.time
        if time is not None and not reached.hops and self.timeline is not None and time is self.agg_time:
            return self._metric_time(field)
        if len(key_parts(reached.expr)) > 1:
            raise UserError(
                Problem("DM3023", f"`{reached.name}` is a key of several columns, not a value", hint="name dimensions that tell its parts")
            )
        found = self._qualified(reached.expr, reached.hops)
        if time is not None:
            return self.times.at(found, time, field)
        if field.grain or field.date_part:
            raise UserError(Problem("DM3006", f"`{reached.name}` is no time dimension: it has no grain or date part"))
        return found

    def type_of(self, column: Column) -> DataType:
        """The type of a column of an alias."""
        return self.scans.type_of(column)

    def finish(self, where: Expr | None) -> Rows:
        """The rows, with the columns that were asked for."""
        return self.scans.finish(where)

    def _metric_time(self, field: Field) -> Expr:
        """`metric_time` at a grain, or a date part of it."""
        expr = self.time()
        period = self.timeline.period(field.grain) if self.timeline is not None else None
        if period is not None or self.agg_time is None:
            return period or expr
        return self.times.at(expr, self.agg_time, field)

    def _qualified(self, expr: Expr, hops: tuple[Hop, ...], leaf: tuple[Hop, ...] = ()) -> Expr:
        """An expression over a semantic model's columns as one over its alias here; the join is made where it is not yet.

        Of a row that the join did not find every dimension is NULL, also one that is computed.
        """
        hops = self._once(hops)
        way = self._way(hops, self._once(leaf) if leaf else hops)
        target = self.graph.semantic_models[hops[-1].semantic_model] if hops else self.base
        alias = self._aliases.get(way) or self._join(way, target)
        placed = self._placed(expr, alias)
        found = None if is_strict(placed) else self._found(hops, alias, target)
        return placed if found is None else Case(((found, placed),))

    def _once(self, hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
        """The first hops to one place: under whatever names it is asked for, it is joined once."""
        return self._places.setdefault(self.graph.place(self.base.name, hops), hops) if hops else hops

    def _way(self, hops: tuple[Hop, ...], leaf: tuple[Hop, ...]) -> _Way:
        """A model that is only passed is shared with others that pass it where its key is known to be unique (tests or constraints say so).

        Where only the entity's type claims it, each further target gets a chain of joins of its own, as in MetricFlow.
        """
        if not hops:
            return ((), ())
        if hops == leaf or self.full:
            return (hops, hops)
        owner = self.graph.semantic_models[hops[-1].semantic_model]
        key = frozenset(part.name for part in key_parts(_entity(owner, hops[-1].entity).expr) if isinstance(part, Column))
        model = self.graph.models.get(owner.model)
        if model is not None and key and key == frozenset(model.primary_key):
            return (hops, hops)
        return (hops, hops if self._passed.setdefault(hops, leaf) == leaf else leaf)

    def _found(self, hops: tuple[Hop, ...], alias: str, owner: SemanticModel) -> Expr | None:
        """What holds where the join found a row, None where there always is one."""
        entity = (
            hops[-1].entity if hops else next((e.name for e in owner.entities if e.type is EntityType.PRIMARY), "") if self.full else ""
        )
        if not entity:
            return None
        key = key_parts(_entity(owner, entity).expr)[0]
        return IsNull(self._placed(key, alias), negated=True)

    def _placed(self, expr: Expr, alias: str) -> Expr:
        """An expression over a semantic model's columns as one over an alias; its columns are noted as read."""
        return replace_leaves(expr, lambda leaf: self.scans.column(alias, leaf.name) if isinstance(leaf, Column) else leaf)

    def _join(self, way: _Way, target: SemanticModel) -> str:
        """Join what the last hop leads to, after what the hops before it lead to; the new alias."""
        hops, leaf = way
        before, hop = hops[:-1], hops[-1]
        origin = self.graph.semantic_models[before[-1].semantic_model] if before else self.base
        left, right = _entity(origin, hop.entity), _entity(target, hop.entity)
        own = [self._qualified(part, before, leaf) for part in key_parts(left.expr)]
        valid_at = self._valid_at(right)
        alias = self._alias(way, target)
        theirs = [self._placed(part, alias) for part in key_parts(right.expr)]
        if len(own) != len(theirs):
            raise UserError(
                Problem("DM3005", f"entity `{hop.entity}` has {len(own)} columns in `{origin.name}`, {len(theirs)} in `{target.name}`")
            )
        on: list[Expr] = [Binary("=", mine, other) for mine, other in zip(own, theirs, strict=True)]
        on += self._partitions(way, target, alias)
        if valid_at is not None:
            on += self._validity(target, alias, valid_at)
        self.scans.join(alias, tuple(on), JoinKind.FULL if self.full else JoinKind.LEFT, hop.entity)
        return alias

    def _valid_at(self, right: Entity) -> Expr | None:
        """The time at which a row of a slowly changing dimension must have been valid: the event's own time.

        None where the key alone gives one row, and where values are only listed: every value that ever held is one.
        """
        if right.type is not EntityType.NATURAL or self.full:
            return None
        return self.own_time()

    def _validity(self, target: SemanticModel, alias: str, at: Expr) -> list[Expr]:
        """The validity window (SCD type 2): from its start on, before its end; an open end is NULL."""
        begins = next(d for d in target.dimensions if d.validity == "start")
        ends = next(d for d in target.dimensions if d.validity == "end")
        start, end = self._placed(begins.expr, alias), self._placed(ends.expr, alias)
        return [Binary(">=", at, start), Or((Binary("<", at, end), IsNull(end)))]

    def _partitions(self, way: _Way, target: SemanticModel, alias: str) -> list[Expr]:
        """A partition dimension belongs to the join where the way so far has one of its name, the nearest first (MetricFlow's partition joins)."""
        hops, leaf = way
        pairs: list[Expr] = []
        for dimension in target.dimensions:
            if not dimension.is_partition:
                continue
            for length in range(len(hops) - 1, -1, -1):
                passed = hops[:length]
                model = self.graph.semantic_models[passed[-1].semantic_model] if passed else self.base
                held = next((d for d in model.dimensions if d.is_partition and d.name == dimension.name), None)
                if held is not None:
                    mine, other = self._qualified(held.expr, passed, leaf), self._placed(dimension.expr, alias)
                    if dimension.type is DimensionType.TIME:
                        grain = max(held.grain or Grain.DAY, dimension.grain or Grain.DAY, key=lambda g: g.order)
                        mine, other = Truncate(mine, grain), Truncate(other, grain)
                    pairs.append(Binary("=", mine, other))
                    break
        return pairs

    def _alias(self, way: _Way, model: SemanticModel) -> str:
        """Open a semantic model under its own name, else one that says the way."""
        path = "__".join((*(hop.entity for hop in way[0]), model.name))
        alias = self.scans.model(model.model, model.name, model.model.rpartition(".")[2], path)
        self._aliases[way] = alias
        return alias


def as_field(column: Column, graph: JoinGraph) -> Field:
    """A column in a filter is a semantic name with its grain or date part: `metric_time__day`."""
    name, grain, part = split_name("__".join(p for p in (column.table, column.name) if p), graph.custom_grains)
    return Field(name, "", (), grain, DatePart(part) if part else None)


def _entity(model: SemanticModel, name: str) -> Entity:
    """The entity of that name."""
    return next(entity for entity in model.entities if entity.name == name)
