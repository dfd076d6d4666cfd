"""The rows under an aggregate: a base model, the joins that its keys and filters need, and every name resolved to a column of an alias."""

from __future__ import annotations

from app.errors import InternalError, Problem, UserError
from app.model.expr import Call, Case, Column, Expr, Extract, Field, IsNull, Truncate
from app.model.plan import JoinTo, Named, Rows, Source
from app.model.query import GroupBy
from app.model.semantics import Dimension, Entity, EntityType, SemanticModel
from app.model.types import DataType, DatePart, Grain
from app.plan.coerce import coerce
from app.plan.problems import not_served
from app.sql.expressions.fields import split_name
from app.sql.expressions.infer import infer
from app.sql.expressions.strict import is_strict
from app.sql.expressions.walk import replace_leaves
from app.sql.joins import Hop, JoinGraph, Reached
from app.sql.joins.graph import METRIC_TIME


class RowsBuilder:
    """Collects what is read while keys, filters and measures are compiled; `finish` gives the Rows. One builder per aggregate.

    `taken` are names that no alias may have: the result's columns, because ClickHouse would look there first.
    """

    def __init__(
        self, joins: JoinGraph, base: SemanticModel, agg_time: Dimension | None, taken: frozenset[str], *, full: bool = False
    ) -> None:
        self.full = full
        self.graph, self.base, self.agg_time = joins, base, agg_time
        self._taken = set(taken)
        self._aliases: dict[tuple[Hop, ...], str] = {}
        self._models: dict[str, str] = {}
        self._columns: dict[str, dict[str, DataType]] = {}
        self._joins: dict[tuple[Hop, ...], tuple[str, tuple[tuple[Expr, Expr], ...]]] = {}
        self._alias((), base)

    def key(self, item: GroupBy) -> Named:
        """A group-by item, its grain already settled, as a named expression."""
        expr = self.reference(Field(item.name, "", item.path, item.grain, item.date_part))
        return Named(item.column, expr, infer(expr, self.type_of))

    def filter(self, condition: Expr) -> Expr:
        """A filter with every name resolved and constants fitted to what they are compared with."""

        def resolved(leaf: Expr) -> Expr:
            if isinstance(leaf, Field):
                return self.reference(leaf)
            if isinstance(leaf, Column):
                name, grain, part = split_name("__".join(p for p in (leaf.table, leaf.name) if p), self.graph.custom_grains)
                return self.reference(Field(name, "", (), grain, DatePart(part) if part else None))
            return leaf

        return coerce(replace_leaves(condition, resolved), self.type_of)

    def measure(self, expr: Expr) -> Expr:
        """A measure's expression over the base model."""
        return coerce(self._qualified(expr, (), self.base), self.type_of)

    def time(self) -> Expr:
        """The column behind `metric_time`, at no grain. Raises UserError DM3007 where the measure has none."""
        if self.agg_time is None:
            raise UserError(
                Problem("DM3007", f"`{self.base.name}` has no time for `metric_time`", hint="give its measures an `agg_time_dimension`")
            )
        return self._qualified(self.agg_time.expr, (), self.base)

    def reference(self, field: Field) -> Expr:
        """What a semantic reference is over the columns of these rows."""
        if field.kind == "metric":
            raise not_served("filters by a metric", f"`Metric('{field.name}')`")
        if field.name == METRIC_TIME and not field.path:
            return self._timed(self.time(), self._agg_time(), field)
        reached = self.graph.resolve(self.base.name, field.name, field.path)
        found = self._qualified(reached.expr, reached.hops, reached.owner)
        time = reached.time
        if time is not None:
            return self._timed(found, time, field)
        if field.grain or field.date_part:
            raise UserError(Problem("DM3006", f"`{reached.name}` is no time dimension: it has no grain or date part"))
        return found

    def type_of(self, column: Column) -> DataType:
        """The type of a column of an alias."""
        return self._columns.get(column.table, {}).get(column.name, DataType.OTHER)

    def finish(self, where: Expr | None) -> Rows:
        """The rows, with the columns that were asked for."""
        joins = tuple(JoinTo(self._source(alias), on, hops[-1].entity, self.full) for hops, (alias, on) in self._joins.items())
        return Rows(self._source(self._aliases[()]), joins, where)

    def _agg_time(self) -> Dimension:
        """The time dimension behind `metric_time`, which `time` has found to be there."""
        if self.agg_time is None:
            raise InternalError(Problem("DM9302", "metric_time was used where there is none"))
        return self.agg_time

    def _timed(self, expr: Expr, dimension: Dimension, field: Field) -> Expr:
        """A time dimension at a grain, or a date part of it."""
        finest = dimension.grain or Grain.DAY
        if field.date_part:
            if _PART_GRAIN[field.date_part].order < finest.order:
                raise UserError(Problem("DM3006", f"`{field.name}` is kept by {finest}: it has no {field.date_part}"))
            return Extract(expr, field.date_part)
        if field.grain in self.graph.custom_grains:
            raise not_served("custom granularities", f"`{field.name}__{field.grain}`")
        if field.grain and field.grain not in STANDARD_GRAINS:
            known = ", ".join(grain.value for grain in Grain)
            raise UserError(Problem("DM3006", f"there is no grain `{field.grain}`", hint=f"one of {known}"))
        grain = Grain(field.grain) if field.grain else finest
        if grain.order < finest.order:
            raise UserError(Problem("DM3006", f"`{field.name}` is kept by {finest}: it has no {grain}", hint=f"ask by {finest} or coarser"))
        return Truncate(expr, grain)

    def _qualified(self, expr: Expr, hops: tuple[Hop, ...], owner: SemanticModel) -> Expr:
        """An expression over a semantic model's columns as one over its alias here; the join is made where it is not yet.

        Of a row that the join did not find every dimension is NULL, also one that is computed.
        """
        alias = self._aliases.get(hops) or self._join(hops, owner)
        placed = self._placed(expr, alias, owner)
        found = None if is_strict(placed) else self._found(hops, alias, owner)
        return placed if found is None else Case(((found, placed),))

    def _found(self, hops: tuple[Hop, ...], alias: str, owner: SemanticModel) -> Expr | None:
        """What holds where the join found a row, None where there always is one."""
        entity = (
            hops[-1].entity if hops else next((e.name for e in owner.entities if e.type is EntityType.PRIMARY), "") if self.full else ""
        )
        if not entity:
            return None
        key = _parts(_entity(owner, entity).expr)[0]
        return IsNull(self._placed(key, alias, owner), negated=True)

    def _placed(self, expr: Expr, alias: str, owner: SemanticModel) -> Expr:
        """An expression over a semantic model's columns as one over an alias; its columns are noted as read."""
        columns = self._columns[alias]

        def placed(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column):
                return leaf
            if leaf.name not in columns:
                columns[leaf.name] = self.graph.column_type(owner.model, leaf.name)
            return Column(leaf.name, alias)

        return replace_leaves(expr, placed)

    def _join(self, hops: tuple[Hop, ...], target: SemanticModel) -> str:
        """Join what the last hop leads to, after what the hops before it lead to; the new alias."""
        before, hop = hops[:-1], hops[-1]
        origin = self.graph.semantic_models[before[-1].semantic_model] if before else self.base
        left, right = _entity(origin, hop.entity), _entity(target, hop.entity)
        own = [self._qualified(part, before, origin) for part in _parts(left.expr)]
        alias = self._alias(hops, target)
        theirs = [self._placed(part, alias, target) for part in _parts(right.expr)]
        if len(own) != len(theirs):
            raise UserError(
                Problem("DM3005", f"entity `{hop.entity}` has {len(own)} columns in `{origin.name}`, {len(theirs)} in `{target.name}`")
            )
        pairs = list(zip(own, theirs, strict=True))
        if right.type is not EntityType.UNIQUE:
            pairs += self._partitions(before, hops, target)
        self._joins[hops] = (alias, tuple(pairs))
        return alias

    def _partitions(self, before: tuple[Hop, ...], hops: tuple[Hop, ...], target: SemanticModel) -> list[tuple[Expr, Expr]]:
        """A partition dimension belongs to the join where the way so far has one of its name, the nearest first (MetricFlow's partition joins)."""
        pairs = []
        for dimension in target.dimensions:
            if not dimension.is_partition:
                continue
            for length in range(len(before), -1, -1):
                way = before[:length]
                model = self.graph.semantic_models[way[-1].semantic_model] if way else self.base
                held = next((d for d in model.dimensions if d.is_partition and d.name == dimension.name), None)
                if held is not None:
                    pairs.append((self._qualified(held.expr, way, model), self._placed(dimension.expr, self._aliases[hops], target)))
                    break
        return pairs

    def _alias(self, hops: tuple[Hop, ...], model: SemanticModel) -> str:
        """A name for a source: the semantic model's, else one that says the way; never one of the result's columns."""
        wanted = [model.name, model.model.rpartition(".")[2], "__".join((*(hop.entity for hop in hops), model.name))]
        wanted += [f"{model.name}_{n}" for n in range(2, len(self._aliases) + len(self._taken) + 4)]
        alias = next(name for name in wanted if name not in self._taken)
        self._taken.add(alias)
        self._aliases[hops], self._models[alias], self._columns[alias] = alias, model.model, {}
        return alias

    def _source(self, alias: str) -> Source:
        """A source with the columns read from it."""
        return Source(self._models[alias], alias, tuple(sorted(self._columns[alias].items())))


STANDARD_GRAINS = frozenset(grain.value for grain in Grain)
"""The standard grains by their names."""

_PART_GRAIN = {
    DatePart.YEAR: Grain.YEAR,
    DatePart.QUARTER: Grain.QUARTER,
    DatePart.MONTH: Grain.MONTH,
    DatePart.DAY: Grain.DAY,
    DatePart.DOW: Grain.DAY,
    DatePart.DOY: Grain.DAY,
}


def _entity(model: SemanticModel, name: str) -> Entity:
    """The entity of that name."""
    return next(entity for entity in model.entities if entity.name == name)


def _parts(expr: Expr) -> tuple[Expr, ...]:
    """The columns of a composite key, or the one expression."""
    return expr.args if isinstance(expr, Call) and expr.name == "tuple" else (expr,)


def finest_grain(reached: Reached) -> Grain | None:
    """The grain in which a time dimension is kept, None for what is no time."""
    return (reached.time.grain or Grain.DAY) if reached.time else None
