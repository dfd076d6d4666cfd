"""Each engine's types as families and values."""
# ruff: noqa: DTZ001 - timestamps come in UTC without a zone

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.model.types import DataType as T

POSTGRES = [
    ("1.10::numeric(9,2)", T.DECIMAL, Decimal("1.10")),
    ("'NaN'::numeric", T.DECIMAL, "nan"),
    ("9223372036854775807::bigint", T.INTEGER, 9223372036854775807),
    ("1.1::real", T.FLOAT, 1.1),
    ("0.1::float8 + 0.2::float8", T.FLOAT, 0.30000000000000004),
    ("true", T.BOOLEAN, True),
    ("'a'::varchar(3)", T.TEXT, "a"),
    ("date '2024-02-29'", T.DATE, dt.date(2024, 2, 29)),
    ("date 'infinity'", T.DATE, "infinity"),
    ("date '0044-03-15 BC'", T.DATE, "0044-03-15 BC"),
    ("timestamp '2024-01-01 10:00:00.5'", T.TIMESTAMP, dt.datetime(2024, 1, 1, 10, 0, 0, 500000)),
    ("timestamptz '2024-01-01 10:00+02'", T.TIMESTAMP, dt.datetime(2024, 1, 1, 8)),
    ("timestamptz '-infinity'", T.TIMESTAMP, "-infinity"),
    ("time '10:00'", T.TIME, dt.time(10)),
    ("time '24:00'", T.TIME, "24:00:00"),
    ("'{\"a\":1.50}'::jsonb", T.JSON, '{"a": 1.50}'),
    ("'{\"a\":1.50}'::json", T.JSON, '{"a":1.50}'),
    ("'{1,2,NULL}'::int[]", T.ARRAY, "[1,2,null]"),
    ("array[1.50, 2]", T.ARRAY, "[1.50,2]"),
    ("array[date '2024-01-01']", T.ARRAY, '["2024-01-01"]'),
    ("'00000000-0000-0000-0000-000000000001'::uuid", T.TEXT, "00000000-0000-0000-0000-000000000001"),
    ("interval '1 day 2 hours'", T.OTHER, "P1DT2H"),
    ("12.5::numeric::money", T.OTHER, "$12.50"),
    ("'\\xff00'::bytea", T.OTHER, "\\xff00"),
    ("inet '10.0.0.1/8'", T.OTHER, "10.0.0.1/8"),
    ("int4range(1, 5)", T.OTHER, "[1,5)"),
    ("row(1, 'a')", T.OTHER, "(1,a)"),
    ("NULL::int", T.INTEGER, None),
]
CLICKHOUSE = [
    ("toDecimal64('1.10', 2)", T.DECIMAL, Decimal("1.10")),
    ("toDecimal256('12345678901234567890.123', 3)", T.DECIMAL, Decimal("12345678901234567890.123")),
    ("toUInt64(18446744073709551615)", T.INTEGER, 18446744073709551615),
    ("toInt256('-5')", T.INTEGER, -5),
    ("toFloat32(0.1)", T.FLOAT, 0.1),
    ("toFloat64(0.1) + toFloat64(0.2)", T.FLOAT, 0.30000000000000004),
    ("true", T.BOOLEAN, True),
    ("toLowCardinality(toNullable('x'))", T.TEXT, "x"),
    ("toFixedString('ab', 4)", T.TEXT, "ab"),
    ("CAST('a', 'Enum8(\\'a\\' = 1)')", T.TEXT, "a"),
    ("toUUID('00000000-0000-0000-0000-000000000001')", T.TEXT, "00000000-0000-0000-0000-000000000001"),
    ("toIPv4('1.2.3.4')", T.TEXT, "1.2.3.4"),
    ("toDate('2024-02-29')", T.DATE, dt.date(2024, 2, 29)),
    ("toDate32('1950-01-01')", T.DATE, dt.date(1950, 1, 1)),
    ("toDateTime('2024-01-01 10:00:00')", T.TIMESTAMP, dt.datetime(2024, 1, 1, 10)),
    ("toDateTime('2024-01-01 10:00:00', 'Europe/Berlin')", T.TIMESTAMP, dt.datetime(2024, 1, 1, 9)),
    ("toDateTime64('2024-01-01 10:00:00.123', 3)", T.TIMESTAMP, dt.datetime(2024, 1, 1, 10, 0, 0, 123000)),
    ("[1, 2]", T.ARRAY, "[1,2]"),
    ("[[toDecimal32('1.50', 2)]]", T.ARRAY, "[[1.50]]"),
    ("map('a', 1.5)", T.JSON, '{"a":1.5}'),
    ("map(1, 2)", T.JSON, '{"1":2}'),
    ("tuple(1, 'a')", T.JSON, '[1,"a"]'),
    ("'{\"a\":1}'::JSON", T.JSON, '{"a":1}'),
    ("CAST(NULL, 'Nullable(Int32)')", T.INTEGER, None),
]


def check(result, family, expected):
    value = result.data[0][0]
    assert result.columns[0].type is family
    if expected == "nan":
        assert value.is_nan()
    else:
        assert (type(value), value) == (type(expected), expected)


@pytest.mark.parametrize(("expression", "family", "expected"), POSTGRES, ids=lambda v: str(v)[:30])
def test_postgres(postgres, ask, expression, family, expected):
    check(ask(postgres, f"SELECT {expression} AS v"), family, expected)


@pytest.mark.parametrize(("expression", "family", "expected"), CLICKHOUSE, ids=lambda v: str(v)[:30])
def test_clickhouse(clickhouse, ask, expression, family, expected):
    check(ask(clickhouse, f"SELECT {expression} AS v"), family, expected)


def test_postgres_learns_types_of_extensions(warehouses, ask, postgres):
    import psycopg

    with psycopg.connect(warehouses.owner_urls["postgres"], autocommit=True) as owner:
        owner.execute(
            "CREATE SCHEMA IF NOT EXISTS learnt; DROP TYPE IF EXISTS learnt.mood; CREATE TYPE learnt.mood AS ENUM ('sad', 'glad')"
        )
        owner.execute("GRANT USAGE ON SCHEMA learnt TO PUBLIC")
    result = ask(postgres, "SELECT 'glad'::learnt.mood AS v")
    assert (result.columns[0].type, result.data) == (T.TEXT, (("glad",),))
