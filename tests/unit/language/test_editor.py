"""A query in parts, and what may be asked next: every query that is offered can be answered, and is another one."""

from __future__ import annotations

import datetime as dt
import json

import msgspec
import pytest

from app.errors import UserError
from app.language.editor import Editor
from app.language.edits import before, grains_of, moved_back, unit_of, wider
from app.language.follow_ups import follow_ups
from app.model.answer import Part, PartRole
from app.model.metrics import Window
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.result import Value
from app.model.types import Grain
from app.plan.build import build
from tests.unit.language.conftest import MOMENT, Desk

QUESTIONS = [
    "revenue last month",
    "revenue by channel and month this year",
    "top 5 countries by revenue where channel is web",
    "refund rate by quarter in 2025",
    "revenue in May vs April",
    "countries with more than 100 orders",
    "food orders in Germany last quarter",
    "share of revenue by segment",
    "top 3 products by units sold in each month of 2026",
    "orders by country with a total",
    "list of channels",
]


def plans(desk: Desk, query: SemanticQuery) -> bool:
    try:
        build(query, desk.ontology, desk.joins)
    except UserError:
        return False
    return True


def asked(desk: Desk, question: str) -> SemanticQuery:
    query = desk(question).query
    assert query is not None, question
    return query


def parts(desk: Desk, query: SemanticQuery) -> tuple[Part, ...]:
    return Editor(desk.ontology, desk.lexicon, desk.joins, MOMENT.today, lambda one: plans(desk, one)).parts(query)


@pytest.mark.parametrize("question", QUESTIONS)
def test_alternatives_are_complete_queries_and_parts_stand_where_they_say(ask_shop: Desk, question: str) -> None:
    query = asked(ask_shop, question)
    document = json.loads(query.canonical())
    for part in parts(ask_shop, query):
        held = document
        for step in part.path.strip("/").split("/"):
            held = held[int(step)] if isinstance(held, list) else held.get(step)
        assert held == json.loads(msgspec.json.encode(part.value)), part
        assert len({one.query for one in part.alternatives}) == len(part.alternatives)
        for one in part.alternatives:
            assert one.query != query
            assert one.text
            assert plans(ask_shop, one.query), one


@pytest.mark.parametrize("question", QUESTIONS)
def test_three_follow_ups_that_can_be_answered(ask_shop: Desk, question: str) -> None:
    query = asked(ask_shop, question)
    for greatest in (None, "Germany", "web"):
        found = follow_ups(query, greatest, ask_shop.ontology, ask_shop.lexicon, ask_shop.joins, MOMENT, lambda one: plans(ask_shop, one))
        assert len(found) == 3, [one.text for one in found]
        assert len({one.query for one in found} | {query}) == 4
        assert all(plans(ask_shop, one.query) for one in found)


def texts(desk: Desk, question: str, role: PartRole) -> list[list[str]]:
    return [[part.text, *(one.text for one in part.alternatives)] for part in parts(desk, asked(desk, question)) if part.role is role]


def test_what_each_part_can_become(ask_shop: Desk) -> None:
    question = "revenue by channel last month where country is Germany"
    assert texts(ask_shop, question, PartRole.METRIC) == [
        ["Revenue", "Average order value", "Delivery time", "Gross revenue", "Orders", "Refund rate", "Refunds"]
    ]
    assert texts(ask_shop, question, PartRole.PERIOD) == [
        [
            "1 Jun 2026 to 30 Jun 2026",
            "1 May 2026 to 31 May 2026",
            "1 Jun 2025 to 30 Jun 2025",
            "1 Apr 2026 to 30 Jun 2026",
            "1 Jan 2026 to 31 Dec 2026",
            "all of time",
        ]
    ]
    assert texts(ask_shop, question, PartRole.FILTER) == [
        ["country is Germany", "leave it out", "country is France", "country is Côte d'Ivoire"]
    ]
    (groups,) = texts(ask_shop, question, PartRole.GROUP)
    assert groups[:2] == ["by sales channel", "leave it out"]
    assert "by segment" in groups
    assert not any("name" in group for group in groups), "personal data is not offered"


def test_a_metric_under_a_condition_on_it_is_not_exchanged_alone(ask_shop: Desk) -> None:
    assert texts(ask_shop, "countries with more than 100 orders", PartRole.METRIC) == [["Orders"]]


def greatest_of(desk: Desk, question: str, value: Value) -> list[str]:
    query = asked(desk, question)
    valid = lambda one: plans(desk, one)  # noqa: E731
    return [one.text for one in follow_ups(query, value, desk.ontology, desk.lexicon, desk.joins, MOMENT, valid)]


def test_follow_ups_are_said_as_people_say_them(ask_shop: Desk) -> None:
    assert greatest_of(ask_shop, "revenue last month", None) == [
        "How does that compare with a year before?",
        "How is that split by sales channel?",
        "How did it develop over the year up to then?",
    ]
    assert greatest_of(ask_shop, "revenue by country last quarter", "Germany")[1] == "What about Germany, by segment?"


def test_a_value_that_nobody_is_known_to_name_is_not_gone_into(ask_shop: Desk) -> None:
    """It may be a mask."""
    said = greatest_of(ask_shop, "revenue by country last quarter", "3f2a9c")
    assert not any("3f2a9c" in text for text in said)


def span(start: str, end: str) -> TimeRange:
    return TimeRange(dt.date.fromisoformat(start), dt.date.fromisoformat(end))


@pytest.mark.parametrize(
    ("given", "running", "earlier", "back"),
    [
        (span("2026-03-01", "2026-03-31"), False, span("2026-02-01", "2026-02-28"), Window(1, "month")),
        (span("2026-04-01", "2026-06-30"), False, span("2026-01-01", "2026-03-31"), Window(1, "quarter")),
        (span("2024-01-01", "2025-12-31"), False, span("2022-01-01", "2023-12-31"), Window(2, "year")),
        (span("2026-02-01", "2026-03-31"), False, span("2025-12-01", "2026-01-31"), Window(2, "month")),
        (span("2026-07-06", "2026-07-12"), False, span("2026-06-29", "2026-07-05"), Window(7, "day")),
        (span("2026-07-01", "2026-07-15"), True, span("2026-06-01", "2026-06-15"), Window(1, "month")),
        (span("2026-07-01", "2026-07-15"), False, span("2026-06-16", "2026-06-30"), Window(15, "day")),
        (span("2026-01-01", "2026-07-15"), True, span("2025-01-01", "2025-07-15"), Window(1, "year")),
    ],
)
def test_the_period_before(given: TimeRange, running: bool, earlier: TimeRange, back: Window) -> None:
    assert before(given, running=running) == (earlier, back)
    assert moved_back(given, back) == earlier


def test_there_is_none_before_an_open_one_nor_before_dates_begin() -> None:
    assert before(TimeRange(dt.date(2026, 1, 1))) is None
    assert unit_of(TimeRange(None, dt.date(2026, 1, 1))) is None
    assert before(span("0001-01-01", "0001-12-31")) is None
    assert moved_back(span("0001-01-01", "0001-01-31"), Window(1, "month")) is None
    assert moved_back(span("2026-01-01", "2026-01-31"), Window(1, "retail_month")) is None


def test_the_periods_around_the_last_one_that_dates_know() -> None:
    last = TimeRange(dt.date(9999, 12, 1), dt.date.max)
    assert [(one.start, one.end) for one in wider(last)] == [(dt.date(9999, 10, 1), dt.date.max), (dt.date(9999, 1, 1), dt.date.max)]


def test_grains_that_make_a_readable_number_of_periods() -> None:
    assert grains_of(span("2026-06-01", "2026-06-30"))[:2] == (Grain.WEEK, Grain.DAY)
    assert grains_of(span("2025-01-01", "2025-12-31"))[0] is Grain.MONTH
    assert grains_of(span("2026-06-01", "2026-06-01")) == ()


def test_an_item_that_ranks_and_orders_goes_with_what_names_it(ask_shop: Desk) -> None:
    query = asked(ask_shop, "top 3 products by units sold in each month of 2026")
    assert query.top is not None
    left = [
        one.query
        for part in parts(ask_shop, query)
        if part.role is PartRole.GROUP
        for one in part.alternatives
        if one.text == "leave it out"
    ]
    assert left
    for one in left:
        names = {item.column for item in one.group_by}
        assert {item.name for item in one.order_by} <= names | set(one.metrics)
        assert one.top is None or {*one.top.of, *one.top.per} <= names
    assert GroupBy("metric_time", "month") in query.group_by
