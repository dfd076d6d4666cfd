"""Settled conditions as expressions over the layer's fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.model.expr import Binary, Expr, Field, In, IsNull, Literal, Or
from app.model.query import TimeRange
from app.model.types import DataType, DatePart
from app.sql.expressions.walk import conjunction

_PARTS = {"weekend": (6, 7), "weekday": (1, 2, 3, 4, 5)}


@dataclass(frozen=True, slots=True)
class Settled:
    """A condition on one dimension: `value` is a text, number or truth value."""

    field: str
    value: str | Decimal | bool
    op: str = "="
    negated: bool = False
    either: bool = False


def number_literal(number: Decimal) -> Literal:
    """An exact literal: an integer where it is one."""
    if number == int(number):
        return Literal(int(number), DataType.INTEGER)
    return Literal(format(number.normalize(), "f"), DataType.DECIMAL)


def days_of_week(parts: Sequence[str]) -> Expr | None:
    """That the day is one of these (`weekend`, `weekday`, or a number by ISO 8601), None where there are none."""
    numbers = sorted({number for part in parts for number in (_PARTS.get(part) or (int(part),))})
    day = Field("metric_time", "time_dimension", date_part=DatePart.DOW)
    if numbers == [*_PARTS["weekday"]]:
        return In(day, tuple(Literal(number, DataType.INTEGER) for number in _PARTS["weekend"]), negated=True)
    if len(numbers) == 1:
        return Binary("=", day, Literal(numbers[0], DataType.INTEGER))
    return In(day, tuple(Literal(number, DataType.INTEGER) for number in numbers)) if numbers else None


def where(conditions: Sequence[Settled], dated: Sequence[tuple[str, TimeRange]]) -> Expr | None:
    """All of the conditions: values of one dimension are alternatives, different dimensions must all hold unless `either` joins them."""
    parts: list[Expr] = []
    done: set[int] = set()
    for at, condition in enumerate(conditions):
        if at in done:
            continue
        same = [
            n
            for n in range(at, len(conditions))
            if (conditions[n].field, conditions[n].op, conditions[n].negated) == (condition.field, condition.op, condition.negated)
            and condition.op == "="
        ] or [at]
        done.update(same)
        expression = _one([conditions[n] for n in same])
        if condition.either and parts:
            parts[-1] = (
                Or((*parts[-1].args, expression)) if isinstance(parts[-1], Or) and not condition.negated else Or((parts[-1], expression))
            )
        else:
            parts.append(expression)
    parts += [part for name, span in dated for part in _span(name, span)]
    return conjunction(*parts)


def _one(same: Sequence[Settled]) -> Expr:
    """Equal to one of some values. A negation keeps rows without a value: `excluding web` is everything that is not known to be web."""
    first = same[0]
    field = Field(first.field)
    literals = tuple(dict.fromkeys(_literal(s.value) for s in same))
    if isinstance(first.value, bool):
        equal: Expr = Binary("=", field, Literal(True, DataType.BOOLEAN))
        return equal if not first.negated else Or((Binary("=", field, Literal(False, DataType.BOOLEAN)), IsNull(field)))
    if first.op != "=":
        return Binary(first.op, field, literals[0])
    if first.negated:
        unlike: Expr = Binary("<>", field, literals[0]) if len(literals) == 1 else In(field, literals, negated=True)
        return Or((unlike, IsNull(field)))
    return Binary("=", field, literals[0]) if len(literals) == 1 else In(field, literals)


def _literal(value: str | Decimal | bool) -> Literal:
    if isinstance(value, bool):
        return Literal(value, DataType.BOOLEAN)
    return number_literal(value) if isinstance(value, Decimal) else Literal(value, DataType.TEXT)


def _span(name: str, span: TimeRange) -> list[Expr]:
    """A period on a time dimension, half open so that timestamps of the last day belong to it."""
    field = Field(name, "time_dimension")
    parts: list[Expr] = []
    if span.start:
        parts.append(Binary(">=", field, Literal(span.start.isoformat(), DataType.DATE)))
    if span.end:
        parts.append(Binary("<", field, Literal((span.end + dt.timedelta(days=1)).isoformat(), DataType.DATE)))
    return parts
