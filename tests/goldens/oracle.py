"""A second, slow way to the same numbers: metric queries computed row by row in Python, by the definitions and with nothing of the planner.

Names are followed entity by entity through the tables; every measure is aggregated under its own filters; metrics are derived for every
combination of keys that any of their facts has. Division is real and by zero gives NULL.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.model import expr as x
from app.model.metrics import Derived, MeasureInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery
from app.model.semantics import DimensionType, EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType, DatePart, Grain
from tests.goldens.business import ONTOLOGY, TABLES

Row = dict[str, Any]
Key = tuple[Any, ...]
MIDNIGHT = dt.time()


class Oracle:
    """Answers queries over the workshop."""

    def __init__(self, ontology: Ontology = ONTOLOGY) -> None:
        self.ontology = ontology
        self.rows = {
            name: [dict(zip([c for c, _ in columns], row, strict=True)) for row in rows] for name, (columns, rows) in TABLES.items()
        }

    def answer(self, query: SemanticQuery) -> list[Row]:
        """The result's rows, in no order, before `limit`. Grains must be given."""
        leaves: dict[Any, dict[Key, Any]] = {}
        plans = {metric: self._plan(metric, (), query, leaves) for metric in query.metrics}
        keys = dict.fromkeys(key for groups in leaves.values() for key in groups)
        result = []
        for key in keys:
            row = dict(zip([item.column for item in query.group_by], key, strict=True))
            row.update({metric: plan(key) for metric, plan in plans.items()})
            if query.having is None or evaluate(query.having, lambda f, row=row: row[f.name]) is True:
                result.append(row)
        return result

    def _plan(self, name: str, filters: tuple[x.Expr, ...], query: SemanticQuery, leaves: dict[Any, Any]) -> Callable[[Key], Any]:
        """A function from a key to the metric's value; what it stands on is added to `leaves`."""
        metric = self.ontology.metric(name)
        assert metric is not None
        filters = (*filters, metric.filter) if metric.filter is not None else filters
        match metric.params:
            case Simple(input=given):
                where = (*filters, given.filter) if given.filter is not None else filters
                groups = leaves[(name, where)] = self._measure(given, where, query)
                return lambda key: (
                    groups.get(key) if given.fill_nulls_with is None or groups.get(key) is not None else given.fill_nulls_with
                )
            case Ratio(numerator=top, denominator=bottom):
                above, below = (
                    self._plan(i.metric, (*filters, i.filter) if i.filter is not None else filters, query, leaves) for i in (top, bottom)
                )
                return lambda key: divide(above(key), below(key))
            case Derived(expr=expr, inputs=inputs):
                parts = {
                    i.alias or i.metric: self._plan(i.metric, (*filters, i.filter) if i.filter is not None else filters, query, leaves)
                    for i in inputs
                }
                return lambda key: evaluate(expr, lambda column: parts[column.name](key))
            case _:
                raise AssertionError(metric.type)

    def _measure(self, given: MeasureInput, filters: tuple[x.Expr, ...], query: SemanticQuery) -> dict[Key, Any]:
        """The measure by key."""
        model = self.ontology.semantic_model(given.semantic_model)
        assert model is not None
        measure = next(m for m in model.measures if m.name == given.measure)
        time = measure.agg_time_dimension or model.agg_time_dimension
        groups: dict[Key, list[Any]] = {} if query.group_by else {(): []}
        for row in self.rows[model.model]:

            def look(leaf: Any, row: Row = row) -> Any:
                return self.look(model, row, leaf, time)

            if not all(evaluate(f, look) is True for f in (*filters, *([query.where] if query.where is not None else []))):
                continue
            if query.time is not None:
                moment = self._dimension(model, row, time)
                day = moment.date() if isinstance(moment, dt.datetime) else moment
                if day is None or (query.time.start and day < query.time.start) or (query.time.end and day > query.time.end):
                    continue
            key = tuple(look(x.Field(i.name, "", i.path, i.grain, i.date_part)) for i in query.group_by)
            groups.setdefault(key, []).append(evaluate(measure.expr, lambda c, row=row: row[c.name]))
        return {key: aggregate(measure, values) for key, values in groups.items()}

    def distinct(self, start: str, items: tuple[GroupBy, ...]) -> set[Key]:
        """The combinations that the rows of one semantic model have."""
        model = self.ontology.semantic_model(start)
        assert model is not None
        return {tuple(self.look(model, row, x.Field(i.name, "", i.path, i.grain), "") for i in items) for row in self.rows[model.model]}

    def look(self, model: SemanticModel, row: Row | None, leaf: Any, time: str) -> Any:
        """What a name means for a row."""
        if leaf.name == "metric_time":
            assert row is not None
            return cut(self._dimension(model, row, time), leaf)
        links, element = leaf.name.split("__")[:-1], leaf.name.split("__")[-1]
        if len(links) == 1 and links[0] == model.primary and any(d.name == element for d in model.dimensions):
            links = []
        known = {d.name for d in model.dimensions} | {e.name for e in model.entities}
        if not links and element not in known:
            links = [e.name for e in model.entities if e.name != model.primary][:1]
        elif links and links[0] not in {e.name for e in model.entities}:
            links = [*[e.name for e in model.entities if e.name != model.primary][:1], *links]
        for link in links:
            if row is None:
                return None
            value = self._entity(model, row, link)
            model = next(m for m in self.ontology.semantic_models if m.primary == link)
            row = next((r for r in self.rows[model.model] if value is not None and self._entity(model, r, link) == value), None)
        if row is None:
            return None
        if any(e.name == element for e in model.entities):
            return self._entity(model, row, element)
        dimension = next(d for d in model.dimensions if d.name == element)
        value = self._dimension(model, row, element)
        if dimension.type is DimensionType.TIME:
            return cut(value, leaf, dimension.grain or Grain.DAY)
        return value

    @staticmethod
    def _entity(model: SemanticModel, row: Row, name: str) -> Any:
        entity = next(e for e in model.entities if e.name == name and e.type in EntityType)
        return evaluate(entity.expr, lambda c: row[c.name])

    @staticmethod
    def _dimension(model: SemanticModel, row: Row, name: str) -> Any:
        dimension = next(d for d in model.dimensions if d.name == name)
        return evaluate(dimension.expr, lambda c: row[c.name])


def cut(value: Any, leaf: Any, finest: Grain = Grain.DAY) -> Any:
    """A time at the grain, or its date part, that a reference asks for."""
    if value is None:
        return None
    day = value.date() if isinstance(value, dt.datetime) else value
    if leaf.date_part:
        return {
            DatePart.YEAR: day.year,
            DatePart.QUARTER: (day.month + 2) // 3,
            DatePart.MONTH: day.month,
            DatePart.DAY: day.day,
            DatePart.DOW: day.isoweekday(),
            DatePart.DOY: day.timetuple().tm_yday,
        }[leaf.date_part]
    match Grain(leaf.grain or finest):
        case Grain.HOUR:
            return value.replace(minute=0, second=0, microsecond=0)
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - dt.timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)
        case Grain.QUARTER:
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case Grain.YEAR:
            return day.replace(month=1, day=1)
        case other:
            raise AssertionError(other)


def aggregate(measure: Measure, values: list[Any]) -> Any:
    """dbt's aggregations: NULLs count for nothing."""
    if measure.agg is Aggregation.SUM_BOOLEAN:
        return sum(1 for v in values if v is True) if values else None
    known = sorted(v for v in values if v is not None)
    match measure.agg:
        case Aggregation.COUNT:
            return len(known)
        case Aggregation.COUNT_DISTINCT:
            return len(set(known))
    if not known:
        return None
    match measure.agg:
        case Aggregation.SUM:
            return sum(known)
        case Aggregation.MIN:
            return known[0]
        case Aggregation.MAX:
            return known[-1]
        case Aggregation.AVERAGE:
            return float(sum(known)) / len(known)
        case Aggregation.PERCENTILE if measure.discrete:
            return known[max(1, math.ceil((measure.percentile or 0) * len(known))) - 1]
        case _:
            place = (0.5 if measure.percentile is None else measure.percentile) * (len(known) - 1)
            low, high = known[math.floor(place)], known[math.ceil(place)]
            return float(low) + (float(high) - float(low)) * (place - math.floor(place))


def divide(left: Any, right: Any) -> Any:
    """A real division."""
    return None if left is None or right is None or right == 0 else float(left) / float(right)


def evaluate(node: Any, look: Callable[[Any], Any]) -> Any:
    """An expression for one row, in SQL's three-valued logic."""
    match node:
        case x.Column() | x.Field():
            return look(node)
        case x.Literal(value=value, type=kind):
            if kind is DataType.DECIMAL:
                return Decimal(str(value))
            if kind is DataType.DATE:
                return dt.date.fromisoformat(str(value))
            if kind is DataType.TIMESTAMP:
                return dt.datetime.fromisoformat(str(value))
            return value
        case x.And(args=args):
            held = [evaluate(a, look) for a in args]
            return False if False in held else None if None in held else True
        case x.Or(args=args):
            held = [evaluate(a, look) for a in args]
            return True if True in held else None if None in held else False
        case x.Not(arg=arg):
            held = evaluate(arg, look)
            return None if held is None else not held
        case x.IsNull(arg=arg, negated=negated):
            return (evaluate(arg, look) is None) is not negated
        case x.In(arg=arg, options=options, negated=negated):
            found = evaluate(x.Or(tuple(x.Binary("=", arg, o) for o in options)), look)
            return None if found is None else found is not negated
        case x.Between(arg=arg, low=low, high=high, negated=negated):
            found = evaluate(x.And((x.Binary(">=", arg, low), x.Binary("<=", arg, high))), look)
            return None if found is None else found is not negated
        case x.Case(whens=whens, otherwise=otherwise):
            for when, then in whens:
                if evaluate(when, look) is True:
                    return evaluate(then, look)
            return None if otherwise is None else evaluate(otherwise, look)
        case x.Call(name="coalesce", args=args):
            return next((v for v in (evaluate(a, look) for a in args) if v is not None), None)
        case x.Call(name="nullif", args=(left, right)):
            value = evaluate(left, look)
            return None if value == evaluate(right, look) else value
        case x.Call(name="round", args=(arg, digits)):
            value = evaluate(arg, look)
            return None if value is None else Decimal(str(value)).quantize(Decimal(1).scaleb(-evaluate(digits, look)), ROUND_HALF_UP)
        case x.Binary(op=op, left=left, right=right):
            return _binary(op, evaluate(left, look), evaluate(right, look))
        case _:
            raise AssertionError(node)


def _binary(op: str, left: Any, right: Any) -> Any:
    """Arithmetic and comparison."""
    if left is None or right is None:
        return None
    if isinstance(right, str) and isinstance(left, dt.date):
        right = dt.datetime.fromisoformat(right)
    if isinstance(left, dt.datetime) != isinstance(right, dt.datetime) and isinstance(left, dt.date) and isinstance(right, dt.date):
        left, right = (v if isinstance(v, dt.datetime) else dt.datetime.combine(v, MIDNIGHT) for v in (left, right))
    if {type(left), type(right)} == {Decimal, float} and op in ("+", "-", "*"):
        left, right = float(left), float(right)
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return divide(left, right)
        case "%":
            return None if right == 0 else int(math.fmod(left, right))
        case "=":
            return left == right
        case "<>":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
    raise AssertionError(op)
