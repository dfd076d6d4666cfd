"""What the engines' aggregations share."""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import And, Call, Expr, IsNull, Literal
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType
from app.sql.expressions.spell import Speller, build


def argument(value: Aggregated, speller: Speller) -> exp.Expr:
    """What is aggregated; of the least and greatest, what decides which comes first."""
    return speller.ordering(value.expr) if value.agg in (Aggregation.MIN, Aggregation.MAX) else speller.spell(value.expr)


def counts_rows(expr: Expr) -> bool:
    """Whether a count of it is one of rows: a constant is never NULL."""
    return isinstance(expr, Literal) and expr.value is not None


def truth(arg: exp.Expr, of: DataType) -> exp.Expr:
    """1 where it holds, else 0; a number holds where it is not zero."""
    held = build.operation(exp.NEQ, arg, build.digits(0)) if of.is_numeric else arg
    return exp.Case(ifs=[exp.If(this=held, true=build.digits(1))], default=build.digits(0))


def whole_key(expr: Expr, speller: Speller) -> exp.Expr | None:
    """The condition under which a composite key is counted: none of its parts is NULL, as a single one that is NULL is not counted.

    None for what is no composite key.
    """
    if not (isinstance(expr, Call) and expr.name == "tuple"):
        return None
    return speller.spell(And(tuple(IsNull(part, negated=True) for part in expr.args)))
