"""What is no question, and questions of any length: read in bounded work, without an exception, with every word used or told."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.guard import MOST_WORDS
from app.language.inflect import fold
from app.language.reading import Reading
from app.language.text import TokenKind, tokens
from app.model.answer import Outcome
from app.model.ontology import TimeSpine
from app.model.types import Grain
from app.plan.build import build
from tests.support.pace import paces
from tests.unit.language.conftest import Desk, desk
from tests.unit.language.layers import shop

SPINE = TimeSpine("days", "day", Grain.DAY)
SHOP = desk(msgspec.structs.replace(shop(), time_spines=(SPINE,)), {"customer__country": ("Germany", "France", "Côte d'Ivoire")})
GRAMMAR = """and by , or per for each in of not excluding "x" 'y' top 5 bottom which what how many highest most more than at least between 100
2025 june march may last month this year since until from to vs share average total growth is only with - / ( ) % a the 2025-01-01 q2 list
over time weekly by week of the year"""
NAMES = """revenue orders customers refunds refund rate units sold gross average order value country segment category status product city
returned active web germany france kwantity revenew asdfghjkl"""
MIX = [*GRAMMAR.split(), *NAMES.split()]
PACE = 16
"""Times counting 100,000: some 100 ms of processor time."""

SQL = [
    "SELECT o.id, CASE WHEN x THEN 1 END FROM orders o",
    "select o.a, sum(o.b) x from orders o join c on c.id = o.c group by 1",
    "explain analyze select * from orders",
    "(select 1)",
    "```sql\nselect a from b\n```",
    "--\n-- what we sell\n select a from b",
    "/* a */ /* b */ select a from b",
    "show tables",
]
ENDLESS = [
    "revenue " * 2_000,
    "revenue and " * 160,
    "status " * 60,
    "returned " * 60,
    "status returned share " * 18,
    "web share " * 60,
    "1 " * 5_000,
    "1 " * 990,
    "x" * 2_000,
    "revenue by " + "y" * 1_900,
    "not " * 119,
    "top 5 revenue by country " * 20,
    "from june to may " * 28,
    "2025-01-01 " * 100,
    "'" * 2_000,
    "🎉 revenue " * 55,
    "--\n" * 600 + "revenue",
    "/**/" * 490 + "revenue",
    "\n" * 1_990 + "asdfgh?",
]


def accounted(question: str, reading: Reading) -> bool:
    """Whether each token is used, or told to be not."""
    told = fold(" ".join(reading.unused))
    return all(
        any(one.start <= token.start and token.end <= one.end for one in reading.used) or fold(token.text) in told
        for token in tokens(question)
        if token.kind is not TokenKind.MARK
    )


@pytest.mark.parametrize("text", SQL)
def test_sql_is_sent_to_its_own_door(text: str) -> None:
    (problem,) = SHOP(text).problems
    assert problem.code == "DM6004"
    assert "datamind sql" in problem.hint
    assert "/api/v1/sql" in problem.hint


@pytest.mark.parametrize("text", ENDLESS, ids=lambda text: f"{text[:12]!r} x {len(text)}")
def test_long_texts_take_no_longer_than_questions(text: str) -> None:
    assert SHOP(text).outcome is not Outcome.ANSWER
    assert paces(lambda: SHOP(text), PACE) <= PACE


def test_a_text_of_more_words_than_a_question_has_is_refused(ask_shop: Desk) -> None:
    assert ask_shop(" ".join(["revenue"] * (MOST_WORDS + 1))).problems[0].code == "DM6003"
    assert ask_shop("orders in " + ", ".join(["germany"] * 50)).outcome is Outcome.ANSWER


@pytest.mark.parametrize(
    "text", ["\u200frevenue by country\u200e", "revenue\u200bby country", "\ufeffrevenue by\x00country", "revenue\tby\r\ncountry\u2069"]
)
def test_what_nobody_sees_says_nothing(text: str) -> None:
    assert SHOP(text).restated == "Revenue by country"


@pytest.mark.parametrize("text", ["rev\u200denue", "reve\u00adnue", "revenue\u202eyrtnuoc yb", "revenue 🎉", "\ud800 revenue", "\udfff"])
def test_what_stands_within_words_or_for_none_is_no_answer(text: str) -> None:
    assert SHOP(text).outcome is not Outcome.ANSWER


def test_a_list_of_nothing_is_asked_back() -> None:
    assert SHOP("list active").outcome is Outcome.CLARIFY


@settings(max_examples=250, deadline=None)
@given(st.text(max_size=2_000) | st.text(st.characters(), max_size=40))
def test_no_text_raises_and_every_word_is_told(text: str) -> None:
    reading = SHOP(text)
    assert reading.problems or accounted(text, reading)
    assert reading.outcome is not Outcome.ANSWER or not reading.unused


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(MIX), min_size=1, max_size=30).map(" ".join))
def test_any_mix_of_grammar_and_names_is_accounted_for(text: str) -> None:
    reading = SHOP(text)
    if reading.outcome is Outcome.ANSWER:
        assert reading.query is not None
        assert not reading.unused
        assert accounted(text, reading), text
        build(reading.query, SHOP.ontology, SHOP.joins)
        assert re.search(r"\w", reading.restated)
    else:
        assert reading.problems


@pytest.mark.parametrize("words", ["before 0001-01-01", "prior to 0001-01-01", "after 9999-12-31"])
def test_what_lies_beyond_all_dates_is_no_period(ask_shop: Desk, words: str) -> None:
    assert ask_shop(f"revenue {words}").outcome is Outcome.REFUSE
