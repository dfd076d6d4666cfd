"""dbt's aggregations in PostgreSQL. It has no approximate percentiles: the exact ones stand for them."""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Expr
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType
from app.plan.aggregates.common import argument, counts_rows, truth, whole_key
from app.sql.expressions.spell import Speller, build


def aggregate(value: Aggregated, speller: Speller, _keyless: bool) -> exp.Expr:
    """The aggregation; no rows give NULL, counts 0. Averages and percentiles are double precision, as on every engine."""
    arg, boolean = argument(value, speller), value.of is DataType.BOOLEAN
    match value.agg:
        case Aggregation.SUM:
            return exp.Sum(this=build.cast(arg, "int") if boolean else arg)
        case Aggregation.MIN:
            return build.call("BOOL_AND", arg) if boolean else exp.Min(this=arg)
        case Aggregation.MAX:
            return build.call("BOOL_OR", arg) if boolean else exp.Max(this=arg)
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


def _distinct(expr: Expr, arg: exp.Expr, speller: Speller) -> exp.Expr:
    """COUNT(DISTINCT …), of composite keys that are whole."""
    counted, whole = exp.Count(this=exp.Distinct(expressions=[arg]), big_int=True), whole_key(expr, speller)
    return counted if whole is None else exp.Filter(this=counted, expression=exp.Where(this=whole))


def _percentile(share: float, arg: exp.Expr, *, discrete: bool) -> exp.Expr:
    """Continuous: between the two nearest values; discrete: the first value whose cumulative share reaches it."""
    kind = exp.PercentileDisc if discrete else exp.PercentileCont
    return exp.WithinGroup(
        this=kind(this=build.digits(repr(share))), expression=exp.Order(expressions=[exp.Ordered(this=arg, nulls_first=False)])
    )
