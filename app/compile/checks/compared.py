"""What the filters of metrics compare: constants that are no value of the other side's type, types that can't be compared, grains of what is no time.

Such a filter would be refused in every query of the metric; here it is at the line that has it.
"""

from __future__ import annotations

from typing import NamedTuple

from app.compile.checks.filters import filters_of
from app.compile.checks.ground import Ground
from app.compile.report import Place, Report
from app.errors import Problem, UserError
from app.model.expr import Column, Expr, Extract, Field, Truncate
from app.model.metrics import Metric
from app.model.semantics import Dimension
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.coerce import coerced_condition
from app.sql.expressions.fields import split_name
from app.sql.expressions.parts import resolved
from app.sql.expressions.problems import PartError
from app.sql.expressions.walk import key_parts, replace_leaves
from app.sql.joins.graph import METRIC_TIME

_OPEN = Column("", "")
"""Stands for what has no type that is known here: a metric, a time by a custom granularity."""


def check_compared(metric: Metric, ground: Ground, place: Place, report: Report) -> bool:
    """Whether the filters, all of whose names mean something, compare what can be compared: DM3006 a grain of what is no time, DM3023 a key of
    several columns, and DM3107, DM3108, DM3109 and DM3111 of types. The first in each filter is reported."""
    good = True
    for path, condition, keys in filters_of(metric, ground):
        try:
            for rows in {(key[0], id(time)): _Rows(ground, key[0], time) for key in keys for time in (ground.time(key),)}.values():
                resolved(condition, rows.meaning, rows.checked)
        except PartError as error:
            where, problem = report.part(place.at(path), error.runs, error.word), error.problem
            hint = report.quoting(where, unknown=False) or problem.hint
            report.error(problem.code, f"metric `{metric.name}` is left out: its filter: {problem.message}", where, hint)
            good = False
    return good


class _Rows(NamedTuple):
    """The rows of measures of a semantic model by one time: what names mean over the columns of models, each of which has the model as its table."""

    ground: Ground
    start: str
    time: Dimension | None

    def meaning(self, leaf: Expr) -> Expr:
        """What a leaf is. Raises UserError DM3006 or DM3023."""
        if not isinstance(leaf, Field):
            return leaf
        if leaf.kind == "metric":
            return _OPEN
        name, grain, part = (leaf.name, leaf.grain, "") if leaf.grain else split_name(leaf.name, self.ground.graph.custom_grains)
        date_part = leaf.date_part or (DatePart(part) if part else None)
        if name == METRIC_TIME and not leaf.path:
            own = self.ground.graph.semantic_models[self.start].model
            return _at(self._over(self.time.expr, own), grain, date_part) if self.time else _OPEN
        found = self.ground.graph.resolve(self.start, name, leaf.path)
        if len(key_parts(found.expr)) > 1:
            raise UserError(
                Problem("DM3023", f"`{found.name}` is a key of several columns, not a value", hint="name dimensions that tell its parts")
            )
        expr = self._over(found.expr, found.owner.model)
        if found.time is not None:
            return _at(expr, grain or (found.time.grain or Grain.DAY).value, date_part)
        if grain or date_part:
            raise UserError(Problem("DM3006", f"`{found.name}` is no time dimension: it has no grain or date part"))
        return expr

    def checked(self, condition: Expr) -> Expr:
        """The condition. Raises UserError DM31xx where it compares what can't be compared."""
        return coerced_condition(condition, self._type)

    def _type(self, column: Column) -> DataType:
        return self.ground.graph.column_type(column.table, column.name) if column.table else DataType.OTHER

    def _over(self, expr: Expr, model: str) -> Expr:
        return replace_leaves(expr, lambda leaf: Column(leaf.name, model) if isinstance(leaf, Column) else leaf)


def _at(time: Expr, grain: str, part: DatePart | None) -> Expr:
    """A time by a grain, a day where none is given, or a date part of it."""
    if part is not None:
        return Extract(time, part)
    if grain and grain not in _GRAINS:
        return _OPEN
    return Truncate(time, Grain(grain) if grain else Grain.DAY)


_GRAINS = frozenset(Grain)
