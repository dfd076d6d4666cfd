"""Expressions in a form that people read: SQL's words, no engine's dialect. Never executed."""

from __future__ import annotations

from app.model.expr import (
    And,
    Attribute,
    Between,
    Binary,
    Call,
    Case,
    Cast,
    Column,
    Expr,
    Extract,
    Field,
    In,
    IsNull,
    Like,
    Literal,
    Negate,
    Not,
    Or,
    Parameter,
    Shift,
    Truncate,
)
from app.model.types import DataType

_TIGHT = (Column, Literal, Field, Call, Cast, Truncate, Extract, Attribute, Parameter)
_NUMBERS = (DataType.INTEGER, DataType.DECIMAL, DataType.FLOAT, DataType.BOOLEAN)


def expression_text(expr: Expr | None) -> str:
    """An expression as a person would write it."""
    match expr:
        case None:
            return ""
        case Literal(value=value, type=kind):
            return "null" if value is None else str(value).lower() if kind in _NUMBERS else "'" + str(value).replace("'", "''") + "'"
        case Column(name=name, table=table):
            return f"{table}.{name}" if table else name
        case Field(name=name, grain=grain, date_part=part, path=path):
            return "__".join(filter(None, (*path, name, grain, f"extract_{part}" if part else "")))
        case Attribute(name=name):
            return f"user.{name}"
        case Parameter(name=name):
            return f":{name}"
        case Call(name=name, args=args, distinct=distinct):
            return f"{name}({'distinct ' if distinct else ''}{', '.join(expression_text(a) for a in args)})"
        case Binary(op=op, left=left, right=right):
            return f"{_tight(left)} {op} {_tight(right)}"
        case And(args=args):
            return " and ".join(_tight(a) for a in args) or "true"
        case Or(args=args):
            return " or ".join(_tight(a) for a in args) or "false"
        case Not(arg=arg):
            return f"not {_tight(arg)}"
        case Negate(arg=arg):
            return f"-{_tight(arg)}"
        case In(arg=arg, options=options, negated=negated):
            return f"{_tight(arg)} {'not ' if negated else ''}in ({', '.join(expression_text(o) for o in options)})"
        case Between(arg=arg, low=low, high=high, negated=negated):
            return f"{_tight(arg)} {'not ' if negated else ''}between {_tight(low)} and {_tight(high)}"
        case IsNull(arg=arg, negated=negated):
            return f"{_tight(arg)} is {'not ' if negated else ''}null"
        case Like(arg=arg, pattern=pattern, negated=negated, ignore_case=ignore_case):
            return f"{_tight(arg)} {'not ' if negated else ''}{'i' if ignore_case else ''}like {_tight(pattern)}"
        case Case(whens=whens, otherwise=otherwise):
            parts = " ".join(f"when {expression_text(w)} then {expression_text(t)}" for w, t in whens)
            return f"case {parts}{f' else {expression_text(otherwise)}' if otherwise is not None else ''} end"
        case Cast(arg=arg, type=kind):
            return f"cast({expression_text(arg)} as {kind})"
        case Truncate(arg=arg, grain=grain):
            return f"date_trunc('{grain}', {expression_text(arg)})"
        case Extract(arg=arg, part=part):
            return f"extract({part} from {expression_text(arg)})"
        case Shift(arg=arg, count=count, grain=grain):
            return f"{_tight(arg)} {'-' if count < 0 else '+'} {abs(count)} {grain}{'' if abs(count) == 1 else 's'}"


def _tight(expr: Expr) -> str:
    text = expression_text(expr)
    return text if isinstance(expr, _TIGHT) else f"({text})"
