"""Questions that go on from the one before: what they say takes its place, all else stays, and nothing is dropped."""

from __future__ import annotations

import pytest

from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Outcome
from app.model.query import SemanticQuery
from tests.unit.language.conftest import MOMENT, Desk

TALKS = [
    [
        ("revenue last month", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        ("what about May?", "Revenue, 1 May 2026 to 31 May 2026"),
        ("and by country?", "Revenue by country, 1 May 2026 to 31 May 2026"),
        ("as a percentage", "Revenue and share of revenue in the total by country, 1 May 2026 to 31 May 2026"),
        ("by channel", "Revenue and share of revenue in the total by sales channel, 1 May 2026 to 31 May 2026"),
        ("and orders?", "Orders and share of orders in the total by sales channel, 1 May 2026 to 31 May 2026"),
    ],
    [
        ("revenue by channel this year", "Revenue by sales channel, 1 Jan 2026 to 15 Jul 2026"),
        ("only web", "Revenue by sales channel, 1 Jan 2026 to 15 Jul 2026, where sales channel is web"),
        ("store instead", "Revenue by sales channel, 1 Jan 2026 to 15 Jul 2026, where sales channel is store"),
        ("vs last year", "Revenue compared with 1 year before by sales channel, 1 Jan 2026 to 15 Jul 2026, where sales channel is store"),
        (
            "break it down by country",
            "Revenue compared with 1 year before by sales channel and country, 1 Jan 2026 to 15 Jul 2026, where sales channel is store",
        ),
    ],
    [
        ("top 5 countries by revenue", "Revenue by country, top 5 by revenue"),
        ("what about orders?", "Orders by country, top 5 by orders"),
        ("only the top 3", "Orders by country, top 3 by orders"),
        ("in 2025", "Orders by country, 1 Jan 2025 to 31 Dec 2025, top 3 by orders"),
    ],
    [
        ("revenue by country last quarter", "Revenue by country, 1 Apr 2026 to 30 Jun 2026"),
        ("excluding web", "Revenue by country, 1 Apr 2026 to 30 Jun 2026, where sales channel is not web"),
        ("sort by country", "Revenue by country, 1 Apr 2026 to 30 Jun 2026, where sales channel is not web, ordered by country"),
        ("with a total", "Revenue by country, 1 Apr 2026 to 30 Jun 2026, where sales channel is not web, with a total, ordered by country"),
    ],
]


def asked(desk: Desk, question: str, previous: SemanticQuery | None) -> Reading:
    return interpret(question, desk.lexicon, desk.ontology, desk.joins, MOMENT, previous)


@pytest.mark.parametrize("talk", TALKS)
def test_it_goes_on(ask_shop: Desk, talk: list[tuple[str, str]]) -> None:
    previous = None
    for question, restated in talk:
        reading = asked(ask_shop, question, previous)
        assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated), question
        previous = reading.query


def test_a_question_of_its_own_does_not_go_on(ask_shop: Desk) -> None:
    before = ask_shop("revenue by country in 2025").query
    assert asked(ask_shop, "orders last month", before).restated == "Orders, 1 Jun 2026 to 30 Jun 2026"
    assert asked(ask_shop, "orders last month", before).query == ask_shop("orders last month").query


def test_what_nothing_explains_is_no_way_on(ask_shop: Desk) -> None:
    before = ask_shop("revenue by country in 2025").query
    for question, unused in (("and by astrological sign?", ("astrological", "sign")), ("only for employees", ("employees",))):
        reading = asked(ask_shop, question, before)
        assert (reading.outcome, reading.unused) == (Outcome.REFUSE, unused)


def test_what_the_metric_cannot_be_split_by_is_told(ask_shop: Desk) -> None:
    before = ask_shop("units sold by product").query
    reading = asked(ask_shop, "and refund rate?", before)
    assert (reading.outcome, reading.problems[0].code) == (Outcome.REFUSE, "DM6007")


def test_without_a_question_before_it_is_asked_what_is_meant(ask_shop: Desk) -> None:
    assert ask_shop("and by country?").outcome is Outcome.CLARIFY


def test_a_condition_and_an_order_are_kept_or_taken_together(ask_shop: Desk) -> None:
    before = ask_shop("countries with more than 100 orders").query
    assert asked(ask_shop, "what about revenue?", before).restated == "Revenue by country, only with orders is more than 100"
    before = ask_shop("which country had the highest revenue last year").query
    assert asked(ask_shop, "and by month?", before).restated == "Revenue by month, 1 Jan 2025 to 31 Dec 2025"
    assert asked(ask_shop, "now by channel", before).restated.startswith("Revenue by sales channel, 1 Jan 2025 to 31 Dec 2025")
