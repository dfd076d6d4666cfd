"""The quick way of reading expressions: what it gives is what the full parser gives, in every dialect, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import UserError
from app.model.expr import And, Binary, Column, Expr, Field, Literal
from app.model.types import DataType, DatePart
from app.sql.expressions.parse import DIALECTS, full_expression, full_filter, parse_expression, parse_filter
from app.sql.expressions.quick import LONGEST_QUICK, quick

WORDS = tuple(
    """
    a b amount net_amount Quantity ORDER_ID is_new x1 _x t.a T.Amount date time timestamp year month day week quarter hour value
    values key keys name type level rank count sum min max avg first last next any all some current offset format position escape
    collate at zone group order by select from where table column row rows range set show use desc asc end else then when case if left
    right replace user interval json map array struct list object text string int float double decimal char boolean bool true false
    null unknown default distinct unique exists lambda cast try_cast convert extract trim substring date_trunc current_date
    current_timestamp sysdate now localtime comment commit describe kill copy cache load merge with recursive window over partition
    filter within ignore respect nulls sample prewhere final global asof anti semi cross join on using natural limit top fetch percent
    only pivot unpivot lateral apply returning into begin execute call pragma index view function procedure trigger schema database
    uuid inet hash sequence serial money xml variant geometry nested point ring dynamic overlaps similar rlike glob regexp div mod xor
    ilike like in is between not and or as isnull notnull operator binary national unicode e n b x u r rb br f_0 dbo go declare print
    """.split()  # noqa: SIM905
)
SIGNS = [
    "=",
    "<>",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "(",
    ")",
    ",",
    ".",
    "and",
    "or",
    "not",
    "is",
    "null",
    "in",
    "between",
    "like",
    "case",
]
SIGNS += [
    "when",
    "then",
    "else",
    "end",
    "1",
    "2.50",
    "007",
    "1.",
    ".5",
    "1e3",
    "0x1f",
    "1a",
    "'x'",
    "'it''s'",
    "'a\\'",
    "''",
    '"a"',
    "--",
    "/*",
    "||",
    "::",
    "%",
]
SIGNS += [
    "coalesce(",
    "nullif(",
    "abs(",
    "round(",
    "lower(",
    "greatest(",
    "sum(",
    "date '2020-01-01'",
    "interval '1 day'",
    "{{",
    "}}",
    ";",
    "`a`",
    "[",
    "$1",
    ":p",
]
ITEMS = [
    "{{ Dimension('order__status') }}",
    '{{Dimension("Customer__Country")}}',
    "{{ TimeDimension('metric_time', 'day') }}",
    "{{ TimeDimension( 'order__day' ,\"MONTH\" ) }}",
    "{{ Dimension('metric_time__month') }}",
    "{{ Dimension('metric_time__extract_dow') }}",
    "{{ Dimension('Metric_Time__MONTH') }}",
    "{{ Entity('order') }}",
    "{{ Metric('revenue') }}",
    "{{ Metric('revenue', group_by=['order']) }}",
    "{{ Dimension('a__b').grain('month') }}",
    "{{ Dimension('a', 'b') }}",
]
SPACES = st.sampled_from([" ", " ", " ", "", "\n", "\t", "  "])


def sums(depth: int, leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Arithmetic of the fragment."""
    if depth == 0:
        return leaves
    below = sums(depth - 1, leaves)
    tests = conditions(depth - 1, leaves)
    return st.one_of(
        leaves,
        st.builds("{} {} {}".format, below, st.sampled_from("+-*/"), below),
        st.builds("({})".format, below),
        st.builds("- {}".format, below),
        st.builds("{}({}, {})".format, st.sampled_from(["coalesce", "NULLIF", "greatest", "least", "round", "abs"]), below, below),
        st.builds("{}({})".format, st.sampled_from(["abs", "lower", "Upper", "round", "coalesce", "greatest"]), below),
        st.builds("case when {} then {} else {} end".format, tests, below, below),
        st.builds("CASE WHEN {} THEN {} WHEN {} THEN {} END".format, tests, below, tests, below),
    )


def conditions(depth: int, leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Conditions of the fragment, brackets in all sorts of places."""
    value = sums(max(depth - 1, 0), leaves)
    plain = st.one_of(
        leaves,
        st.builds("{} {} {}".format, value, st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]), value),
        st.builds("{} {} null".format, value, st.sampled_from(["is", "IS NOT"])),
        st.builds("{} {} ({}, {})".format, value, st.sampled_from(["in", "not in"]), value, value),
        st.builds("{} {} ({})".format, value, st.sampled_from(["IN", "NOT IN"]), value),
        st.builds("{} {} {} and {}".format, value, st.sampled_from(["between", "not between"]), value, value),
        st.builds("{} {} {}".format, value, st.sampled_from(["like", "not like", "ilike", "NOT ILIKE"]), value),
    )
    if depth == 0:
        return plain
    below = conditions(depth - 1, leaves)
    return st.one_of(
        plain,
        st.builds("{} {} {}".format, below, st.sampled_from(["and", "or", "AND", "Or"]), below),
        st.builds("({})".format, below),
        st.builds("(({}))".format, below),
        st.builds("not {}".format, below),
    )


CONSTANTS = ["1", "0", "12.50", "'x'", "'de'", "''", "true", "FALSE", "null"]
LEAVES = st.sampled_from(["a", "net_amount", "Quantity", "t.amount", "is_new", *CONSTANTS])
FILTER_LEAVES = st.sampled_from([*ITEMS[:8], "status", *CONSTANTS])
READERS = st.sampled_from(sorted(DIALECTS))


def same(text: str, reader: str, *, items: bool) -> Expr | None:
    """What the quick way gives, checked against the full parser."""
    found = quick(text, reader, items=items)
    if found is not None:
        assert found == (full_filter if items else full_expression)(text, reader), text
    return found


@settings(max_examples=250, deadline=None)
@given(text=st.one_of(sums(3, LEAVES), conditions(3, LEAVES)), reader=READERS)
def test_expressions_of_the_fragment_are_read_alike(text: str, reader: str) -> None:
    same(text, reader, items=False)


@settings(max_examples=150, deadline=None)
@given(text=conditions(3, FILTER_LEAVES), reader=st.sampled_from(["postgres", "clickhouse"]))
def test_filters_of_the_fragment_are_read_alike(text: str, reader: str) -> None:
    same(text, reader, items=True)


@settings(max_examples=250, deadline=None)
@given(
    parts=st.lists(st.tuples(SPACES, st.sampled_from([*SIGNS, *WORDS[:24], *ITEMS[:4]])), max_size=9), reader=READERS, items=st.booleans()
)
def test_whatever_the_tokens_the_quick_way_adds_nothing(parts: list[tuple[str, str]], reader: str, items: bool) -> None:
    same("".join(space + part for space, part in parts), reader, items=items)


@pytest.mark.parametrize("reader", sorted(DIALECTS))
def test_a_word_of_sql_is_a_column_only_where_the_dialect_says_so(reader: str) -> None:
    for word in WORDS:
        for text in (
            word,
            word.upper(),
            f"{word} + 1",
            f"a = {word}",
            f"({word})",
            f"t.{word}",
            f"{word}.a",
            f"case when {word} then {word} end",
            f"- {word}",
        ):
            same(text, reader, items=False)


@pytest.mark.parametrize("item", ITEMS)
def test_references_are_read_alike(item: str) -> None:
    for text in (
        item,
        f"{item} = 'x'",
        f"not {item}",
        f"x{item}",
        f"{item}x",
        f"{item}.x",
        f"{item}(1)",
        f"1{item}",
        f"'{item}",
        f"{item}{item}",
    ):
        same(text, "postgres", items=True)
        assert quick(text, "postgres", items=False) is None


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("net_amount", Column("net_amount")),
        (" Net_Amount ", Column("net_amount")),
        ("price * quantity", Binary("*", Column("price"), Column("quantity"))),
        ("1", Literal(1, DataType.INTEGER)),
        ("(a and b) and c", And((Column("a"), Column("b"), Column("c")))),
        ("((a and b)) and c", And((And((Column("a"), Column("b"))), Column("c")))),
    ],
)
def test_common_forms_go_the_quick_way(text: str, tree: Expr) -> None:
    assert quick(text, "postgres", items=False) == tree == full_expression(text, "postgres") == parse_expression(text, "postgres")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{{ Dimension('order__status') }} = 'paid'", Binary("=", Field("order__status"), Literal("paid", DataType.TEXT))),
        ("{{ TimeDimension('metric_time', 'day') }}", Field("metric_time", "time_dimension", grain="day")),
        ("{{ Dimension('m__extract_dow') }}", Field("m", date_part=DatePart.DOW)),
    ],
)
def test_common_filters_go_the_quick_way(text: str, tree: Expr) -> None:
    assert quick(text, "postgres", items=True) == tree == full_filter(text, "postgres") == parse_filter(text, "postgres")


@pytest.mark.parametrize(
    "text",
    [
        *["", "a b", "a = b = c", "a in ()", "case end", "a.b.c", "date", "x'1'", "a -- b", "sum(a)", "nullif(a)", "round(a)", "("],
        "a" * LONGEST_QUICK + "+1",
        "(" * 12 + "a" + ")" * 12,
    ],
)
def test_the_rest_is_left_to_the_full_parser(text: str) -> None:
    assert quick(text, "postgres", items=False) is None


def test_a_text_that_is_refused_is_refused_by_the_full_parser_with_its_place() -> None:
    with pytest.raises(UserError) as caught:
        parse_expression("amount + (select 1)", "postgres")
    assert caught.value.problem.code == "DM3102"
    assert caught.value.problem.where is not None
