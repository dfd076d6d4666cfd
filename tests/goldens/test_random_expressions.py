"""Random expressions over awkward rows: both engines give the same value for every row, or both refuse."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from structlog.testing import CapturingLogger

from app.adapters.engines import problems
from app.errors import UserError
from app.model.types import Dialect
from app.sql.expressions.parse import parse_expression
from tests.goldens.awkward import by_row
from tests.goldens.compare import same
from tests.goldens.conftest import Warehouses

OVERFLOW = ("22003", "407")
CASE = "case when {} then {} else {} end".format


def grown(leaves: st.SearchStrategy[str], *shapes: str, most: int = 4) -> st.SearchStrategy[str]:
    """Expressions of one type from smaller ones of it."""

    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        made = [st.builds(shape.format, *([inner] * shape.count("{}"))) for shape in shapes]
        return st.one_of(*made, st.builds(CASE, CONDITIONS, inner, inner))

    return st.recursive(leaves, extend, max_leaves=most)


INTEGER_LEAVES = st.sampled_from(
    ["i", "i0", "u0", "0", "3", "-7", "length(t)", "extract(month from day)", "position('a' in t0)", "sign(d)"]
)
TIME_LEAVES = st.sampled_from(["ts", "ts0", "sec0", "timestamp '2024-02-29 12:00:00.5'"])
DATE_LEAVES = st.sampled_from(
    ["day", "day0", "date '2024-02-29'", "date_trunc('month', ts)", "date_trunc('week', day0)", "cast(ts0 as date)"]
)
TEXT_LEAVES = st.sampled_from(["t", "t0", "'a'", "''", "'É'", "cast(i as text)", "cast(d as text)", "cast(b as text)"])
DECIMAL_LEAVES = st.sampled_from(["d", "d0", "0.1", "-2.50", "cast(i as numeric(12, 2))"])
FLOAT_LEAVES = st.sampled_from(["f", "f0", "i / 3", "d / d0", "1e3", "cast(i0 as double precision)"])
OPERATORS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
NUMBER_LEAVES = st.one_of(INTEGER_LEAVES, DECIMAL_LEAVES, FLOAT_LEAVES, st.sampled_from(["big", "dd"]))


def compared(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, leaves, OPERATORS, leaves),
        st.builds("{} between {} and {}".format, leaves, leaves, leaves),
        st.builds("{} in ({}, {})".format, leaves, leaves, leaves),
        st.builds("{} not in ({}, null)".format, leaves, leaves),
        st.builds("{} is null".format, leaves),
    )


CONDITIONS = st.recursive(
    st.one_of(
        st.sampled_from(["b", "b0", "t like 'a%'", "t0 not like '%\\_%'", "t ilike 'é'", "starts_with(t, 'a')"]),
        *map(compared, (INTEGER_LEAVES, TEXT_LEAVES, DATE_LEAVES, TIME_LEAVES, DECIMAL_LEAVES, st.one_of(DATE_LEAVES, TIME_LEAVES))),
    ),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner), st.builds("({} or {})".format, inner, inner), st.builds("(not {})".format, inner)
    ),
    max_leaves=3,
)
INTEGERS = grown(INTEGER_LEAVES, "({} + {})", "({} - {})", "({} * {})", "({} % {})", "abs({})", "nullif({}, {})", "coalesce({}, {})",
                 "greatest({}, {})", "(-{})", "cast({} as bigint)")  # fmt: skip
DECIMALS = grown(
    st.one_of(DECIMAL_LEAVES, INTEGER_LEAVES), "({} + {})", "({} - {})", "({} * {})", "abs({})", "coalesce({}, {})", "least({}, {})",
    "nullif({}, {})", "round({}, 1)", "cast({} as numeric(20, 2))", "floor({})", "ceil({})",
    most=3,
)  # fmt: skip
FLOATS = grown(st.one_of(FLOAT_LEAVES, DECIMAL_LEAVES, INTEGER_LEAVES), "({} / {})", "({} + {})", "({} - {})", "coalesce({}, {})", "greatest({}, {})",
               "ln({})", "sqrt({})", "power({}, 2)", "exp({})", "power({}, {})", most=3)  # fmt: skip
TEXTS = grown(TEXT_LEAVES, "({} || {})", "concat({}, {})", "lower({})", "upper({})", "trim({})", "left({}, 2)", "right({}, 1)", "substring({}, 2, 2)",
              "substring({}, length(t0) - 1)",
              "replace({}, 'a', {})", "coalesce({}, {})", "nullif({}, {})", "greatest({}, {})")  # fmt: skip
DATES = grown(DATE_LEAVES, "coalesce({}, {})", "greatest({}, {})", "({} + interval '1 month')", "({} - interval '1 quarter')", "({} + interval '3 days')",
              "({} - interval '1 year')", "date_trunc('week', {})", "date_trunc('quarter', {})", "({} + 40)")  # fmt: skip
TIMES = grown(st.one_of(TIME_LEAVES, DATE_LEAVES), "coalesce({}, {})", "least({}, {})", "({} + interval '1 month')", "({} - interval '90 minutes')",
              "({} + interval '1 day')", "date_trunc('hour', {})", "date_trunc('second', {})")  # fmt: skip
ALL = {"integers": INTEGERS, "decimals": DECIMALS, "floats": FLOATS, "texts": TEXTS, "dates": DATES, "times": TIMES, "conditions": CONDITIONS,
       "numbers compared": compared(NUMBER_LEAVES)}  # fmt: skip


def agree(expr_text: str, warehouses: Warehouses) -> None:
    """Both engines give the same, row by row."""
    try:
        expr = parse_expression(expr_text, "postgres")
        texts = {dialect: by_row(expr, dialect) for dialect in Dialect}
    except UserError:
        reject()
    found = {}
    for dialect, sql in texts.items():
        # The log itself, since one that was used before keeps the processors of then, whatever `capture_logs` sets.
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(problems, "_log", log := CapturingLogger())
            try:
                found[dialect] = list(warehouses.run(dialect, sql).rows())
                continue
            except UserError as failure:
                error = failure
        # Beyond 64 bits, 38 digits or a double, an engine may say so in place of an answer. It must not be wrong.
        if any(call.kwargs.get("engine_code") in OVERFLOW for call in log.calls):
            reject()
        raise AssertionError((expr_text, sql)) from error
    postgres, clickhouse = found.values()
    for left, right in zip(postgres, clickhouse, strict=True):
        assert alike(left[1], right[1]), (expr_text, left, right, texts[Dialect.POSTGRES], texts[Dialect.CLICKHOUSE])


def alike(left: object, right: object) -> bool:
    """Whether the cells are equal; ClickHouse has truth as numbers."""
    return bool(left) == bool(right) if isinstance(left, bool) and right in (0, 1) else same(left, right)


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(data=st.data())
def test_rows_agree(kind: str, data: st.DataObject, awkward_rows: Warehouses) -> None:
    agree(data.draw(ALL[kind]), awkward_rows)
