"""Calculations over aggregations: what is found in them, and what is refused."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.expr import Case, Column
from app.model.types import Aggregation
from app.sql.expressions.aggregates import AGGREGATE, ONE, Aggregate, parse_calculation

A = Aggregation


@pytest.mark.parametrize(
    ("dialect", "text", "wanted"),
    [
        ("postgres", "SUM(x)", Aggregate(A.SUM, Column("x"))),
        ("postgres", "COUNT(*)", Aggregate(A.COUNT, ONE, rows=True)),
        ("postgres", "count(1)", Aggregate(A.COUNT, ONE, rows=True)),
        ("postgres", "count(x)", Aggregate(A.COUNT, Column("x"))),
        ("postgres", "count(distinct x)", Aggregate(A.COUNT_DISTINCT, Column("x"))),
        ("postgres", "max(distinct x)", Aggregate(A.MAX, Column("x"))),
        ("postgres", "avg(x)", Aggregate(A.AVERAGE, Column("x"))),
        ("postgres", "percentile_cont(0.5) within group (order by x)", Aggregate(A.MEDIAN, Column("x"))),
        ("postgres", "percentile_cont(0.9) within group (order by x desc)", Aggregate(A.PERCENTILE, Column("x"), 0.1)),
        ("postgres", "percentile_disc(0.9) within group (order by x)", Aggregate(A.PERCENTILE, Column("x"), 0.9, discrete=True)),
        ("snowflake", "approx_count_distinct(x)", Aggregate(A.COUNT_DISTINCT, Column("x"), approximate=True)),
        ("snowflake", "median(x)", Aggregate(A.MEDIAN, Column("x"))),
        ("clickhouse", "uniqExact(x)", Aggregate(A.COUNT_DISTINCT, Column("x"))),
        ("clickhouse", "uniq(x)", Aggregate(A.COUNT_DISTINCT, Column("x"), approximate=True)),
        ("clickhouse", "quantile(0.9)(x)", Aggregate(A.PERCENTILE, Column("x"), 0.9, approximate=True)),
        ("clickhouse", "quantileExactLow(0.9)(x)", Aggregate(A.PERCENTILE, Column("x"), 0.9, discrete=True)),
        ("clickhouse", "count()", Aggregate(A.COUNT, ONE, rows=True)),
    ],
)
def test_one_aggregation(dialect: str, text: str, wanted: Aggregate) -> None:
    found = parse_calculation(text, dialect)
    assert found.aggregates == (wanted,)
    assert found.expr == Column("0", AGGREGATE)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [("postgres", "sum(x) filter (where y = 1)"), ("clickhouse", "sumIf(x, y = 1)"), ("postgres", "sum(case when y = 1 then x end)")],
)
def test_conditions_are_cases(dialect: str, text: str) -> None:
    (aggregate,) = parse_calculation(text, dialect).aggregates
    assert isinstance(aggregate.expr, Case)
    assert (aggregate.expr.whens[0][1], aggregate.expr.otherwise) == (Column("x"), None)
    assert not aggregate.rows


def test_what_is_the_same_is_found_once() -> None:
    found = parse_calculation("sum(x) / nullif(sum(x) + count(*), 0)", "postgres")
    assert [a.agg for a in found.aggregates] == [A.SUM, A.COUNT]


@pytest.mark.parametrize(
    "text",
    [
        "sum(sum(x))",
        "sum(x) over (partition by y)",
        "stddev(x)",
        "string_agg(x, ',')",
        "count(distinct a, b)",
        "sum(distinct x)",
        "mode() within group (order by x)",
        "percentile_cont(1.5) within group (order by x)",
        "percentile_disc(0.9) within group (order by x desc)",
        "max(a, b)",
        "sum(x order by y)",
        "(select sum(x) from t)",
        "sum(now())",
        "",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(UserError) as refused:
        parse_calculation(text, "postgres")
    assert refused.value.problem.code.startswith("DM31")


@pytest.mark.parametrize("text", ["quantileExact(0.5)(x)", "sumIf(x)", "groupArray(x)", "anyIf(x, y)"])
def test_what_of_clickhouse_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_calculation(text, "clickhouse")
