"""Questions over a shop: what is answered, and as which query."""

from __future__ import annotations

import pytest

from app.language.reading import Role
from app.model.answer import Outcome
from app.model.query import GroupBy, OrderBy
from tests.unit.language.conftest import Desk

ANSWERS = [
    ("revenue by country last quarter", "Revenue by country, 1 Apr 2026 to 30 Jun 2026"),
    ("average order value per sales channel in 2025", "Average order value by sales channel, 1 Jan 2025 to 31 Dec 2025"),
    ("AOV by channel", "Average order value by sales channel"),
    ("top 5 products by product revenue in Germany", "Product revenue by product name, where country is Germany, top 5 by product revenue"),
    ("10 worst products by units sold last week", "Units sold by product name, 6 Jul 2026 to 12 Jul 2026, bottom 10 by units sold"),
    ("how many orders did we have last month", "Orders, 1 Jun 2026 to 30 Jun 2026"),
    ("monthly revenue in 2025", "Revenue by month, 1 Jan 2025 to 31 Dec 2025"),
    ("refund rate by customer segment", "Refund rate by segment"),
    ("orders from web and store since March 2026", "Orders, 1 Mar 2026 to 15 Jul 2026, where sales channel is web or store"),
    ("which country had the highest revenue last year?", "Revenue by country, 1 Jan 2025 to 31 Dec 2025, top 1 by revenue"),
    ("which month had the highest revenue in 2025", "Revenue by month, 1 Jan 2025 to 31 Dec 2025, top 1 by revenue"),
    ("revenue excluding web", "Revenue, where sales channel is not web"),
    ("revenue by channel excluding returned orders", "Revenue by sales channel, where order status is not returned"),
    (
        "top 3 countries by refund rate with more than 100 orders",
        "Refund rate and orders by country, only with orders is more than 100, top 3 by refund rate",
    ),
    ("countries with more than 100 orders", "Orders by country, only with orders is more than 100"),
    ("countries with between 10 and 20 orders", "Orders by country, only with orders is at least 10 and orders is at most 20"),
    ("countries with revenue under 3000 in Q2 2026", "Revenue by country, 1 Apr 2026 to 30 Jun 2026, only with revenue is less than 3,000"),
    ("countries with no more than 1.5k orders", "Orders by country, only with orders is at most 1,500"),
    ("revenue and orders by month", "Revenue and orders by month"),
    ("food orders last month", "Orders, 1 Jun 2026 to 30 Jun 2026, where is food order is true"),
    ("non-food orders", "Orders, where is food order is not true"),
    ("returned orders", "Orders, where order status is returned"),
    ("orders delivered last month", "Orders, where delivered at is on or after 1 Jun 2026 and delivered at is before 1 Jul 2026"),
    ("orders by delivered month", "Orders by delivered at by month"),
    ("total sales per month", "Revenue by month"),
    ("average delivery time by channel", "Delivery time by sales channel"),
    ("shortest delivery time by country", "Delivery time by country, lowest delivery time first"),
    ("sales where city is Berlin", "Revenue, where city is Berlin"),
    ("sales where city = 'Berlin'", "Revenue, where city is Berlin"),
    ("sales where city is not 'Berlin'", "Revenue, where city is not Berlin"),
    ("revenue in cote d'ivoire", "Revenue, where country is Côte d'Ivoire"),
    ("orders for the web channel in France", "Orders, where sales channel is web and country is France"),
    ("business customers revenue", "Revenue, where segment is business"),
    ("revenue from business customers in Germany or France", "Revenue, where segment is business and country is Germany or France"),
    ("revenue by country sorted by revenue ascending", "Revenue by country, lowest revenue first"),
    ("customers by country", "Customers by country"),
    ("revenue by customer", "Revenue by customer"),
    ("revenue over time", "Revenue by month"),
    ("revenue by weekday", "Revenue by day of the week"),
    ("revenue by day of the week", "Revenue by day of the week"),
    ("orders for each day of the week in 2025", "Orders by day of the week, 1 Jan 2025 to 31 Dec 2025"),
    ("list of countries", "List of country"),
    ("which countries are there", "List of country"),
    ("revenue by contry", "Revenue by country"),
    ("reveneu by month last quater", "Revenue by month, 1 Apr 2026 to 30 Jun 2026"),
    ("gross revenue by order month", "Gross revenue by month"),
    ("revenue by sales_channel", "Revenue by sales channel"),
    ("REVENUE BY COUNTRY!!!", "Revenue by country"),
]


@pytest.mark.parametrize(("question", "restated"), ANSWERS)
def test_an_answerable_question_becomes_its_query(ask_shop: Desk, question: str, restated: str) -> None:
    reading = ask_shop(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)
    assert reading.query is not None
    assert reading.unused == ()
    assert 0.4 <= reading.confidence < 1


CLARIFIES = [
    ("How are we doing?", "DM6013"),
    ("", "DM6001"),
    ("by country", "DM6013"),
    ("top products", "DM6013"),
    ("last month", "DM6013"),
    ("revenue in June and in 2024", "DM6010"),
    ("sales for 'Berlin'", "DM6015"),
]


@pytest.mark.parametrize(("question", "code"), CLARIFIES)
def test_an_open_question_is_asked_back(ask_shop: Desk, question: str, code: str) -> None:
    reading = ask_shop(question)
    assert reading.outcome is Outcome.CLARIFY
    assert reading.problems[0].code == code
    assert reading.query is None
    assert reading.confidence == 0
    assert reading.choices or reading.nearest
    assert len({choice.text for choice in reading.choices}) == len(reading.choices)


REFUSES = [
    ("what's our customer churn rate?", "DM6006", ("churn", "rate")),
    ("how many employees work in Brooklyn", "DM6006", ("employees", "Brooklyn")),
    ("revenue by county", "DM6006", ("county",)),
    ("net revenue", "DM6006", ("net",)),
    ("revenue in Atlantis", "DM6006", ("Atlantis",)),
    ("average revenue by country", "DM6006", ("average",)),
    ("median revenue", "DM6006", ("median",)),
    ("revenue without", "DM6006", ("without",)),
    ("revenue excluding June", "DM6006", ("excluding", "June")),
    ("best and worst country by revenue", "DM6006", ("worst",)),
    ("orders without refunds", "DM6006", ("without", "refunds")),
    ("refund rate by product category", "DM6007", ()),
    ("customers by product category", "DM6007", ()),
    ("why did revenue drop", "DM6008", ()),
    ("forecast revenue", "DM6008", ()),
    ("how many customers with more than 5 orders", "DM6008", ()),
    ("highest revenue", "DM6009", ()),
    ("orders over 100", "DM6009", ()),
    ("how many countries", "DM6014", ()),
    ("sales where country is 'Spain'", "DM6015", ("Spain",)),
    ("cuántos pedidos tuvimos", "DM6006", ("pedidos",)),
    ("how many orders on 31 February 2026", "DM6006", ("31",)),
]


@pytest.mark.parametrize(("question", "code", "unused"), REFUSES)
def test_what_cannot_be_answered_is_refused_with_reason_and_nearest(
    ask_shop: Desk, question: str, code: str, unused: tuple[str, ...]
) -> None:
    reading = ask_shop(question)
    assert (reading.outcome, reading.problems[0].code, reading.unused) == (Outcome.REFUSE, code, unused)
    assert reading.query is None
    assert reading.nearest


def test_a_ranking_orders_and_limits(ask_shop: Desk) -> None:
    query = ask_shop("top 3 countries by revenue").query
    assert query is not None
    assert query.group_by == (GroupBy("customer__country"),)
    assert query.order_by == (OrderBy("revenue", descending=True),)
    assert query.limit == 3


def test_personal_names_do_not_stand_for_an_entity(ask_shop: Desk) -> None:
    query = ask_shop("revenue by customer").query
    assert query is not None
    assert query.group_by == (GroupBy("customer"),)


def test_a_dimension_two_joins_away_is_named_by_its_way(ask_shop: Desk) -> None:
    query = ask_shop("units sold by country").query
    assert query is not None
    assert query.group_by == (GroupBy("order__customer__country"),)


def test_used_parts_say_where_they_stand_and_what_they_became(ask_shop: Desk) -> None:
    question = "revenue by country last quarter"
    used = ask_shop(question).used
    assert [(u.text, u.role) for u in used] == [
        ("revenue", Role.METRIC),
        ("by", Role.WORDS),
        ("country", Role.GROUP),
        ("last quarter", Role.PERIOD),
    ]
    assert all(question[u.start : u.end] == u.text for u in used)


def test_every_choice_is_a_query_of_this_layer(ask_shop: Desk) -> None:
    for question, _ in CLARIFIES:
        for choice in ask_shop(question).choices:
            reach = set(ask_shop.joins.compatible_dimensions(choice.query.metrics))
            assert {item.name for item in choice.query.group_by} <= reach


def test_the_same_question_gives_the_same_reading(ask_shop: Desk) -> None:
    for question, _ in ANSWERS:
        assert ask_shop(question) == ask_shop(question)


def test_two_equal_dimensions_are_asked_about(ask_shop: Desk) -> None:
    reading = ask_shop("units sold by status")
    assert reading.outcome is Outcome.CLARIFY
    assert [c.text for c in reading.choices] == ["Units sold by order status", "Units sold by product status"]


def test_a_value_of_two_dimensions_is_asked_about_unless_one_is_the_metrics_own(ask_shop: Desk) -> None:
    assert ask_shop("orders returned").restated == "Orders, where order status is returned"
    assert ask_shop("units sold returned").outcome is Outcome.CLARIFY
