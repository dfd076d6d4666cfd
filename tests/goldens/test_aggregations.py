"""dbt's aggregations over awkward rows: by group, over all, over none; both engines give the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.model.expr import Column, Expr
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.sql.expressions.infer import infer
from app.sql.expressions.parse import parse_expression
from app.sql.render import render_sql
from tests.goldens.awkward import TABLE, TYPES, spellers, types
from tests.goldens.conftest import Warehouses
from tests.goldens.test_random_expressions import alike

A, N = Aggregation, DataType
NUMBERS = [name for name, kind in TYPES.items() if kind.is_numeric]
SUMMED = [*NUMBERS, "b", "b0"]
EXPRS = [
    "i * i0",
    "d * d0",
    "i + big",
    "d - 0.5",
    "i0 / 3",
    "case when b then d else 0 end",
    "case when b then i end",
    "d * i",
    "coalesce(d, 0)",
]
COUNTED = [*TYPES, "case when b then t end", "date_trunc('month', ts)", "1", "tuple"]
RANKED = [name for name in TYPES if name not in ("f", "f0")]
SHARES = [0.1, 0.25, 0.5, 0.9, 0.99]
GROUPS = {"all": "", "none": " WHERE r.id0 < 0", "by": " GROUP BY r.b ORDER BY 1 NULLS LAST", "by none": " WHERE r.id0 < 0 GROUP BY r.b"}


def read(text: str) -> Expr:
    return parse_expression("(i, t)" if text == "tuple" else text, "clickhouse")


def statement(value: Aggregated, group: str, dialect: Dialect) -> str:
    keyless = "GROUP" not in GROUPS[group]
    text = render_sql(AGGREGATES[dialect](value, spellers(dialect), keyless), dialect)
    return f"SELECT {'1' if keyless else 'r.b'} AS k, {text} AS v FROM {TABLE} AS r{GROUPS[group]}"


def agree(value: Aggregated, group: str, warehouses: Warehouses) -> list[Any]:
    texts = [statement(value, group, dialect) for dialect in Dialect]
    postgres, clickhouse = (list(warehouses.run(dialect, text).rows()) for dialect, text in zip(Dialect, texts, strict=True))
    assert len(postgres) == len(clickhouse), texts
    for left, right in zip(postgres, clickhouse, strict=True):
        assert alike(left[0], right[0]), texts
        assert alike(left[1], right[1]), (texts, left, right)
    return [row[1] for row in postgres]


def aggregated(agg: Aggregation, text: str, **more: Any) -> Aggregated:
    expr = read(text)
    return Aggregated("v", agg, expr, infer(expr, types), **more)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("text", [*SUMMED, *EXPRS])
@pytest.mark.parametrize("agg", [A.SUM, A.AVERAGE])
def test_sums_and_averages(agg: Aggregation, text: str, group: str, awkward_rows: Warehouses) -> None:
    if text == "i + big":
        pytest.skip("beyond 64 bits within a row PostgreSQL refuses")
    found = agree(aggregated(agg, text), group, awkward_rows)
    assert group != "none" or found == [None]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("text", [*RANKED, "case when b then t end"])
@pytest.mark.parametrize("agg", [A.MIN, A.MAX])
def test_least_and_most(agg: Aggregation, text: str, group: str, awkward_rows: Warehouses) -> None:
    found = agree(aggregated(agg, text), group, awkward_rows)
    assert group != "none" or found == [None]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("text", COUNTED)
@pytest.mark.parametrize("agg", [A.COUNT, A.COUNT_DISTINCT])
def test_counts(agg: Aggregation, text: str, group: str, awkward_rows: Warehouses) -> None:
    if text in ("f", "f0") and agg is A.COUNT_DISTINCT:
        pytest.skip("ClickHouse counts 0.0 and -0.0 as two")
    found = agree(aggregated(agg, text), group, awkward_rows)
    assert group != "none" or found == [0]


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("text", ["b", "b0", "i", "d", "f", "i > 3"])
def test_sums_of_truth(text: str, group: str, awkward_rows: Warehouses) -> None:
    agree(aggregated(A.SUM_BOOLEAN, text), group, awkward_rows)


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("text", [*NUMBERS, "i0 / 3"])
@pytest.mark.parametrize("approximate", [False, True])
def test_percentiles(text: str, group: str, approximate: bool, awkward_rows: Warehouses) -> None:
    for share in SHARES:
        for discrete in (False, True):
            agree(aggregated(A.PERCENTILE, text, percentile=share, discrete=discrete, approximate=approximate), group, awkward_rows)
    agree(aggregated(A.MEDIAN, text), group, awkward_rows)


@pytest.mark.parametrize("text", ["t", "t0", "day", "day0", "ts", "sec0"])
def test_discrete_percentiles_of_what_is_no_number(text: str, awkward_rows: Warehouses) -> None:
    for share in SHARES:
        agree(aggregated(A.PERCENTILE, text, percentile=share, discrete=True), "by", awkward_rows)


def test_whole_numbers_are_summed_beyond_64_bits(awkward_rows: Warehouses) -> None:
    (total,) = agree(aggregated(A.SUM, "case when big > 1000000000000000000 then big end"), "all", awkward_rows)
    assert int(total) > 2**64
    (mean,) = agree(aggregated(A.AVERAGE, "case when big > 1000000000000000000 then big end"), "all", awkward_rows)
    assert mean > 9.2e18


def test_products_of_decimals_keep_every_digit(awkward_rows: Warehouses) -> None:
    (total,) = agree(aggregated(A.SUM, "case when id0 = 4 then d * d0 end"), "all", awkward_rows)
    assert isinstance(total, Decimal)
    assert total == Decimal("999999999.999") * Decimal("9999999999.99")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_aggregation_of_any_filter(data: st.DataObject, awkward_rows: Warehouses) -> None:
    agg = data.draw(st.sampled_from([A.SUM, A.AVERAGE, A.MIN, A.MAX, A.COUNT, A.COUNT_DISTINCT, A.MEDIAN]))
    column = data.draw(st.sampled_from([name for name in NUMBERS if name not in ("f", "f0", "big")]))
    other = data.draw(st.sampled_from(sorted(TYPES)))
    test = data.draw(st.sampled_from([f"{other} is null", f"{other} is not null", f"{column} > 0", "b", "not b", "t > 'a'"]))
    text = data.draw(st.sampled_from([f"case when {test} then {column} end", f"case when {test} then {column} else 0 end", column]))
    agree(aggregated(agg, text), data.draw(st.sampled_from(sorted(GROUPS))), awkward_rows)


def test_the_tables_columns_are_what_they_are_said_to_be() -> None:
    assert all(types(Column(name)) is kind for name, kind in TYPES.items())
