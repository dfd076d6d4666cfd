"""One step as a SELECT of an engine: what it reads, its keys and values. Every column is named with its alias, so no result column can shadow one."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from app.errors import Problem, UserError
from app.model.expr import And, Expr
from app.model.physical import Placement
from app.model.plan import Aggregate, Aggregated, JoinKind, JoinTo, Scan, Select, Windowed
from app.model.types import Aggregation, DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.sql.expressions.spell import Speller, build, speller

_SIDES: dict[JoinKind, dict[str, str]] = {
    JoinKind.LEFT: {"side": "LEFT"},
    JoinKind.FULL: {"side": "FULL", "kind": "OUTER"},
    JoinKind.INNER: {"kind": "INNER"},
    JoinKind.CROSS: {"kind": "CROSS"},
}


class StepSelect:
    """Spells the parts of one step: each call gives fresh trees, so that they may stand in several places."""

    def __init__(self, step: Aggregate | Select, dialect: Dialect, placement: Placement) -> None:
        self.step, self.placement = step, placement
        self.groups = isinstance(step, Aggregate)
        types: dict[tuple[str, str], DataType] = {(s.alias, name): kind for s in step.rows.scans for name, kind in s.columns}
        self._aggregate = AGGREGATES[dialect]
        self.spelled: Speller = speller(
            dialect,
            lambda column: build.column(column.name, column.table),
            lambda column: types.get((column.table, column.name), DataType.OTHER),
        )
        self._keys: Mapping[str, Expr] = {key.name: key.expr for key in step.keys}
        self._values: dict[str, Aggregated | Windowed | Expr] = {}
        if isinstance(step, Aggregate):
            self._values.update((value.name, value) for value in step.values)
        else:
            self._values.update((column.name, column.expr) for column in step.columns)
            self._values.update((window.name, window) for window in step.windows)

    def key(self, name: str) -> exp.Expr:
        """A key's expression."""
        return self.spelled.spell(self._keys[name])

    def value(self, name: str) -> exp.Expr:
        """A value: an aggregation, a window function or a plain expression."""
        value = self._values[name]
        match value:
            case Aggregated():
                return self._aggregate(value, self.spelled, not self.step.keys)
            case Windowed():
                return self._window(value)
            case _:
                return self.spelled.spell(value)

    def body(self, *conditions: exp.Expr) -> dict[str, exp.Expr | list[exp.Expr]]:
        """FROM, JOIN, WHERE (with further conditions) and GROUP BY, as arguments of a Select."""
        rows = self.step.rows
        parts: dict[str, exp.Expr | list[exp.Expr]] = {"from_": exp.From(this=self._table(rows.base))}
        if rows.joins:
            parts["joins"] = [self._join(join) for join in rows.joins]
        tests = [self.spelled.spell(rows.where)] if rows.where is not None and rows.where != And(()) else []
        tests += conditions
        if tests:
            parts["where"] = exp.Where(this=build.all_of(tests))
        if isinstance(self.step, Aggregate) and self.step.values and self.step.keys:
            parts["group"] = exp.Group(expressions=[self.key(key.name) for key in self.step.keys])
        return parts

    def distinct(self) -> dict[str, exp.Expr]:
        """DISTINCT, where only combinations of keys are wanted."""
        return {"distinct": exp.Distinct()} if isinstance(self.step, Aggregate) and not self.step.values else {}

    def whole(self) -> exp.Select:
        """The step by itself, with every key and value under its name."""
        columns = [alias(self.key(key.name), key.name) for key in self.step.keys]
        columns += [alias(self.value(name), name) for name in self._values]
        return exp.Select(**self.distinct(), expressions=columns, **self.body())

    def _join(self, join: JoinTo) -> exp.Join:
        """A join with its conditions."""
        on = {"on": build.all_of([self.spelled.spell(c) for c in join.on])} if join.on else {}
        return exp.Join(this=self._table(join.scan), **_SIDES[join.kind], **on)

    def _window(self, window: Windowed) -> exp.Window:
        """A window function."""
        function: exp.Expr
        if window.arg is None:
            function = exp.RowNumber() if window.function == "row_number" else build.call(window.function.upper())
        elif window.function == "lead":
            function = self.spelled.lead(window.arg)
        else:
            function = self._aggregate(Aggregated(window.name, Aggregation(window.function), window.arg, window.type), self.spelled, False)
        ordered = [exp.Ordered(this=self.spelled.ordering(expr), desc=desc, nulls_first=False) for expr, desc in window.order]
        parts: dict[str, exp.Expr] = {"order": exp.Order(expressions=ordered)} if ordered else {}
        if window.frame is not None:
            back = {"start": build.digits(window.frame), "start_side": "PRECEDING", "end": "CURRENT ROW"}
            parts["spec"] = exp.WindowSpec(kind="RANGE", **back)
        return exp.Window(this=function, partition_by=[self.spelled.spell(expr) for expr in window.by], **parts)

    def _table(self, scan: Scan) -> exp.Table:
        """`schema.name AS alias`, or an earlier step. Raises UserError DM3030 where the engine does not have the model."""
        named = {} if scan.alias == scan.step else {"alias": exp.TableAlias(this=build.name(scan.alias))}
        if scan.step:
            return exp.Table(this=build.name(scan.step), **named)
        relation = self.placement.relation(scan.model)
        if relation is None:
            raise UserError(Problem("DM3030", f"the engine `{self.placement.engine}` does not have the model `{scan.model}`"))
        place = {"db": build.name(relation.schema)} if relation.schema else {}
        return exp.Table(this=build.name(relation.name), **named, **place)


def alias(node: exp.Expr, name: str) -> exp.Alias:
    """`node AS name`, also of a column that bears the name: ClickHouse may name it after its table where another scan has one of that name."""
    return exp.Alias(this=node, alias=build.name(name))
