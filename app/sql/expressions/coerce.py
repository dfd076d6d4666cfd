"""Constants fitted to what they are compared with, so that no engine has to guess: `order_date >= '2024-01-01'` compares dates, `id = '7'` numbers."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import (
    COMPARISONS,
    And,
    Between,
    Binary,
    Call,
    Case,
    Cast,
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
from app.model.types import DataType
from app.sql.expressions.condition import check_condition
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.values import numeric, temporal

_TRUTH = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


def coerce(expr: Expr, types: Types) -> Expr:
    """The same meaning with typed constants. Raises UserError DM3107 where a text is compared with a time that it is not, DM3109 with a number."""
    match expr:
        case Binary(op=op, left=left, right=right) if op in COMPARISONS:
            left, right = coerce(left, types), coerce(right, types)
            return Binary(op, _fit(left, infer(right, types)), _fit(right, infer(left, types)))
        case In(arg=arg, options=options, negated=negated):
            kind = infer(arg, types)
            return In(coerce(arg, types), tuple(_fit(coerce(option, types), kind) for option in options), negated)
        case Between(arg=arg, low=low, high=high, negated=negated):
            kind = infer(arg, types)
            return Between(coerce(arg, types), _fit(coerce(low, types), kind), _fit(coerce(high, types), kind), negated)
        case And(args=args):
            return And(tuple(coerce(arg, types) for arg in args))
        case Or(args=args):
            return Or(tuple(coerce(arg, types) for arg in args))
        case Not(arg=arg):
            return Not(coerce(arg, types))
        case Case(whens=whens, otherwise=otherwise):
            branches = tuple((coerce(when, types), coerce(then, types)) for when, then in whens)
            return Case(branches, None if otherwise is None else coerce(otherwise, types))
        case Call(name=name, args=args, distinct=distinct):
            done = tuple(coerce(arg, types) for arg in args)
            if name == "nullif":
                done = (_fit(done[0], infer(done[1], types)), _fit(done[1], infer(done[0], types)))
            return Call(name, done, distinct)
        case Binary(op=op, left=left, right=right):
            return Binary(op, coerce(left, types), coerce(right, types))
        case Negate(arg=arg):
            return Negate(coerce(arg, types))
        case IsNull(arg=arg, negated=negated):
            return IsNull(coerce(arg, types), negated)
        case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
            return Like(coerce(arg, types), coerce(pattern, types), negated, ignore_case)
        case Cast(arg=arg, type=kind, precision=precision, scale=scale):
            return Cast(coerce(arg, types), kind, precision, scale)
        case Truncate(arg=arg, grain=grain):
            return Truncate(coerce(arg, types), grain)
        case Extract(arg=arg, part=part):
            return Extract(coerce(arg, types), part)
        case Shift(arg=arg, count=count, grain=grain):
            return Shift(coerce(arg, types), count, grain)
        case _:
            return expr


def coerced_condition(expr: Expr, types: Types) -> Expr:
    """`coerce` of a filter. Raises UserError DM3111 where it is no condition."""
    made = coerce(expr, types)
    check_condition(made, types)
    return made


def _fit(expr: Expr, kind: DataType) -> Expr:
    """A constant as one of `kind`; anything else as it is."""
    if not isinstance(expr, Literal) or expr.value is None:
        return expr
    if kind.is_temporal and expr.type is DataType.TEXT:
        found = temporal(str(expr.value), DataType.TIMESTAMP)
        if found is None:
            raise UserError(Problem("DM3107", f"`{expr.value}` is not a date or time", hint="write it as '2024-01-31'"))
        return _day(found)
    if kind is DataType.DATE and expr.type is DataType.TIMESTAMP:
        return _day(expr)
    if kind.is_numeric and expr.type is DataType.TEXT:
        found = numeric(str(expr.value))
        if found is None:
            raise UserError(Problem("DM3109", f"`{expr.value}` is not a number", hint="write it without quotes"))
        return found
    if kind is DataType.BOOLEAN and expr.type in (DataType.TEXT, DataType.INTEGER):
        truth = _TRUTH.get(str(expr.value).lower())
        return expr if truth is None else Literal(truth, DataType.BOOLEAN)
    return expr


def _day(literal: Literal) -> Literal:
    """A timestamp at midnight as a date: both engines compare dates with dates and with timestamps alike."""
    day, _, clock = str(literal.value).partition(" ")
    return Literal(day, DataType.DATE) if clock == "00:00:00" else literal
