"""Where a function of double precision has no value, on every engine: outside of its domain and beyond what a double holds it is NULL, and what is
too small to hold is 0. PostgreSQL would fail there, ClickHouse would give infinities."""

from __future__ import annotations

import math

from app.model.expr import And, Between, Binary, Call, Case, Cast, Expr, Literal, Or
from app.model.types import DataType

_MOST, _LEAST = 709, -708
"""`exp` of more is more than a double holds, of less it is less than the least normal one."""
_ZERO = Literal(0, DataType.INTEGER)
_NONE = Literal("0", DataType.FLOAT)
_NEVER_NEGATIVE = frozenset({"abs", "exp", "length", "position", "sqrt"})


def has_value(node: Call) -> bool:
    """Whether it is a call of constants that certainly has a value."""
    numbers = [_constant(arg) for arg in node.args]
    return all(number is not None for number in numbers) and _fits(node.name, [number or 0.0 for number in numbers])


def is_never_negative(expr: Expr) -> bool:
    """Whether it is zero, more or NULL, whatever the rows hold."""
    return isinstance(expr, Call) and expr.name in _NEVER_NEGATIVE


def positive(node: Call) -> Expr:
    """The argument of `ln`, NULL where it is not above zero. Unlike a condition on it, this does not write it twice."""
    (arg,) = node.args
    if has_value(node):
        return arg
    return Call("nullif", (arg if is_never_negative(arg) else Call("greatest", (arg, _ZERO)), _ZERO))


def guarded(node: Call) -> Expr:
    """`sqrt`, `exp` or `power` under the condition that it has a value; where it certainly has one, as it stands."""
    arg = node.args[0]
    if has_value(node):
        return node
    match node.name:
        case "sqrt":
            return node if is_never_negative(arg) else Case(((Binary(">=", arg, _ZERO), node),))
        case "exp":
            return Case(((Binary("<", arg, _integer(_LEAST)), _NONE), (Binary("<=", arg, _integer(_MOST)), node)))
        case _:
            return _power(node, arg, node.args[1])


def copies(node: Call) -> tuple[int, ...]:
    """How often `guarded` writes each argument, at most."""
    match node.name:
        case "sqrt":
            return (1,) if is_never_negative(node.args[0]) else (2,)
        case "exp":
            return (3,)
        case _:
            return (6, 6) if _whole(node.args[1]) is None else (3, 1)


def _power(node: Call, base: Expr, exponent: Expr) -> Expr:
    """`power(base, exponent)`; where the exponent is a whole constant above 0 the condition is one on the size of the base."""
    size, whole = Call("abs", (base,)), _whole(exponent)
    if whole is not None:
        least, most = (_float(math.exp(limit / whole)) for limit in (_LEAST, _MOST))
        fits = Between(size, least, most)
        return Case(((fits, node), (Binary("<", size, least), _NONE)))
    digits = Binary("*", Cast(exponent, DataType.FLOAT), Call("ln", (size,)))
    defined = And(
        (
            Or((Binary("<>", base, _ZERO), Binary(">=", exponent, _ZERO))),
            Or((Binary(">=", base, _ZERO), Binary("=", exponent, Call("floor", (exponent,))))),
        )
    )
    held = Or((Binary("=", base, _ZERO), Between(digits, _integer(_LEAST), _integer(_MOST))))
    return Case(((defined, Case(((held, node), (Binary("<", digits, _integer(_LEAST)), _NONE)))),))


def _whole(exponent: Expr) -> float | None:
    """The whole number above 0 that an exponent is known to be."""
    known = _constant(exponent)
    return known if known is not None and known >= 1 and known.is_integer() else None


def _constant(expr: Expr) -> float | None:
    """The number that a constant is, None for anything else."""
    return float(expr.value) if isinstance(expr, Literal) and expr.type.is_numeric and expr.value is not None else None


def _fits(name: str, numbers: list[float]) -> bool:
    """Whether the function has a value for these numbers."""
    try:
        match name:
            case "ln":
                return numbers[0] > 0
            case "sqrt":
                return numbers[0] >= 0
            case "exp":
                return _LEAST <= numbers[0] <= _MOST
            case _:
                made = math.pow(numbers[0], numbers[1])
                return made == 0 == numbers[0] or math.exp(_LEAST) <= abs(made) <= math.exp(_MOST)
    except (ValueError, OverflowError):
        return False


def _integer(value: int) -> Literal:
    return Literal(value, DataType.INTEGER)


def _float(value: float) -> Literal:
    return Literal(repr(value), DataType.FLOAT)
