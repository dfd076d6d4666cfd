"""Shapes of calculations over aggregations: which are a ratio, and which would lose their fractions where they come from."""

from __future__ import annotations

from app.model.expr import Binary, Call, Cast, Column, Expr, Literal
from app.model.types import DataType

TRUNCATING = frozenset({"postgres", "redshift", "tsql", "sqlite", "trino", "athena", "duckdb"})
"""Dialects in which a whole number by a whole number is a whole number."""


def ratio_of(expr: Expr) -> tuple[Column, Column] | None:
    """Numerator and denominator of `a / b`, also as `1.0 * a / NULLIF(b, 0)` or `CAST(a AS decimal) / b`; None for any other shape."""
    if not (isinstance(expr, Binary) and expr.op == "/"):
        return None
    top, bottom = _without_decimal(expr.left), _without_decimal(_without_guard(expr.right))
    return (top, bottom) if isinstance(top, Column) and isinstance(bottom, Column) else None


def bare_divisions(expr: Expr) -> list[tuple[Expr, Expr]]:
    """The two sides of each division that nothing makes a division of decimals."""
    found: list[tuple[Expr, Expr]] = []
    stack: list[Expr] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, Binary):
            if node.op == "/" and not _is_decimal(node.left) and not _is_decimal(node.right):
                found.append((node.left, node.right))
            stack += [node.left, node.right]
        elif isinstance(node, Call):
            stack += node.args
    return found


def _is_decimal(expr: Expr) -> bool:
    """Whether some part of an arithmetic expression is a number with a fraction for sure."""
    match expr:
        case Literal(type=kind) | Cast(type=kind):
            return kind in (DataType.DECIMAL, DataType.FLOAT)
        case Binary(left=left, right=right):
            return _is_decimal(left) or _is_decimal(right)
        case Call(args=args):
            return any(_is_decimal(arg) for arg in args)
        case _:
            return False


def _without_guard(expr: Expr) -> Expr:
    """What `NULLIF(x, 0)` guards: a division by zero gives NULL here in any case."""
    match expr:
        case Call(name="nullif", args=(inner, Literal(value=value))) if value in (0, "0.0", "0.00"):
            return inner
        case _:
            return expr


def _without_decimal(expr: Expr) -> Expr:
    """What `1.0 * x`, `x * 1.0` and `CAST(x AS decimal)` hold: division is real here in any case."""
    match expr:
        case Binary(op="*", left=Literal(value=one), right=inner) | Binary(op="*", left=inner, right=Literal(value=one)) if _is_one(one):
            return inner
        case Cast(arg=inner, type=DataType.DECIMAL, precision=None) | Cast(arg=inner, type=DataType.FLOAT):
            return inner
        case _:
            return expr


def _is_one(value: object) -> bool:
    return value == 1 or (isinstance(value, str) and value.rstrip("0") == "1.")
