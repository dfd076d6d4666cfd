"""What may stand as a condition: the engines disagree on whether a number or a text is one."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import COMPARISONS, And, Between, Binary, Expr, In, Like, Not, Or
from app.model.types import DataType
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.spell.mixing import check_compared
from app.sql.expressions.text import expression_text


def check_condition(expr: Expr, types: Types) -> None:
    """AND, OR and NOT go over truth values, and a filter is one; what is of no known type is left to the engine.

    Raises UserError DM3111, and DM3108 for a comparison of what can't be compared."""
    match expr:
        case And(args=args) | Or(args=args):
            for arg in args:
                check_condition(arg, types)
        case Not(arg=arg):
            check_condition(arg, types)
        case Like(arg=arg) if infer(arg, types) not in (DataType.TEXT, DataType.OTHER):
            raise UserError(Problem("DM3108", f"`{expression_text(arg)}` is of type {infer(arg, types)}: LIKE is for texts"))
        case Binary(left=left, right=right) if {infer(left, types).is_temporal, infer(right, types).is_temporal} == {True, False}:
            _check_time(expr, left, right, types)
        case Binary(op=op, left=left, right=right) if op in COMPARISONS:
            check_compared((left, right), [infer(left, types), infer(right, types)])
        case In(arg=arg, options=options):
            _together((arg, *options), types)
        case Between(arg=arg, low=low, high=high):
            _together((arg, low, high), types)
        case _:
            kind = infer(expr, types)
            if kind not in (DataType.BOOLEAN, DataType.OTHER):
                raise UserError(
                    Problem("DM3111", f"`{expression_text(expr)}` is of type {kind}, and no condition", hint="compare it with something")
                )


def _together(exprs: tuple[Expr, ...], types: Types) -> None:
    """The first is compared with each of the others."""
    kinds = [infer(expr, types) for expr in exprs]
    for expr, kind in zip(exprs[1:], kinds[1:], strict=True):
        check_compared((exprs[0], expr), (kinds[0], kind))


def _check_time(expr: Expr, left: Expr, right: Expr, types: Types) -> None:
    """A time is compared with times only; of the other side perhaps nothing is known."""
    other = left if infer(right, types).is_temporal else right
    if infer(other, types) is not DataType.OTHER:
        raise UserError(
            Problem(
                "DM3108",
                f"`{expression_text(expr)}`: a time can't be compared with what is of type {infer(other, types)}",
                hint="dates look like '2026-06-30'",
            )
        )
