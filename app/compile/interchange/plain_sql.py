"""Metrics as SQL over aggregations, for formats that hold such texts."""

from __future__ import annotations

from collections.abc import Callable

from app.compile.interchange.plain import Aggregated, Calculated, Plain, Reference, Unsayable
from app.compile.interchange.sql_text import Leaf, sql_of
from app.model.expr import Case, Column, Expr, Field, Literal
from app.model.types import Aggregation

_FUNCTIONS = {
    Aggregation.SUM: "sum({})",
    Aggregation.SUM_BOOLEAN: "sum({})",
    Aggregation.MIN: "min({})",
    Aggregation.MAX: "max({})",
    Aggregation.AVERAGE: "avg({})",
    Aggregation.COUNT: "count({})",
    Aggregation.COUNT_DISTINCT: "count(distinct {})",
    Aggregation.MEDIAN: "percentile_cont(0.5) within group (order by {})",
}


def aggregate_sql(part: Aggregated, leaf: Leaf, dialect: str) -> str:
    """An aggregation, with what stands for nothing. Raises Unspeakable."""
    measure = part.measure
    if measure.agg is Aggregation.PERCENTILE:
        pattern = _percentile(measure.percentile or 0.0, measure.discrete, measure.approximate, dialect)
    elif measure.agg is Aggregation.MEDIAN and dialect == "clickhouse":
        pattern = _percentile(0.5, discrete=False, approximate=False, dialect=dialect)
    else:
        pattern = _FUNCTIONS[measure.agg]
    counts_rows = measure.agg is Aggregation.COUNT and isinstance(part.expr, Literal)
    text = "count(*)" if counts_rows else pattern.format(sql_of(part.expr, leaf, dialect, true_division=True))
    if part.fill is not None and measure.agg not in (Aggregation.COUNT, Aggregation.COUNT_DISTINCT):
        return f"coalesce({text}, {part.fill})"
    return text


def whole_sql(part: Aggregated | Reference | Calculated, plain: Plain, leaf: Leaf, dialect: str) -> str:
    """A metric as one text, the metrics that it stands on written out. Raises Unsayable or Unspeakable."""
    match part:
        case Aggregated():
            if part.accumulated:
                raise Unsayable("it is accumulated over time")
            return aggregate_sql(part, leaf, dialect)
        case Reference(metric=name, offset=offset):
            if offset:
                raise Unsayable(f"`{name}` is taken as it was {offset.count} {offset.grain} before")
            return whole_sql(plain.metric(name), plain, leaf, dialect)
        case Calculated(expr=expr, parts=parts):
            texts = {alias: whole_sql(given, plain, leaf, dialect) for alias, given in parts}
            reckoned = {alias for alias, given in parts if isinstance(plain.resolved(given), Calculated)}
            return calculated_sql(expr, lambda alias: f"({texts[alias]})" if alias in reckoned else texts[alias], dialect)


def calculated_sql(expr: Expr, name: Callable[[str], str], dialect: str) -> str:
    """An expression over metrics, each by the text that `name` gives for it."""

    def leaf(given: Column | Field) -> str:
        return name(given.name)

    return sql_of(expr, leaf, dialect, true_division=True)


def split_condition(part: Aggregated) -> tuple[Expr, Expr | None]:
    """What is aggregated, and under which condition: for formats that keep the two apart."""
    match part.expr:
        case Case(whens=((condition, value),), otherwise=None) if part.measure.agg is not Aggregation.SUM_BOOLEAN:
            return value, condition
        case _:
            return part.expr, None


def _percentile(share: float, discrete: bool, approximate: bool, dialect: str) -> str:
    if dialect == "clickhouse":
        name = "quantile" if approximate else "quantileExactLow" if discrete else "quantileExactInclusive"
        return f"{name}({share})({{}})"
    return f"percentile_{'disc' if discrete else 'cont'}({share}) within group (order by {{}})"
