"""Whether an expression is NULL wherever all of its columns are: what is not gives a value even for a row that a join did not find."""

from __future__ import annotations

from app.model.expr import And, Between, Binary, Call, Cast, Column, Expr, Extract, In, Like, Negate, Not, Or, Shift, Truncate

_SKIPS_NULLS = frozenset({"coalesce", "greatest", "least", "concat", "tuple"})


def is_strict(expr: Expr) -> bool:
    """True where NULL columns certainly give NULL; a constant, a CASE or a COALESCE may give anything."""
    match expr:
        case Column():
            return True
        case Not(arg=arg) | Negate(arg=arg) | Cast(arg=arg) | Truncate(arg=arg) | Extract(arg=arg) | Shift(arg=arg):
            return is_strict(arg)
        case In(arg=arg) | Between(arg=arg) | Like(arg=arg):
            return is_strict(arg)
        case Binary(left=left, right=right):
            return is_strict(left) or is_strict(right)
        case And(args=args) | Or(args=args):
            return bool(args) and all(is_strict(arg) for arg in args)
        case Call(name="nullif", args=args):
            return is_strict(args[0])
        case Call(name=name, args=args):
            return name not in _SKIPS_NULLS and any(is_strict(arg) for arg in args)
        case _:
            return False
