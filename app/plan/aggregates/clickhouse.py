"""dbt's aggregations in ClickHouse.

Over no rows, its aggregates give zeros in place of NULL where the argument is not Nullable; the `OrNull` combinator mends that where there
are no keys (a group has a row, so there it is not needed).
"""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Literal
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType
from app.plan.aggregates.postgres import truth
from app.sql.expressions.spell import Speller, build


def aggregate(value: Aggregated, speller: Speller, keyless: bool) -> exp.Expr:
    """The aggregation; no rows give NULL, counts 0."""
    arg = speller.spell(value.expr)
    match value.agg:
        case Aggregation.SUM:
            return _plain("sum", arg, keyless)
        case Aggregation.MIN:
            return _plain("min", arg, keyless)
        case Aggregation.MAX:
            return _plain("max", arg, keyless)
        case Aggregation.AVERAGE:
            return _plain("avg", arg, keyless)
        case Aggregation.COUNT:
            return exp.Count(this=exp.Star() if isinstance(value.expr, Literal) and value.expr.value is not None else arg, big_int=True)
        case Aggregation.COUNT_DISTINCT:
            # Not COUNT(DISTINCT …): a server's settings may make that an estimate.
            return exp.AnonymousAggFunc(this="uniqExact", expressions=[arg])
        case Aggregation.SUM_BOOLEAN:
            return _plain("sum", truth(arg, value.of), keyless)
        case Aggregation.MEDIAN:
            return _continuous(0.5, arg, value.of, keyless)
        case Aggregation.PERCENTILE:
            share = 0.5 if value.percentile is None else value.percentile
            if value.discrete:
                return _discrete(share, arg, speller.spell(value.expr), speller.spell(value.expr))
            return _continuous(share, arg, value.of, keyless)


def _plain(function: str, arg: exp.Expr, keyless: bool) -> exp.Expr:
    """An aggregate function, NULL over no rows."""
    if keyless:
        return exp.CombinedAggFunc(this=f"{function}OrNull", expressions=[arg])
    kinds: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "avg": exp.Avg}
    return kinds[function](this=arg)


def _continuous(share: float, arg: exp.Expr, of: DataType, keyless: bool) -> exp.Expr:
    """PERCENTILE_CONT: between the two nearest values."""
    number = arg if of is DataType.FLOAT else build.call("toFloat64", arg)
    kind = exp.CombinedParameterizedAgg if keyless else exp.ParameterizedAgg
    return kind(this="quantileExactInclusive" + ("OrNull" if keyless else ""), expressions=[build.digits(repr(share))], params=[number])


def _discrete(share: float, *args: exp.Expr) -> exp.Expr:
    """PERCENTILE_DISC: the value at place ceil(share × count) among the sorted ones; quantileExact would take the one after floor."""
    listed, counted, tested = args
    place = build.call(
        "greatest",
        build.digits(1),
        build.call(
            "toInt64", build.call("ceil", exp.Mul(this=build.digits(repr(share)), expression=exp.Count(this=counted, big_int=True)))
        ),
    )
    element = build.call("arrayElement", build.call("arraySort", exp.AnonymousAggFunc(this="groupArray", expressions=[listed])), place)
    empty = build.operation(exp.EQ, exp.Count(this=tested, big_int=True), build.digits(0))
    return exp.Case(ifs=[exp.If(this=exp.Not(this=exp.Paren(this=empty)), true=element)])
