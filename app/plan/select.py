"""One step as a SELECT of an engine: its rows, keys and values. Every column is named with its alias, so no result column can shadow one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from app.errors import Problem, UserError
from app.model.expr import And, Column, Expr
from app.model.physical import Placement
from app.model.plan import Aggregate, Source, sources
from app.model.types import DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.sql.expressions.spell import Speller, build, speller

_SIDES: dict[bool, dict[str, str]] = {False: {"side": "LEFT"}, True: {"side": "FULL", "kind": "OUTER"}}


class StepSelect:
    """Spells the parts of one step: each call gives fresh trees, so that they may stand in several places."""

    def __init__(self, step: Aggregate, dialect: Dialect, placement: Placement) -> None:
        self.step, self.placement = step, placement
        types: dict[tuple[str, str], DataType] = {(s.alias, name): kind for s in sources(step) for name, kind in s.columns}
        self._aggregate = AGGREGATES[dialect]
        self.spelled: Speller = speller(
            dialect,
            lambda column: build.column(column.name, column.table),
            lambda column: types.get((column.table, column.name), DataType.OTHER),
        )
        self._keys: Mapping[str, Expr] = {key.name: key.expr for key in step.keys}
        self._values = {value.name: value for value in step.values}

    def key(self, name: str) -> exp.Expr:
        """A key's expression."""
        return self.spelled.spell(self._keys[name])

    def value(self, name: str) -> exp.Expr:
        """A value's aggregation."""
        return self._aggregate(self._values[name], self.spelled, not self.step.keys)

    def body(self) -> dict[str, exp.Expr | list[exp.Expr]]:
        """FROM, JOIN, WHERE and GROUP BY, as arguments of a Select."""
        rows = self.step.rows
        parts: dict[str, exp.Expr | list[exp.Expr]] = {"from_": exp.From(this=self._table(rows.base))}
        if rows.joins:
            parts["joins"] = [
                exp.Join(
                    this=self._table(join.source),
                    **_SIDES[join.full],
                    on=build.all_of(
                        [build.operation(exp.EQ, self.spelled.spell(left), self.spelled.spell(right)) for left, right in join.on]
                    ),
                )
                for join in rows.joins
            ]
        if rows.where is not None and rows.where != And(()):
            parts["where"] = exp.Where(this=self.spelled.spell(rows.where))
        if self.step.values and self.step.keys:
            parts["group"] = exp.Group(expressions=[self.key(key.name) for key in self.step.keys])
        return parts

    def whole(self) -> exp.Select:
        """The step by itself, with every key and value under its name."""
        columns = [alias(self.key(key.name), key.name) for key in self.step.keys]
        columns += [alias(self.value(value.name), value.name) for value in self.step.values]
        return exp.Select(expressions=columns, **self.body())

    def _table(self, source: Source) -> exp.Table:
        """`schema.name AS alias`. Raises UserError DM3030 where the engine does not have the model."""
        relation = self.placement.relation(source.model)
        if relation is None:
            raise UserError(Problem("DM3030", f"the engine `{self.placement.engine}` does not have the model `{source.model}`"))
        place = {"db": build.name(relation.schema)} if relation.schema else {}
        return exp.Table(this=build.name(relation.name), alias=exp.TableAlias(this=build.name(source.alias)), **place)


def alias(node: exp.Expr, name: str) -> exp.Alias:
    """`node AS name`."""
    return exp.Alias(this=node, alias=build.name(name))


def step_column(column: Column) -> exp.Column:
    """A value of a step that stands as a CTE."""
    return build.column(column.name, column.table)
