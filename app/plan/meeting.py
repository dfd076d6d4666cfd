"""Steps side by side: they meet in a FULL OUTER JOIN on their keys.

Because `=` never holds for NULL, a last GROUP BY with MAX brings the halves of a NULL key together; each step has one row per key, so MAX takes the only value.
"""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Column, Expr
from app.model.plan import Aggregated, Combine, Step, Union
from app.model.types import Aggregation, DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.sql.expressions.infer import Types
from app.sql.expressions.spell import Speller, build, speller
from app.sql.expressions.spell.mixing import check_compared


class Meeting:
    """The parts of an output, or of a Combine, by name; each call gives fresh trees."""

    def __init__(self, parts: tuple[str, ...], keys: tuple[str, ...], steps: dict[str, Step], dialect: Dialect, types: Types) -> None:
        self._parts, self._keys, self._steps, self._dialect, self._types = parts, keys, steps, dialect, types
        self._plain = speller(dialect, lambda column: build.column(column.name, column.table), self._type)
        self._alike = {key: self._is_alike(key) for key in keys}

    def spelled(self) -> Speller:
        """Spells columns of the parts: a key is that of the first part which has it."""
        return speller(self._dialect, self._leaf, self._types)

    def clauses(self) -> dict[str, exp.Expr | list[exp.Expr]]:
        """FROM, JOIN and GROUP BY; without keys each part has its single row. Raises UserError DM3108 for keys that can't meet."""
        joins: list[exp.Expr] = []
        for number, name in enumerate(self._parts[1:], start=1):
            table = exp.Table(this=build.name(name))
            if not self._keys:
                joins.append(exp.Join(this=table, kind="CROSS"))
                continue
            on = build.all_of([build.operation(exp.EQ, self._key(key, number), self._columns(key)[number]) for key in self._keys])
            joins.append(exp.Join(this=table, side="FULL", kind="OUTER", on=on))
        found: dict[str, exp.Expr | list[exp.Expr]] = {"from_": exp.From(this=exp.Table(this=build.name(self._parts[0]))), "joins": joins}
        groups: list[exp.Expr] = [self._key(key, len(self._parts)) for key in self._keys]
        return {**found, "group": exp.Group(expressions=groups)} if groups else found

    def _leaf(self, column: Column) -> exp.Expr:
        """A key, or the only value of its group."""
        if not column.table:
            return self._key(column.name, len(self._parts))
        if not self._keys:
            return build.column(column.name, column.table)
        if self._types(column) is DataType.BOOLEAN:  # of which PostgreSQL has no MAX
            return AGGREGATES[self._dialect](Aggregated("", Aggregation.MAX, column, DataType.BOOLEAN), self._plain, False)
        return exp.Max(this=build.column(column.name, column.table))

    def _key(self, name: str, among: int) -> exp.Expr:
        """A key as the first parts have it."""
        first, *rest = self._columns(name)[:among]
        return exp.Coalesce(this=first, expressions=rest) if rest else first

    def _columns(self, key: str) -> list[exp.Expr]:
        """The key of each part; of other columns, numbers of one type: ClickHouse joins no UInt64 with an Int64, and no decimals of two scales."""
        if self._alike[key]:
            return [build.column(key, part) for part in self._parts]
        columns: list[Expr] = [Column(key, part) for part in self._parts]
        check_compared(columns, [self._plain.type_of(column) for column in columns])
        return self._plain.same(columns)

    def _is_alike(self, key: str) -> bool:
        """Whether the key has one type in all parts for sure: it is no number, or the same column of a model."""
        kinds = {self._type(Column(key, part)) for part in self._parts}
        if len(kinds) == 1 and not next(iter(kinds)).is_numeric:
            return True
        origins = {self._origin(key, part) for part in self._parts}
        return len(origins) == 1 and None not in origins

    def _origin(self, key: str, part: str) -> tuple[str, str] | None:
        """The model's column of which a step's key is the value, None where it is computed."""
        step = self._steps[part]
        if isinstance(step, Combine):
            found = {self._origin(key, below) for below in step.parts}
            return found.pop() if len(found) == 1 else None
        if isinstance(step, Union):
            return None
        expr = next(one.expr for one in step.keys if one.name == key)
        if not isinstance(expr, Column):
            return None
        scan = next(one for one in step.rows.scans if one.alias == expr.table)
        if scan.model:
            return scan.model, expr.name
        return self._origin(expr.name, scan.step) if any(one.name == expr.name for one in self._steps[scan.step].keys) else None

    def _type(self, column: Column) -> DataType:
        """The type of a part's key."""
        return next((key.type for key in self._steps[column.table].keys if key.name == column.name), self._types(column))
