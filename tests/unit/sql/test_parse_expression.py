"""Expressions: what is read, what is refused, and where the Problem points."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.model.expr import Binary, Call, Case, Cast, Column, Extract, In, IsNull, Like, Literal, Negate, Not, Or, Shift, Truncate
from app.model.types import DataType, DatePart, Grain
from app.sql.expressions.parse import LONGEST_EXPRESSION, parse_expression
from app.sql.expressions.walk import walk

A, B = Column("a"), Column("b")
ONE = Literal(1, DataType.INTEGER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("t.a", Column("a", "t")),
        ("A", A),
        ('"A b"', Column("A b")),
        ("commit", Column("commit")),
        ("1", ONE),
        ("1.50", Literal("1.50", DataType.DECIMAL)),
        ("-1.5", Literal("-1.5", DataType.DECIMAL)),
        ("- -1", ONE),
        ("1e3", Literal("1e3", DataType.FLOAT)),
        ("'it''s'", Literal("it's", DataType.TEXT)),
        ("'--'", Literal("--", DataType.TEXT)),
        ("'/* x */'", Literal("/* x */", DataType.TEXT)),
        ("null", Literal(None, DataType.OTHER)),
        ("true", Literal(True, DataType.BOOLEAN)),
        ("-a", Negate(A)),
        ("((a))", A),
        ("a || b", Binary("||", A, B)),
        ("a != b", Binary("<>", A, B)),
        ("not a", Not(A)),
        ("a not in (1)", In(A, (ONE,), True)),
        ("not a in (1)", In(A, (ONE,), True)),
        ("a is not null", IsNull(A, True)),
        ("a not like 'x'", Like(A, Literal("x", DataType.TEXT), True)),
        ("not a not like 'x'", Like(A, Literal("x", DataType.TEXT))),
        ("a not ilike 'x'", Like(A, Literal("x", DataType.TEXT), True, True)),
        ("a::numeric(10,2)", Cast(A, DataType.DECIMAL, 10, 2)),
        ("cast(a as bigint)", Cast(A, DataType.INTEGER)),
        ("date '2024-01-31'", Literal("2024-01-31", DataType.DATE)),
        ("cast('2024-01-31' as timestamp)", Literal("2024-01-31 00:00:00", DataType.TIMESTAMP)),
        ("case when a then 1 end", Case(((A, ONE),))),
        ("date_trunc('month', a)", Truncate(A, Grain.MONTH)),
        ("extract(isodow from a)", Extract(A, DatePart.DOW)),
        ("extract(dow from a)", Binary("%", Extract(A, DatePart.DOW), Literal(7, DataType.INTEGER))),
        ("a - interval '3' day", Shift(A, -3, Grain.DAY)),
        ("concat(a, b)", Call("concat", (A, B))),
        ("coalesce(a, 1)", Call("coalesce", (A, ONE))),
        ("(a, b)", Call("tuple", (A, B))),
        ("a or b or (a or 1)", Or((A, B, A, ONE))),
        ("mod(a, b)", Binary("%", A, B)),
    ],
)
def test_postgres(text: str, expected: object) -> None:
    assert parse_expression(text, "postgres") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", Column("A")),
        ("toStartOfMonth(a)", Truncate(A, Grain.MONTH)),
        ("toDate(a)", Cast(A, DataType.DATE)),
        ("a::Nullable(Int64)", Cast(A, DataType.INTEGER)),
        ("toDecimal64(a, 2)", Cast(A, DataType.DECIMAL, 18, 2)),
        ("if(a, b, 1)", Case(((A, B),), ONE)),
        ("multiIf(a, b, b, a, 1)", Case(((A, B), (B, A)), ONE)),
        ("a ? b : 1", Case(((A, B),), ONE)),
        ("ifNull(a, b)", Call("coalesce", (A, B))),
        ("addMonths(a, -1)", Shift(A, -1, Grain.MONTH)),
        ("a::Decimal64(3)", Cast(A, DataType.DECIMAL, 18, 3)),
        ("subtractDays(a, 2)", Shift(A, -2, Grain.DAY)),
        ("toDayOfWeek(a)", Extract(A, DatePart.DOW)),
        ("lowerUTF8(a)", Call("lower", (A,))),
        ("concat(a, b)", Binary("||", A, B)),
        ("dateDiff('day', a, b)", Call("date_diff", (Literal("day", DataType.TEXT), A, B))),
        ("isNull(a)", IsNull(A)),
        ("notEmpty(a)", Binary("<>", A, Literal("", DataType.TEXT))),
    ],
)
def test_clickhouse(text: str, expected: object) -> None:
    assert parse_expression(text, "clickhouse") == expected


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "DM3101", None),
        ("  ", "DM3101", None),
        ("a +", "DM3101", "1:"),
        ("coalesce(a", "DM3101", "1:"),
        ("a 'x", "DM3101", "1:3"),
        ("a; b", "DM3101", "1:"),
        ("a)(b", "DM3102", "1:"),
        ("a) + (b", "DM3102", "1:1"),
        ("a -- b", "DM3102", "1:3"),
        ("/* a */ b", "DM3102", "1:1"),
        ("a + /* b */ 1", "DM3102", "1:"),
        ("(select 1)", "DM3102", "1:"),
        ("a in (select 1)", "DM3102", "1:3"),
        ("exists (select 1)", "DM3102", "1:"),
        ("sum(a)", "DM3102", "1:"),
        ("count(*)", "DM3102", "1:"),
        ("row_number() over (order by a)", "DM3102", "1:"),
        ("current_date", "DM3102", "1:"),
        ("now()", "DM3102", "1:"),
        ("$1", "DM3102", "1:"),
        (":name", "DM3102", "1:"),
        ("a[1]", "DM3102", "1:1"),
        ("a.b.c", "DM3102", "1:"),
        ("a between symmetric 1 and 2", "DM3102", "1:"),
        ("a like 'x' escape '!'", "DM3102", "1:"),
        ("a is distinct from b", "DM3102", "1:"),
        ("a at time zone 'UTC'", "DM3102", "1:"),
        ("date_trunc('month', a, 'UTC')", "DM3102", "1:"),
        ("a + interval '1 month 2 days'", "DM3102", "1:"),
        ("a = any(b)", "DM3102", "1:"),
        ("a ~ 'x'", "DM310", "1:"),
        ("1 +\n  md5(a)", "DM3103", "2:3"),
        ("pg_sleep(10)", "DM3103", "1:"),
        ("session_user", "DM3103", "1:"),
        ("nullif(a)", "DM310", "1:"),
        ("upper(a, b)", "DM310", "1:"),
        ("a::jsonb", "DM3105", "1:4"),
        ("cast('nonsense' as date)", "DM3105", "1:"),
        ("try_cast(a as int)", "DM3102", "1:"),
        ("substr(a, 1, 2, 3)", "DM310", "1:"),
        ("trim(both 'x' from a)", "DM3102", "1:"),
    ],
)
def test_refused(text: str, code: str, place: str | None) -> None:
    with pytest.raises(UserError) as caught:
        parse_expression(text, "postgres")
    problem = caught.value.problem
    assert problem.code.startswith(code), problem
    if place is None:
        assert problem.where is None
    else:
        assert problem.where is not None
        assert f"{problem.where.line}:{problem.where.column}".startswith(place)


@pytest.mark.parametrize(
    "text", ["file('/etc/passwd')", "dictGet('d', 'a', 1)", "sleep(3)", "getSetting('x')", "# a\n1", "cast(a, 'String')", "arrayJoin([1])"]
)
def test_refused_on_clickhouse(text: str) -> None:
    with pytest.raises(UserError, match="DM310"):
        parse_expression(text, "clickhouse")


def test_too_long() -> None:
    with pytest.raises(UserError, match="DM3101"):
        parse_expression("a+" * LONGEST_EXPRESSION + "a", "postgres")


def test_too_deep() -> None:
    with pytest.raises(UserError, match="DM3101"):
        parse_expression("(" * 5_000 + "a" + ")" * 5_000, "postgres")


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(UserError, match="did you mean `coalesce`"):
        parse_expression("coalesc(a, b)", "postgres")


@settings(max_examples=300, deadline=None)
@given(
    text=st.lists(
        st.sampled_from([*"ab1.'\"()+-*/%<>=,;|:{}[] \n$#@?!\\", "and ", "not ", "in ", "case ", "when ", "select ", "is null"]),
        max_size=30,
    ).map("".join)
)
def test_anything_is_read_or_refused_with_a_code(text: str) -> None:
    for dialect in ("postgres", "clickhouse"):
        try:
            expr = parse_expression(text, dialect)
        except UserError as error:
            if not error.problem.code.startswith("DM31"):
                raise
        else:
            assert list(walk(expr))
