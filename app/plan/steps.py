"""Steps as they grow: measures that share a semantic model, a time and filters are aggregated together, each other set of filters by itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from app.errors import Problem, UserError
from app.model.expr import Between, Binary, Column, Expr, Literal
from app.model.metrics import MeasureInput
from app.model.plan import Aggregate, Aggregated, Step
from app.model.query import GroupBy, TimeRange
from app.model.semantics import Measure, SemanticModel
from app.model.types import DataType
from app.plan.problems import not_served
from app.plan.rows import RowsBuilder
from app.sql.expressions.infer import aggregated, infer
from app.sql.expressions.walk import conjunction, fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

_Key = tuple[str, str, Expr | None]


@dataclass(slots=True)
class _Growing:
    """A step in the making: `wanted` are its measures by their value's name."""

    model: SemanticModel
    agg_time: str
    where: Expr | None
    first_metric: str
    wanted: dict[str, Measure] = field(default_factory=dict)
    name: str = ""


class Steps:
    """Collects the measures of a query and makes the aggregates. `where`, `time` and `keys` are the query's and hold for every step."""

    def __init__(
        self, joins: JoinGraph, keys: tuple[GroupBy, ...], where: Expr | None, time: TimeRange | None, taken: frozenset[str]
    ) -> None:
        self.graph, self.keys, self.where, self.time, self.taken = joins, keys, where, time, taken
        self._timed = bool(time and (time.start or time.end)) or any(key.name == METRIC_TIME for key in keys)
        self._growing: dict[_Key, _Growing] = {}

    def value(self, given: MeasureInput, where: Expr | None, metric: str) -> Column:
        """The column of the step in which a measure is aggregated under these filters, besides the query's own."""
        measure = self.measure(given, metric)
        model = self.graph.semantic_models[given.semantic_model]
        both = conjunction(where, self.where)
        timed = self._timed or any(used.name == METRIC_TIME for used in fields(both))
        agg_time = (measure.agg_time_dimension or model.agg_time_dimension) if timed else ""
        key = (model.name, agg_time, both)
        growing = self._growing.get(key)
        if growing is None:
            growing = _Growing(model, agg_time, both, metric)
            growing.name = self._name(growing)
            self._growing[key] = growing
        growing.wanted.setdefault(measure.name, measure)
        return Column(measure.name, growing.name)

    def measure(self, given: MeasureInput, metric: str) -> Measure:
        """The measure that a metric uses. Raises UserError DM3009 (there is none) or DM3020 (semi-additive, joined to a time spine)."""
        measure = self.graph.measures.get((given.semantic_model, given.measure))
        if measure is None:
            raise UserError(Problem("DM3009", f"metric `{metric}` stands on measure `{given.measure}`, which is not there"))
        if measure.non_additive is not None:
            raise not_served("semi-additive measures", f"`{measure.name}` of metric `{metric}`")
        if given.join_to_timespine:
            raise not_served("metrics joined to a time spine", f"`{metric}`")
        return measure

    def finish(self) -> tuple[Step, ...]:
        """The aggregates, in the order in which they were first needed."""
        return tuple(self._aggregate(growing) for growing in self._growing.values())

    def _name(self, growing: _Growing) -> str:
        """The step's name: the semantic model's, or where that is taken one after the metric that first needs it; never a result column's."""
        used = {other.name for other in self._growing.values()} | self.taken
        model, metric = growing.model.name, growing.first_metric
        wanted = [
            model,
            *([f"{model}_totals"] if model in self.taken else []),
            f"{metric}_totals",
            *(f"{metric}_totals_{n}" for n in range(2, len(used) + 3)),
        ]
        return next(name for name in wanted if name not in used)

    def _aggregate(self, growing: _Growing) -> Aggregate:
        """One step."""
        agg_time = next((d for d in growing.model.dimensions if d.name == growing.agg_time), None)
        rows = RowsBuilder(self.graph, growing.model, agg_time, self.taken | frozenset(growing.wanted))
        keys = tuple(rows.key(item) for item in self.keys)
        parts = [rows.filter(growing.where)] if growing.where is not None else []
        span = time_filter(rows, self.time)
        values = tuple(_aggregated(measure, rows) for measure in growing.wanted.values())
        return Aggregate(growing.name, rows.finish(conjunction(*parts, span)), keys, values)


def _aggregated(measure: Measure, rows: RowsBuilder) -> Aggregated:
    """A measure over the rows."""
    expr = rows.measure(measure.expr)
    of = infer(expr, rows.type_of)
    kind = aggregated(measure.agg, of, discrete=measure.discrete)
    return Aggregated(measure.name, measure.agg, expr, of, kind, measure.percentile, measure.discrete, measure.approximate)


def time_filter(rows: RowsBuilder, time: TimeRange | None) -> Expr | None:
    """The closed range of dates on `metric_time`; a timestamp belongs to the last day until its end."""
    if time is None or (time.start is None and time.end is None):
        return None
    at = rows.time()
    start = Literal(time.start.isoformat(), DataType.DATE) if time.start else None
    last = time.end if time.end != dt.date.max else None  # no day is later
    end = Literal(last.isoformat(), DataType.DATE) if last else None
    if infer(at, rows.type_of) is DataType.DATE:
        if start and end:
            return Between(at, start, end)
        return Binary(">=", at, start) if start else Binary("<=", at, end) if end else None
    from_start = Binary(">=", at, start) if start else None
    after = Literal((last + dt.timedelta(days=1)).isoformat(), DataType.DATE) if last else None
    return conjunction(from_start, Binary("<", at, after) if after else None)
