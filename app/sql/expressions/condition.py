"""What may stand as a condition: the engines disagree on whether a number or a text is one."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.expr import And, Expr, Not, Or
from app.model.types import DataType
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.text import expression_text


def check_condition(expr: Expr, types: Types) -> None:
    """AND, OR and NOT go over truth values, and a filter is one; what is of no known type is left to the engine. Raises UserError DM3111."""
    match expr:
        case And(args=args) | Or(args=args):
            for arg in args:
                check_condition(arg, types)
        case Not(arg=arg):
            check_condition(arg, types)
        case _:
            kind = infer(expr, types)
            if kind not in (DataType.BOOLEAN, DataType.OTHER):
                raise UserError(
                    Problem("DM3111", f"`{expression_text(expr)}` is of type {kind}, and no condition", hint="compare it with something")
                )
