"""Expressions, aggregations and times of a row, in Python: what SQL means by them, without SQL."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.model import expr as x
from app.model.semantics import Measure
from app.model.types import Aggregation, DataType, DatePart, Grain

MIDNIGHT = dt.time()
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LENGTHS = {
    "second": dt.timedelta(seconds=1),
    "minute": dt.timedelta(minutes=1),
    "hour": dt.timedelta(hours=1),
    "day": dt.timedelta(days=1),
    "week": dt.timedelta(days=7),
}


def moment(value: Any) -> Any:
    """A date as its midnight, a timestamp as it is."""
    if isinstance(value, dt.datetime) or value is None:
        return value
    return dt.datetime.combine(value, MIDNIGHT)


def start(value: dt.datetime, grain: str) -> dt.datetime:
    """The first moment of the period in which a moment lies."""
    if Grain(grain).order >= Grain.DAY.order:
        return moment(cut(value, x.Field("", grain=grain)))
    return value - (value - moment(value.date())) % _LENGTHS[grain]


def shifted(value: dt.datetime, count: int, grain: str) -> dt.datetime:
    """So many grains later; a month later than the 31st is the last day of a shorter month."""
    if grain in _LENGTHS:
        return value + count * _LENGTHS[grain]
    months = value.year * 12 + value.month - 1 + count * _MONTHS[grain]
    year, month = months // 12, months % 12 + 1
    return value.replace(year=year, month=month, day=min(value.day, calendar.monthrange(year, month)[1]))


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
        case x.Call(name="tuple", args=args):
            parts = tuple(evaluate(a, look) for a in args)
            return None if None in parts else parts
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
