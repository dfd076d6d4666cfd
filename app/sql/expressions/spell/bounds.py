"""What is known of an expression's size and digits, so that numbers are widened only where they could outgrow their type."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from app.model.expr import Binary, Call, Case, Cast, Column, Expr, Extract, Literal, Negate
from app.model.types import DataType

_SMALL = 2**31
_COUNTS = frozenset({"length", "position", "sign", "date_diff"})


def is_bounded(expr: Expr) -> bool:
    """Whether it is a whole number of at most 31 bits whatever the rows hold; NULL is."""
    match expr:
        case Literal(value=value):
            return value is None or (isinstance(value, int) and abs(value) < _SMALL)
        case Extract():
            return True
        case Negate(arg=arg) | Call(name="abs", args=(arg,)):
            return is_bounded(arg)
        case Call(name="coalesce" | "nullif" | "greatest" | "least", args=args):
            return all(is_bounded(arg) for arg in args)
        case Call(name=name):
            return name in _COUNTS
        case Case(whens=whens, otherwise=otherwise):
            return all(is_bounded(then) for _, then in whens) and (otherwise is None or is_bounded(otherwise))
        case Cast(arg=arg, type=DataType.INTEGER):
            return isinstance(arg, Case) and is_bounded(arg)
        case _:
            return False


def scale(expr: Expr, type_of: Callable[[Expr], DataType]) -> Hashable:
    """Something that is equal for decimals which certainly have as many digits after the point; None where nothing is known."""
    match expr:
        case Literal(value=value):
            return len(str(value).partition(".")[2])
        case Column(name=name, table=table):
            return (table, name)
        case Negate(arg=arg) | Call(name="abs", args=(arg,)):
            return scale(arg, type_of)
        case Cast(type=DataType.DECIMAL, precision=precision, scale=given):
            return given or 0 if precision is not None else None
        case Binary(op=op, left=left, right=right) if op in "+-":
            known = {scale(side, type_of) for side in (left, right) if type_of(side) is not DataType.INTEGER}
            return known.pop() if len(known) == 1 else None
        case Binary(op="*", left=left, right=right):
            factors = [scale(side, type_of) for side in (left, right) if type_of(side) is not DataType.INTEGER]
            return None if None in factors else factors[0] if len(factors) == 1 else ("*", *factors)
        case _:
            return None
