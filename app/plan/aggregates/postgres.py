"""dbt's aggregations in PostgreSQL. It has no approximate percentiles: the exact ones stand for them."""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import And, Call, Expr, IsNull, Literal
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType
from app.sql.expressions.spell import Speller, build


def aggregate(value: Aggregated, speller: Speller, _keyless: bool) -> exp.Expr:
    """The aggregation; no rows give NULL, counts 0. Averages and percentiles are double precision, as on every engine."""
    arg = speller.spell(value.expr)
    boolean = value.of is DataType.BOOLEAN
    match value.agg:
        case Aggregation.SUM:
            return exp.Sum(this=build.cast(arg, "int") if boolean else arg)
        case Aggregation.MIN:
            return build.call("BOOL_AND", arg) if boolean else exp.Min(this=speller.ordering(value.expr))
        case Aggregation.MAX:
            return build.call("BOOL_OR", arg) if boolean else exp.Max(this=speller.ordering(value.expr))
        case Aggregation.AVERAGE:
            mean = exp.Avg(this=build.cast(arg, "int") if boolean else arg)
            return mean if value.of is DataType.FLOAT else build.cast(mean, "double precision")
        case Aggregation.COUNT:
            return exp.Count(this=exp.Star() if counts_rows(value.expr) else arg, big_int=True)
        case Aggregation.COUNT_DISTINCT:
            return _distinct(value.expr, arg, speller)
        case Aggregation.SUM_BOOLEAN:
            return exp.Sum(this=truth(arg, value.of))
        case Aggregation.MEDIAN:
            return _percentile(0.5, arg, discrete=False)
        case Aggregation.PERCENTILE:
            return _percentile(0.5 if value.percentile is None else value.percentile, arg, discrete=value.discrete)


def counts_rows(expr: Expr) -> bool:
    """Whether a count of it is one of rows: a constant is never NULL."""
    return isinstance(expr, Literal) and expr.value is not None


def _distinct(expr: Expr, arg: exp.Expr, speller: Speller) -> exp.Expr:
    """COUNT(DISTINCT …). A composite key with a NULL part is not counted, as a single one that is NULL is not."""
    counted = exp.Count(this=exp.Distinct(expressions=[arg]), big_int=True)
    if not (isinstance(expr, Call) and expr.name == "tuple"):
        return counted
    whole = speller.spell(And(tuple(IsNull(part, negated=True) for part in expr.args)))
    return exp.Filter(this=counted, expression=exp.Where(this=whole))


def truth(arg: exp.Expr, of: DataType) -> exp.Expr:
    """1 where it holds, else 0; a number holds where it is not zero."""
    held = build.operation(exp.NEQ, arg, build.digits(0)) if of.is_numeric else arg
    return exp.Case(ifs=[exp.If(this=held, true=build.digits(1))], default=build.digits(0))


def _percentile(share: float, arg: exp.Expr, *, discrete: bool) -> exp.Expr:
    """Continuous: between the two nearest values; discrete: the first value whose cumulative share reaches it."""
    kind = exp.PercentileDisc if discrete else exp.PercentileCont
    return exp.WithinGroup(
        this=kind(this=build.digits(repr(share))), expression=exp.Order(expressions=[exp.Ordered(this=arg, nulls_first=False)])
    )
