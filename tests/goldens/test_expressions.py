"""Expressions mean the same on both engines: each is parsed, spelled for both, executed, and compared with the value written here."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.embedded.stack import Part, Stack
from app.errors import UserError
from app.model.expr import Binary, Column, Expr, Literal
from app.model.plan import Aggregated
from app.model.types import Aggregation, DataType, Dialect
from app.plan.aggregates import AGGREGATES
from app.sql.allowlist.functions import refused_call
from app.sql.allowlist.nodes import is_allowed
from app.sql.expressions.coerce import coerce
from app.sql.expressions.parse import parse_expression
from app.sql.expressions.spell import build, speller
from app.sql.parse import parse_with_tokens
from app.sql.render import render_sql
from app.sql.tree import nodes
from tests.goldens.compare import same
from tests.goldens.conftest import Warehouses

N = DataType
COLUMNS: dict[str, DataType] = {
    "i": N.INTEGER, "z": N.INTEGER, "n": N.INTEGER, "d": N.DECIMAL, "f": N.FLOAT, "t": N.TEXT, "u": N.TEXT, "nt": N.TEXT, "yes": N.BOOLEAN, "nb": N.BOOLEAN,
    "day": N.DATE, "old": N.DATE, "ts": N.TIMESTAMP,
}  # fmt: skip
ROW = {
    Dialect.POSTGRES: """SELECT 7::integer AS i, 0::integer AS z, NULL::integer AS n, 2.25::numeric(12, 3) AS d, 2.675::double precision AS f, ' Straße '::text AS t,
        'ÉÈ'::text AS u, NULL::text AS nt, true AS yes, NULL::boolean AS nb, date '2024-02-29' AS "day", date '1950-03-05' AS old,
        timestamp '2024-03-31 23:59:59.5' AS ts""",
    Dialect.CLICKHOUSE: """SELECT toInt32(7) AS i, toInt32(0) AS z, CAST(NULL, 'Nullable(Int32)') AS n, toDecimal64('2.25', 3) AS d,
        toFloat64(2.675) AS f, ' Straße ' AS t,
        'ÉÈ' AS u, CAST(NULL, 'Nullable(String)') AS nt, true AS yes, CAST(NULL, 'Nullable(Bool)') AS nb, toDate32('2024-02-29') AS "day", toDate32('1950-03-05') AS old,
        toDateTime64('2024-03-31 23:59:59.5', 6, 'UTC') AS ts""",
}
CASES: list[tuple[str, Any]] = [
    ("i / 2", 3.5),
    ("i / z", None),
    ("d / 3", 0.75),
    ("1 / 3", 1 / 3),
    ("i % 4", 3),
    ("-i % 4", -3),
    ("i % z", None),
    ("i - 2 - 1", 4),
    ("i - (2 - 1)", 6),
    ("i * (2 + 1)", 21),
    ("-(i - 8)", 1),
    ("d * 0.1", Decimal("0.225")),
    ("d + 0.005", Decimal("2.255")),
    ("0.1 + 0.2", Decimal("0.3")),
    ("d * f", 2.25 * 2.675),
    ("i + n", None),
    ("round(f, 2)", Decimal("2.68")),
    ("round(2.5)", 3),
    ("round(-2.5)", -3),
    ("round(d, 1)", Decimal("2.3")),
    ("round(i / 2)", 4),
    ("round(i)", 7),
    ("floor(-2.5)", -3),
    ("ceil(d)", 3),
    ("abs(-i)", 7),
    ("sign(-d)", -1),
    ("power(2, 10)", 1024.0),
    ("sqrt(16)", 4.0),
    ("ln(exp(2))", 2.0),
    ("cast(d as integer)", 2),
    ("cast(2.5 as integer)", 3),
    ("cast(f as integer)", 3),
    ("cast(yes as integer)", 1),
    ("cast('12' as integer)", 12),
    ("cast(f as numeric(10, 2))", Decimal("2.68")),
    ("cast(i as double precision)", 7.0),
    ("cast(n as bigint)", None),
    ("cast(i as text)", "7"),
    ("cast(ts as date)", dt.date(2024, 3, 31)),
    ("cast(day as timestamp)", dt.datetime.fromisoformat("2024-02-29T00:00:00")),
    ("lower(t)", " straße "),
    ("lower(u)", "éè"),
    ("upper('é')", "É"),
    ("length(t)", 8),
    ("length(u)", 2),
    ("trim(t)", "Straße"),
    ("ltrim(t)", "Straße "),
    ("rtrim(t)", " Straße"),
    ("substring(trim(t), 5, 2)", "ße"),
    ("substring(trim(t), 5)", "ße"),
    ("left(u, 1)", "É"),
    ("right(u, 1)", "È"),
    ("replace(u, 'É', 'E')", "EÈ"),
    ("strpos(u, 'È')", 2),
    ("strpos(u, 'x')", 0),
    ("concat(u, nt, '!')", "ÉÈ!"),
    ("u || '-' || i", "ÉÈ-7"),
    ("u || nt", None),
    ("coalesce(nt, u)", "ÉÈ"),
    ("coalesce(n, 5)", 5),
    ("coalesce(n, d)", Decimal("2.25")),
    ("coalesce(n, f)", 2.675),
    ("nullif(i, 7)", None),
    ("nullif(i, 8)", 7),
    ("greatest(i, n, 9)", 9),
    ("least(d, f)", 2.25),
    ("case when nb then 1 when yes then 2 end", 2),
    ("case when nb then 1 end", None),
    ("case i when 7 then 'seven' else 'other' end", "seven"),
    ("case when yes then d else f end", 2.25),
    ("i between 7 and 8", True),
    ("i not between 7 and 8", False),
    ("i in (1, 7)", True),
    ("n in (1, 7)", None),
    ("i not in (1, 2)", True),
    ("not nb", None),
    ("nb is true", False),
    ("nb is not true", True),
    ("yes and nb", None),
    ("yes or nb", True),
    ("nb and 1 = 2", False),
    ("(yes or nb) and not (i = 8)", True),
    ("not i = 7 or yes", True),
    ("n is null and i is not null", True),
    ("u like '_È'", True),
    ("t like '%aß%'", True),
    ("t not like 'x%'", True),
    ("u ilike 'éè'", True),
    ("'50%' like '50\\%'", True),
    ("'it''s' = 'it''s'", True),
    ("'a\\b' = 'a\\b'", True),
    ("length('a\\b')", 3),
    ("date_trunc('month', ts)", dt.date(2024, 3, 1)),
    ("date_trunc('week', day)", dt.date(2024, 2, 26)),
    ("date_trunc('month', old)", dt.date(1950, 3, 1)),
    ("date_trunc('week', old)", dt.date(1950, 2, 27)),
    ("date_trunc('quarter', old)", dt.date(1950, 1, 1)),
    ("date_trunc('year', old)", dt.date(1950, 1, 1)),
    ("date_trunc('day', ts)", dt.date(2024, 3, 31)),
    ("date_trunc('hour', ts)", dt.datetime.fromisoformat("2024-03-31T23:00:00")),
    ("date_trunc('minute', day)", dt.datetime.fromisoformat("2024-02-29T00:00:00")),
    ("date_trunc('second', ts)", dt.datetime.fromisoformat("2024-03-31T23:59:59")),
    ("extract(year from old)", 1950),
    ("extract(isodow from day)", 4),
    ("extract(dow from date '2024-03-03')", 0),
    ("extract(doy from day)", 60),
    ("extract(quarter from ts)", 1),
    ("extract(month from ts) * 2", 6),
    ("day + interval '1 month'", dt.date(2024, 3, 29)),
    ("date '2024-03-31' - interval '1 month'", dt.date(2024, 2, 29)),
    ("old + interval '1 year'", dt.date(1951, 3, 5)),
    ("day - interval '3 months'", dt.date(2023, 11, 29)),
    ("day + interval '2 hours'", dt.datetime.fromisoformat("2024-02-29T02:00:00")),
    ("ts + interval '1 day'", dt.datetime.fromisoformat("2024-04-01T23:59:59.500000")),
    ("day = '2024-02-29'", True),
    ("ts >= '2024-03-31'", True),
    ("ts < timestamp '2024-04-01 00:00:00'", True),
    ("day < timestamp '2024-02-29 00:00:01'", True),
    ("old < day", True),
    ("date_diff('day', old, day)", 27024),
    ("yes = 'true'", True),
    ("i / 0.0", None),
    ("f / (f - f)", None),
    ("i / -0.0", None),
    ("i % -4", 3),
    ("-i % -4", -3),
    ("ln(0)", None),
    ("ln(z)", None),
    ("ln(-i)", None),
    ("sqrt(-1)", None),
    ("exp(1000)", None),
    ("exp(-1000)", 0.0),
    ("power(0, -1)", None),
    ("power(z, -i)", None),
    ("power(10, 400)", None),
    ("power(-8, 0.5)", None),
    ("power(i, 2)", 49.0),
    ("power(-i, 3)", -343.0),
    ("power(i, n)", None),
    ("power(1e-200, 2)", 0.0),
    ("'a' < 'B'", False),
    ("'É' > 'z'", True),
    ("t between ' A' and ' Z'", True),
    ("greatest('a', 'B')", "a"),
    ("lower(greatest(u, 'a'))", "éè"),
    ("u = 'éè'", False),
    ("'a' = 'a '", False),
    ("'axb' like 'a\\xb'", True),
    ("'a\\b' like 'a\\\\b'", True),
    ("'a_b' like 'a\\_b'", True),
    ("cast(' 12 ' as integer)", 12),
    ("cast('-7' as bigint)", -7),
    ("cast(' 1.255 ' as numeric(10, 2))", Decimal("1.26")),
    ("cast('1.0000000004' as numeric)", 1),
    ("cast(d as text)", "2.25"),
    ("cast(yes as text)", "true"),
    ("cast(ts as text)", "2024-03-31 23:59:59.5"),
    ("cast(date_trunc('hour', ts) as text)", "2024-03-31 23:00:00"),
    ("cast(concat('2024-02-29', ' 10:00:00') as date)", dt.date(2024, 2, 29)),
    ("cast(concat('2024-02-29', 'T10:00:00+02:00') as timestamp)", dt.datetime.fromisoformat("2024-02-29T08:00:00")),
    ("cast(z as boolean)", False),
    ("cast(d as boolean)", True),
    ("cast(nb as integer)", None),
    ("cast(yes as double precision)", 1.0),
    ("i in (1, null)", None),
    ("i not in (1, null)", None),
    ("i in (7, null)", True),
    ("i in (2.5, 7.0)", True),
    ("f in (2.675, 1)", True),
    ("d in (2.250, 1)", True),
    ("ts in ('2024-03-31 23:59:59.5', '2024-01-01')", True),
    ("ts = '2024-03-31'", False),
    ("i = '7'", True),
    ("d > '2.2'", True),
    ("round(2.4999999999999996e0)", 2),
    ("round(1250, -2)", 1300),
    ("case when yes then d else 0.5 end", Decimal("2.25")),
    ("coalesce(n, i * 2)", 14),
    ("substring('abc', -1, 2)", "ab"),
    ("substring('abc', z, 2)", "ab"),
    ("substring('abc', z - 1, i * 2)", "abc"),
    ("substring('abc', 2, z - 1)", ""),
    ("left('abc', -1)", "ab"),
    ("right('abc', z - 1)", "bc"),
    ("floor(i)", 7),
    ("day + (i * 1 - 6)", dt.date(2024, 3, 1)),
    ("1 + day", dt.date(2024, 3, 1)),
    ("day + 1", dt.date(2024, 3, 1)),
    ("day - old", 27024),
    ("2000000000 + i * 2000000000", 16_000_000_000),
    ("-(i * 2000000000)", -14_000_000_000),
    ("coalesce(cast(null as date), ts)", dt.datetime.fromisoformat("2024-03-31T23:59:59.500000")),
]
IMPOSSIBLE = [
    "cast(trim('x') as integer)", "cast(trim('1.5') as integer)", "cast(trim('') as bigint)", "cast(trim('9999999999999999999') as bigint)",
    "cast(trim('x') as numeric)", "cast(trim('x') as double precision)", "cast(trim('2024-02-30') as date)", "cast(trim('2024-13-01') as date)",
    "cast(trim('x') as date)", "cast(trim('2024-02-30 10:00:00') as timestamp)", "cast(trim('x') as boolean)", "cast(1e30 as bigint)",
]  # fmt: skip


def spelled(expr: Expr, dialect: Dialect) -> str:
    """The expression as a SELECT over the one row."""
    made = speller(dialect, lambda c: build.column(c.name, "r"), lambda c: COLUMNS[c.name])
    text = render_sql(made.spell(coerce(expr, lambda c: COLUMNS[c.name])), dialect)
    return f"SELECT {text} AS v FROM ({ROW[dialect]}) AS r"


def read(text: str) -> Expr:
    """`date_diff` is ClickHouse's word; everything else is read as PostgreSQL's."""
    return parse_expression(text.replace("date_diff", "dateDiff"), "clickhouse" if "date_diff" in text else "postgres")


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value(text: str, expected: Any, warehouses: Warehouses) -> None:
    for dialect in Dialect:
        ((value,),) = warehouses.run(dialect, spelled(read(text), dialect)).rows()
        if isinstance(expected, bool) and value in (0, 1):
            value = bool(value)
        assert same(value, expected), (dialect, spelled(read(text), dialect), value)


@pytest.mark.parametrize("text", IMPOSSIBLE)
def test_an_impossible_conversion_fails_on_both(text: str, warehouses: Warehouses) -> None:
    for dialect in Dialect:
        with pytest.raises(UserError, match="DM5005"):
            warehouses.run(dialect, spelled(read(text), dialect))


@pytest.mark.parametrize("text", [text for text, _ in CASES])
def test_governance_lets_it_pass(text: str) -> None:
    for dialect in Dialect:
        tree, tokens = parse_with_tokens(spelled(read(text), dialect), dialect)
        assert refused_call(tokens, dialect) == ""
        assert [type(node).__name__ for node in nodes(tree) if not is_allowed(node)] == []


@pytest.mark.parametrize("text", ["i = 'seven'", "u = 7", "u < i", "ts - ts", "ts + 1", "day * 2", "'a' like 'b\\'"])
def test_what_has_no_one_meaning_is_refused(text: str) -> None:
    for dialect in Dialect:
        with pytest.raises(UserError, match=r"DM310[489]"):
            spelled(read(text), dialect)


def test_texts_go_by_code_points_whatever_the_collation(stack: Stack, warehouses: Warehouses) -> None:
    with psycopg.connect(stack.owner_urls[Part.POSTGRES], autocommit=True) as connection:
        connection.execute('create table workshop.named (t text collate "unicode", c char(3) collate "unicode")')
        connection.execute("insert into workshop.named values ('a', 'a'), ('B', 'B'), ('É', 'É'), ('z', 'z')")
        connection.execute("grant select on workshop.named to public")
    made = speller(Dialect.POSTGRES, lambda c: build.column(c.name, "n"), lambda _c: DataType.TEXT)
    for name in ("t", "c"):
        column = Column(name)
        order = render_sql(made.ordering(column), Dialect.POSTGRES)
        assert [
            row[0].strip() for row in warehouses.run(Dialect.POSTGRES, f"SELECT n.{name} FROM workshop.named AS n ORDER BY {order}").rows()
        ] == ["B", "a", "z", "É"]
        test = render_sql(made.spell(Binary("<", column, Literal("a", DataType.TEXT))), Dialect.POSTGRES)
        assert [
            row[0].strip() for row in warehouses.run(Dialect.POSTGRES, f"SELECT n.{name} FROM workshop.named AS n WHERE {test}").rows()
        ] == ["B"]
        most = AGGREGATES[Dialect.POSTGRES](Aggregated("v", Aggregation.MAX, column, DataType.TEXT), made, True)
        ((found,),) = warehouses.run(Dialect.POSTGRES, f"SELECT {render_sql(most, Dialect.POSTGRES)} AS v FROM workshop.named AS n").rows()
        assert found == "É"


@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day", "week", "month", "quarter", "year"])
def test_date_diff_counts_boundaries(unit: str, warehouses: Warehouses) -> None:
    expr = parse_expression(f"dateDiff('{unit}', old, ts)", "clickhouse")
    values = {next(iter(warehouses.run(dialect, spelled(expr, dialect)).rows()))[0] for dialect in Dialect}
    assert len(values) == 1


def test_the_rest_of_a_decimal_is_refused() -> None:
    for dialect in Dialect:
        with pytest.raises(UserError, match="DM3106"):
            spelled(parse_expression("d % 2", "postgres"), dialect)


NUMBERS = st.sampled_from(["i", "z", "n", "d", "3", "2.5", "-1"])
ARITHMETIC = st.recursive(
    NUMBERS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        st.builds("coalesce({}, {})".format, inner, inner),
        st.builds("case when {} > {} then {} else {} end".format, inner, inner, inner, inner),
        st.builds("abs({})".format, inner),
        st.builds("nullif({}, {})".format, inner, inner),
        st.builds("greatest({}, {})".format, inner, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ARITHMETIC)
def test_arithmetic_agrees(text: str, warehouses: Warehouses) -> None:
    expr = parse_expression(text, "postgres")
    values = [next(iter(warehouses.run(dialect, spelled(expr, dialect)).rows()))[0] for dialect in Dialect]
    assert values[0] is values[1] or same(*values), (text, values, spelled(expr, Dialect.CLICKHOUSE))


@settings(max_examples=150, deadline=None)
@given(text=ARITHMETIC)
def test_what_is_spelled_reads_back(text: str) -> None:
    """Spelling and reading give a fixed point: what was written by us means, read again, what we wrote."""
    expr = parse_expression(text, "postgres")
    made = speller(Dialect.POSTGRES, lambda c: build.column(c.name), lambda _c: DataType.OTHER)
    once = render_sql(made.spell(expr), Dialect.POSTGRES)
    again = render_sql(made.spell(parse_expression(once, "postgres")), Dialect.POSTGRES)
    twice = render_sql(made.spell(parse_expression(again, "postgres")), Dialect.POSTGRES)
    assert twice == again
