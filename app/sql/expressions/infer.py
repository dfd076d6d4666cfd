"""The family of an expression's type, where its columns tell: OTHER means that nothing tells, and spellers then take the careful way."""

from __future__ import annotations

from collections.abc import Callable

from app.model.expr import (
    And,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Shift,
    Truncate,
)
from app.model.types import Aggregation, DataType, Grain
from app.sql.expressions.functions import CATALOGUE, Gives

Types = Callable[[Column], DataType]
"""Tells a column's type."""
Known = dict[int, tuple[Expr, DataType]]
"""What was found of the nodes of trees, by their identity; the nodes are held, so that no other takes their place."""

_RANK = (DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT)


def infer(expr: Expr, types: Types, known: Known | None = None) -> DataType:
    """The type of `expr`. `/` gives a float; a truncation to days or more gives a date. With `known`, no node is looked at twice."""
    match expr:
        case Column():
            return types(expr)
        case Literal(type=kind) | Cast(type=kind):
            return kind
        case And() | Or() | Not() | In() | Between() | IsNull() | Like():
            return DataType.BOOLEAN
        case Truncate(grain=grain):
            return DataType.DATE if grain.order >= Grain.DAY.order else DataType.TIMESTAMP
        case Extract():
            return DataType.INTEGER
    if known is None:
        return _inferred(expr, types, known)
    held = known.get(id(expr))
    if held is None:
        held = known[id(expr)] = expr, _inferred(expr, types, known)
    return held[1]


def shared(kinds: list[DataType], exprs: tuple[Expr | None, ...] = ()) -> DataType:
    """The type to which all go: the widest of numbers, a timestamp of dates and timestamps; NULL literals say nothing."""
    if exprs:
        kinds = [k for k, e in zip(kinds, exprs, strict=False) if not (isinstance(e, Literal) and e.value is None)]
    distinct = set(kinds)
    if len(distinct) == 1:
        return distinct.pop()
    if distinct and distinct <= set(_RANK):
        return max(distinct, key=_RANK.index)
    if distinct == {DataType.DATE, DataType.TIMESTAMP}:
        return DataType.TIMESTAMP
    return DataType.OTHER


def _inferred(expr: Expr, types: Types, known: Known | None) -> DataType:
    """The type of what takes it from its operands."""
    match expr:
        case Binary(op=op, left=left, right=right):
            return _binary(op, left, right, types, known)
        case Call(name=name, args=args):
            return _call(name, args, types, known)
        case Case(whens=whens, otherwise=otherwise):
            results = [infer(then, types, known) for _, then in whens]
            return shared(results if otherwise is None else [*results, infer(otherwise, types, known)], (*(t for _, t in whens), otherwise))
        case Negate(arg=arg):
            return infer(arg, types, known)
        case Shift(arg=arg, grain=grain):
            return infer(arg, types, known) if grain.order >= Grain.DAY.order else DataType.TIMESTAMP
        case _:
            return DataType.OTHER


def aggregated(agg: Aggregation, of: DataType, *, discrete: bool = False) -> DataType:
    """The type of an aggregation's result."""
    match agg:
        case Aggregation.COUNT | Aggregation.COUNT_DISTINCT | Aggregation.SUM_BOOLEAN:
            return DataType.INTEGER
        case Aggregation.AVERAGE | Aggregation.MEDIAN:
            return DataType.FLOAT
        case Aggregation.PERCENTILE:
            return of if discrete else DataType.FLOAT
        case Aggregation.SUM if of is DataType.BOOLEAN:
            return DataType.INTEGER
        case _:
            return of


def _binary(op: str, left: Expr, right: Expr, types: Types, known: Known | None) -> DataType:
    """Of arithmetic, `||` and comparisons."""
    if op == "/":
        return DataType.FLOAT
    if op == "||":
        return DataType.TEXT
    if op in ("+", "-", "*", "%"):
        kinds = [infer(left, types, known), infer(right, types, known)]
        if op == "-" and kinds == [DataType.DATE, DataType.DATE]:
            return DataType.INTEGER
        if kinds in ([DataType.DATE, DataType.INTEGER], [DataType.INTEGER, DataType.DATE]):
            return DataType.DATE
        return shared(kinds)
    return DataType.BOOLEAN


def _call(name: str, args: tuple[Expr, ...], types: Types, known: Known | None) -> DataType:
    """By the catalogue."""
    function = CATALOGUE.get(name)
    if function is None:
        return DataType.OTHER
    if function.gives is Gives.SAME:
        return shared([infer(arg, types, known) for arg in args], args)
    if function.gives is Gives.FIRST:
        return infer(args[0], types, known)
    return DataType(function.gives.value)
