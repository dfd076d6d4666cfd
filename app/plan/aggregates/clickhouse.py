"""dbt's aggregations in ClickHouse.

Over no rows, its aggregates give zeros in place of NULL where the argument is not Nullable; the `OrNull` combinator mends that where there
are no keys (a group has a row, so there it is not needed). Sums and averages of Int64 wrap around silently: they go on in Int128.
"""

from __future__ import annotations

from sqlglot import exp

from app.model.expr import Expr
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType
from app.plan.aggregates.common import argument, counts_rows, truth, whole_key
from app.sql.expressions.spell import Speller, build
from app.sql.expressions.spell.bounds import is_bounded

_ACCURACY = 10_000
"""Of an approximate discrete percentile: the place of the value given differs from the exact one by at most one in so many."""


def aggregate(value: Aggregated, speller: Speller, keyless: bool) -> exp.Expr:
    """The aggregation; no rows give NULL, counts 0."""
    arg = argument(value, speller)
    match value.agg:
        case Aggregation.SUM:
            return _plain("sum", _wide(value, arg, speller), keyless)
        case Aggregation.MIN | Aggregation.MAX:
            return _plain(value.agg.value, arg, keyless)
        case Aggregation.AVERAGE:
            return _average(value, arg, speller, keyless)
        case Aggregation.COUNT:
            return exp.Count(this=exp.Star() if counts_rows(value.expr) else arg, big_int=True)
        case Aggregation.COUNT_DISTINCT:
            return _distinct(value.expr, arg, speller)
        case Aggregation.SUM_BOOLEAN:
            return _plain("sum", truth(arg, value.of), keyless)
        case Aggregation.MEDIAN:
            return _continuous(0.5, arg, value, keyless)
        case Aggregation.PERCENTILE:
            share = 0.5 if value.percentile is None else value.percentile
            if not value.discrete:
                return _continuous(share, arg, value, keyless)
            if value.approximate and value.of.is_numeric:
                return _approximate(share, arg, keyless)
            return _discrete(share, arg, speller.spell(value.expr), speller.spell(value.expr))


def _plain(function: str, arg: exp.Expr, keyless: bool) -> exp.Expr:
    """An aggregate function, NULL over no rows."""
    if keyless:
        return exp.CombinedAggFunc(this=f"{function}OrNull", expressions=[arg])
    kinds: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max, "avg": exp.Avg}
    return kinds[function](this=arg)


def _average(value: Aggregated, arg: exp.Expr, speller: Speller, keyless: bool) -> exp.Expr:
    """Of whole numbers, which `avg` would add in their own type, the whole sum by the count."""
    if value.of is not DataType.INTEGER or is_bounded(value.expr):
        return _plain("avg", arg, keyless)
    total = _plain("sum", _wide(value, arg, speller), keyless)
    return build.operation(exp.Div, total, exp.Count(this=speller.spell(value.expr), big_int=True), typed=False, safe=False)


def _wide(value: Aggregated, arg: exp.Expr, speller: Speller) -> exp.Expr:
    """What a sum adds: whole numbers as Int128, unless they are small ones."""
    fits = value.of is not DataType.INTEGER or is_bounded(value.expr) or speller.outgrown(value.expr)
    return arg if fits else build.call("toInt128", arg)


def _distinct(expr: Expr, arg: exp.Expr, speller: Speller) -> exp.Expr:
    """Of composite keys those that are whole. Not COUNT(DISTINCT …): a server's settings may make that an estimate."""
    whole = whole_key(expr, speller)
    if whole is None:
        return exp.AnonymousAggFunc(this="uniqExact", expressions=[arg])
    return exp.CombinedAggFunc(this="uniqExactIf", expressions=[arg, whole])


def _continuous(share: float, arg: exp.Expr, value: Aggregated, keyless: bool) -> exp.Expr:
    """PERCENTILE_CONT: between the two nearest values; of a sample of 8,192 values where an approximation will do."""
    number = arg if value.of is DataType.FLOAT else build.call("toFloat64", arg)
    name = "quantile" if value.approximate and value.agg is Aggregation.PERCENTILE else "quantileExactInclusive"
    kind = exp.CombinedParameterizedAgg if keyless else exp.ParameterizedAgg
    return kind(this=name + ("OrNull" if keyless else ""), expressions=[build.digits(repr(share))], params=[number])


def _approximate(share: float, arg: exp.Expr, keyless: bool) -> exp.Expr:
    """A value whose place among the sorted ones is nearly that of PERCENTILE_DISC."""
    kind = exp.CombinedParameterizedAgg if keyless else exp.ParameterizedAgg
    return kind(
        this="quantileGK" + ("OrNull" if keyless else ""), expressions=[build.digits(_ACCURACY), build.digits(repr(share))], params=[arg]
    )


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
