"""A refused text is refused at its wrong word."""

from __future__ import annotations

import pytest

from app.errors import Problem, UserError
from app.model.expr import Column, Field, Literal
from app.model.types import DataType
from app.sql.expressions.fields import parse_group_by, parse_order
from app.sql.expressions.parse import parse_expression, parse_where
from app.sql.expressions.problems import offset_of, place
from app.sql.expressions.spots import find, quoting, spots, within


def caret(text: str, problem: Problem) -> str:
    """The text from the place on."""
    assert problem.where is not None
    return text.split("\n")[problem.where.line - 1][problem.where.column - 1 :]


EXPRESSIONS = [
    # what is no SQL
    ("price * (quantity", "DM3101", "(quantity"),
    ("price * quantity) + 1", "DM3101", ") + 1"),
    ("1 + 2), 3", "DM3101", "), 3"),
    ("array[1", "DM3101", "[1"),
    ("price *", "DM3101", "*"),
    ("price *\n  quantity -", "DM3101", "-"),
    ("a between 1", "DM3101", "1"),
    ("a = = b", "DM3101", "= b"),
    ("price * quan'tity", "DM3101", "'tity"),
    ("price; drop", "DM3101", "; drop"),
    ("case when a then 1", "DM3101", "1"),
    # what may not stand in an expression
    ("price quantity", "DM3102", "quantity"),
    ("price * * quantity", "DM3102", "* quantity"),
    ("a -- b", "DM3102", "-- b"),
    ("'--' || a /* b */", "DM3102", "/* b"),
    ("a + (select 1)", "DM3102", "1)"),
    ("1 + sum(price)", "DM3102", "sum("),
    ("a is distinct from b", "DM3102", "is distinct"),
    ("x like 'a' escape 'b'", "DM3102", "escape"),
    ("date_trunc('decade', x)", "DM3102", "decade"),
    ("a + interval '1 fortnight'", "DM3102", "interval"),
    ("'{{ }}' || {{ x }}", "DM3102", "{{ x"),
    # functions, arguments, types
    ("1 + foo(bar, 2)", "DM3103", "foo(bar"),
    ("lower(a) + lower(foo(\n b))", "DM3103", "foo("),
    ("foo()", "DM3103", "foo()"),
    ("a @> b", "DM3103", "@>"),
    ("extract(century from a)", "DM3103", "century"),
    ("Dimension('order__status') = 'x'", "DM3103", "Dimension("),
    ("lower(a) || abs(a, b)", "DM3104", "abs(a"),
    ("amount::badtype", "DM3105", "badtype"),
    ("a + cast(x as jsonb)", "DM3105", "jsonb"),
]


@pytest.mark.parametrize(("text", "code", "start"), EXPRESSIONS, ids=[text for text, _, _ in EXPRESSIONS])
def test_an_expression(text: str, code: str, start: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_expression(text, "postgres")
    assert raised.value.problem.code == code
    assert caret(text, raised.value.problem).startswith(start)


FILTERS = [
    ("{{ Dimension('customer__country') = 'x'", "{{ Dim", "`{{` is not closed", "}}"),
    ("{{ Dimension('a') = 'x' and {{ Dimension('b') }} = 1", "{{ Dimension('a')", "`{{` is not closed", "}}"),
    ("a = 1 and {{ Dimension('a') } = 'x'", "{{ Dim", "`{{` is not closed", "}}"),
    ("a = 1 and {{ Dimenson('é', 1) }} = 2", "Dimenson", "is not a dimension", "did you mean `Dimension`"),
    ("{{ Dimension('é').foo('b') }} = 1", "foo", "`.foo` is not known", ".grain("),
    ("{{ Dimension('a', 'b', 'c') }} = 1", "'c'", "too many arguments", ""),
    ("{{ Dimension('a',\n  nme='b') }} = 1", "nme", "`nme` is not an argument", "entity_path"),
    ("{{ Dimension('a', [b]) }} = 1", "b]", "only texts", ""),
    ("{{ Dimension('a').date_part('century') }} = 1", "'century'", "no date part", "year"),
    ("{{ Dimension('metric_time', 'day') }} = 1", "'day'", "is a grain", "write `TimeDimension('metric_time', 'day')`"),
    ("{% if a %}", "{% if", "only `{{ … }}`", ""),
]


@pytest.mark.parametrize(("text", "start", "message", "hint"), FILTERS, ids=[text for text, *_ in FILTERS])
def test_what_stands_in_braces(text: str, start: str, message: str, hint: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_where(text)
    problem = raised.value.problem
    assert problem.code == "DM3110"
    assert caret(text, problem).startswith(start)
    assert message in problem.message
    assert hint in problem.hint


def test_a_grain_is_no_link_in_a_group_by_item() -> None:
    with pytest.raises(UserError) as raised:
        parse_group_by("Dimension('metric_time', 'day')")
    assert raised.value.problem.hint == "write `TimeDimension('metric_time', 'day')`"
    assert parse_group_by("Dimension('a', ['day'])").path == ("day",)


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        ("revenue desc", "write `-revenue`"),
        ("revenue ASC", "write `revenue`"),
        ("metric_time__month descending", "write `-metric_time__month`"),
        ("Metric('revenue') desc nulls last", "write `-Metric('revenue')`"),
    ],
)
def test_an_order_item_in_the_words_of_sql(item: str, hint: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_order(item)
    assert (raised.value.problem.code, raised.value.problem.hint) == ("DM3110", hint)


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        ("country = Germany", "Germany", "put text in quotes: `'Germany'`"),
        ("country = New Zealand and a = 1", "New", "put text in quotes: `'New Zealand'`"),
        ("country in (Germany, France)", "France", "put text in quotes: `'France'`"),
        ("country like Ger", "Ger", "put text in quotes: `'Ger'`"),
        ("at between 2026-02-03 and 2026-03-01", "2026-03", "put dates in quotes: `'2026-03-01'`"),
        ("country = 'x' and germany = 1", "germany", ""),
        ("germany = 1", "germany", ""),
        ("a = b + c", "b", ""),
        ("a = {{ Dimension('b') }}", "{{", ""),
    ],
)
def test_what_should_stand_in_quotes(text: str, word: str, hint: str) -> None:
    spot = next(spot for spot in spots(text) if text.startswith(word, spot.start))
    assert quoting(text, spot) == hint


def test_an_alias_is_a_text_without_quotes() -> None:
    with pytest.raises(UserError) as raised:
        parse_where("country = New Zealand")
    assert "put text in quotes: `'New Zealand'`" in raised.value.problem.hint


def test_names_are_found_in_every_spelling() -> None:
    text = "lower('a.b') = \"T\".x and t.X > 1.50 and {{ TimeDimension('metric_time', 'month') }} > 'b' and customer__born__day = 1e3"
    assert [text[spot.start : spot.end][:6] for spot in spots(text) if not isinstance(spot.leaf, Column)] == [
        "'a.b'",
        "1.50",
        "{{ Tim",
        "'b'",
        "1e3",
    ]
    born = find(text, [((Field("customer__born", "time_dimension", grain="day"),), 0)])
    assert born is not None
    assert text[born.start : born.end] == "customer__born__day"
    month = find(text, [((Field("metric_time", grain="month"),), 0)])
    assert month is not None
    assert text[within(text, month, "month") :].startswith("month'")
    assert find(text, [((Literal("b", DataType.TEXT),), 0)]) is not None
    assert find(text, [((Literal(7, DataType.INTEGER),), 0)]) is None
    assert find("a = 'x' and b = 'x'", [((Column("b"), Literal("x", DataType.TEXT)), 1)]) == spots("a = 'x' and b = 'x'")[-1]


def test_places_and_offsets() -> None:
    text = "a\n\nbc = 1"
    assert [offset_of(text, where.line, where.column) for where in (place(text, at) for at in range(len(text)))] == list(range(len(text)))
