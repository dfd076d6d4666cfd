"""dbt filters and those of our own doors."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.model.expr import And, Binary, Column, Field, IsNull, Literal, Not
from app.model.query import GroupBy, OrderBy
from app.model.types import DataType, DatePart
from app.sql.expressions.fields import parse_group_by, parse_order
from app.sql.expressions.parse import parse_filter, parse_where

DE = Literal("DE", DataType.TEXT)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{{ Dimension('customer__country') }}", Field("customer__country")),
        ('{{Dimension("customer__country")}}', Field("customer__country")),
        ("{{ Dimension('country', entity_path=['customer']) }}", Field("country", path=("customer",))),
        ("{{ Dimension('c__x', entity_path=()) }}", Field("c__x")),
        ("{{ Dimension('c__d').grain('month') }}", Field("c__d", grain="month")),
        ("{{ Dimension('metric_time__month') }}", Field("metric_time", grain="month")),
        ("{{ Dimension('c__d').date_part('year') }}", Field("c__d", date_part=DatePart.YEAR)),
        ("{{ TimeDimension('metric_time', 'month') }}", Field("metric_time", "time_dimension", (), "month")),
        ("{{ TimeDimension('metric_time', date_part_name='dow') }}", Field("metric_time", "time_dimension", date_part=DatePart.DOW)),
        ("{{ TimeDimension('metric_time', 'alien_day') }}", Field("metric_time", "time_dimension", (), "alien_day")),
        ("{{ Entity('user', entity_path=['listing']) }}", Field("user", "entity", ("listing",))),
        ("{{ Metric('orders', group_by=['customer']) }}", Field("orders", "metric", group_by=("customer",))),
        ("{{ Metric('orders', ['a', 'b']) }}", Field("orders", "metric", group_by=("a", "b"))),
        ("{{ Metric('orders', group_by=[Dimension('c__x')]) }}", Field("orders", "metric", group_by=("c__x",))),
    ],
)
def test_references(text: str, field: Field) -> None:
    assert parse_filter(f"{text} = 'DE'", "postgres") == Binary("=", field, DE)


def test_a_bare_boolean_and_an_entity() -> None:
    found = parse_filter("{{ Dimension('a__b') }} and {{ Entity('c') }} is not null and not {{ Dimension('d__e') }}", "postgres")
    assert found == And((Field("a__b"), IsNull(Field("c", "entity"), True), Not(Field("d__e"))))


def test_braces_inside_a_text_are_text() -> None:
    assert parse_filter("a = '{{ x }}'", "postgres") == Binary("=", Column("a"), Literal("{{ x }}", DataType.TEXT))


def test_a_name_like_a_placeholder_is_a_column() -> None:
    assert parse_filter("f_0 = {{ Dimension('a__b') }}", "postgres") == Binary("=", Column("f_0"), Field("a__b"))


@pytest.mark.parametrize(
    "text",
    [
        "{{ var('x') }} = 1",
        "{{ Dimension('a__b') | upper }} = 1",
        "{{ Dimension(name) }} = 1",
        "{{ Dimension('a' + 'b') }} = 1",
        "{{ Dimension() }} = 1",
        "{{ Dimension('a', 'b', 'c') }} = 1",
        "{{ Dimension('a', color='b') }} = 1",
        "{{ Dimension('a', name='b') }} = 1",
        "{{ Dimension('a').upper() }} = 1",
        "{{ Dimension('a').__class__ }} = 1",
        "{{ Dimension(['a']) }} = 1",
        "{{ Dimension('a').date_part('century') }} = 1",
        "{{ ''.__class__.__mro__ }} = 1",
        "{{ Entity('a', entity_path=[1]) }} = 1",
        "{{ Dimension('a')",
        "{% if x %} a {% endif %}",
        "{# note #} a = 1",
        "{{ " + "(" * 500 + " }} = 1",
    ],
)
def test_nothing_else_runs_in_braces(text: str) -> None:
    with pytest.raises(UserError, match="DM3110"):
        parse_filter(text, "postgres")


def test_places_are_those_of_the_text_as_written() -> None:
    with pytest.raises(UserError) as caught:
        parse_filter("{{ Dimension('a__b',\n entity_path=['c']) }} = 1\n  and foo(2) = 1", "postgres")
    assert caught.value.problem.where is not None
    assert (caught.value.problem.where.line, caught.value.problem.where.column) == (3, 7)


def test_plain_names_are_fields_at_our_doors() -> None:
    found = parse_where(
        "customer__country = 'DE' and metric_time__month >= '2024-01-01' and x__d__extract_year = 2024 and {{ Entity('u') }} = 1"
    )
    assert isinstance(found, And)
    assert [arg.left for arg in found.args if isinstance(arg, Binary)] == [
        Field("customer__country"),
        Field("metric_time", "time_dimension", (), "month"),
        Field("x__d", "time_dimension", date_part=DatePart.YEAR),
        Field("u", "entity"),
    ]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("metric_time", GroupBy("metric_time")),
        ("metric_time__month", GroupBy("metric_time", "month")),
        ("customer__country", GroupBy("customer__country")),
        ("order__ordered_at__extract_dow", GroupBy("order__ordered_at", "", DatePart.DOW)),
        ("Dimension('customer__country')", GroupBy("customer__country")),
        ("TimeDimension('metric_time', 'WEEK')", GroupBy("metric_time", "week")),
        ("Entity('user', entity_path=['listing'])", GroupBy("user", path=("listing",))),
        ("metric_time__alien_day", GroupBy("metric_time", "alien_day")),
        ("CUSTOMER__Country", GroupBy("customer__country")),
    ],
)
def test_group_by_items(text: str, item: GroupBy) -> None:
    assert parse_group_by(text, {"alien_day"}) == item


@pytest.mark.parametrize("text", ["", "a b", "a;b", "Metric('x')", "a--b", "sum(a)", "a.b"])
def test_what_is_no_group_by_item(text: str) -> None:
    with pytest.raises(UserError, match="DM3110"):
        parse_group_by(text)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("revenue", OrderBy("revenue")),
        (" - Revenue", OrderBy("revenue", True)),
        ("Metric('revenue')", OrderBy("revenue")),
        ("Metric('revenue').descending(True)", OrderBy("revenue", True)),
        ("Metric('revenue').descending(False)", OrderBy("revenue")),
        ("-metric_time__alien_day", OrderBy("metric_time__alien_day", True)),
        ("TimeDimension('metric_time', 'week', descending=True)", OrderBy("metric_time__week", True)),
        ("-TimeDimension('metric_time', 'WEEK')", OrderBy("metric_time__week", True)),
        ("Dimension('metric_time').date_part('dow')", OrderBy("metric_time__extract_dow")),
        ("Entity('user', entity_path=['listing']).descending(True)", OrderBy("listing__user", True)),
    ],
)
def test_order_items(text: str, item: OrderBy) -> None:
    assert parse_order(text, {"alien_day"}) == item


@pytest.mark.parametrize("text", ["Metric('x').upper()", "sum(a)", "Dimension()", "Metric('x'"])
def test_what_is_no_order_item(text: str) -> None:
    with pytest.raises(UserError, match="DM3110"):
        parse_order(text)


@pytest.mark.parametrize("mark", ["\x00", "\ue000", "\ue001", "\udfff"])
def test_no_text_holds_what_no_statement_may(mark: str) -> None:
    with pytest.raises(UserError) as raised:
        parse_where(f"{{{{ Dimension('user__full_name') }}}} = 'a{mark}b'")
    found = raised.value.problem
    assert (found.code, found.where and found.where.column) == ("DM3094" if mark == "\udfff" else "DM4002", 40)
