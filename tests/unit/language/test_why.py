"""Questions for the reason of a change: which they are, what they explain, and when they are no such questions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from app.language.changes import compared_words, earlier_words, reason_words, taken_for_granted
from app.language.interpret import interpret
from app.language.reading import Reading
from app.language.why import asks_why, read_why
from app.model.answer import Comparison, Contribution, Outcome
from app.model.metrics import Window
from app.model.query import GroupBy, SemanticQuery, TimeRange
from tests.unit.language.conftest import MOMENT, Desk

BARE = ["why?", "Why", "and why is that?", "how come?", "Warum?", "wieso", "pourquoi ?", "¿por qué?", "لماذا؟", "but why so"]
OF_IT = [
    ("why did it drop?", True),
    ("why did that go up so much", False),
    ("why is it so high?", False),
    ("why has this changed", None),
    ("what drove this?", None),
    ("what caused the drop?", True),
    ("what's behind that increase", False),
    ("what explains it", None),
    ("warum ist es gesunken?", True),
]
OTHERS = [
    "revenue in May",
    "what was revenue?",
    "which country grew the most?",
    "reason codes by month",
    "who knows why",
    "what explains revenue by city",
]


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_where_dates_begin_there_is_no_whole_period_to_explain(ask_shop: Desk, grain: str) -> None:
    previous = SemanticQuery(("revenue",), (GroupBy("metric_time", grain),), time=TimeRange(None, dt.date.min))
    found = read_why("why?", previous, MOMENT, ask_shop.lexicon.labels, lambda _text, _query: Reading(Outcome.REFUSE))
    assert found is not None
    assert [problem.code for problem in found.problems] == ["DM6030"]


@pytest.mark.parametrize("question", BARE)
def test_a_bare_why(question: str) -> None:
    asked = asks_why(question)
    assert asked is not None
    assert (asked.is_bare, asked.subject) == (True, "")


@pytest.mark.parametrize(("question", "falls"), OF_IT)
def test_a_why_of_what_was_asked_before(question: str, falls: bool | None) -> None:
    asked = asks_why(question)
    assert asked is not None
    assert (asked.is_bare, asked.subject, asked.falls) == (False, "", falls)


@pytest.mark.parametrize("question", OTHERS)
def test_other_questions(question: str) -> None:
    assert asks_why(question) is None


def test_a_why_with_a_subject() -> None:
    asked = asks_why("Why did revenue drop in Germany last month?")
    assert asked is not None
    assert (asked.subject, asked.falls) == ("revenue in germany last month", True)


def read(desk: Desk, question: str, before: str) -> Reading | None:
    previous = desk(before).query if before else None

    def again(said: str, of: SemanticQuery) -> Reading:
        return interpret(said, desk.lexicon, desk.ontology, desk.joins, MOMENT, of)

    return read_why(question, previous, MOMENT, desk.lexicon.labels, again)


@pytest.mark.parametrize(
    ("before", "question", "restated"),
    [
        ("revenue in May 2026", "why?", "Why revenue, 1 May 2026 to 31 May 2026, differs from 1 Apr 2026 to 30 Apr 2026"),
        ("revenue by country in Q2 2026", "why?", "Why revenue, 1 Apr 2026 to 30 Jun 2026, differs from 1 Jan 2026 to 31 Mar 2026"),
        ("revenue by month in 2026", "why did it drop?", "Why revenue, 1 Jun 2026 to 30 Jun 2026, differs from 1 May 2026 to 31 May 2026"),
        (
            "revenue in May 2026 vs a year earlier",
            "what drove this?",
            "Why revenue, 1 May 2026 to 31 May 2026, differs from 1 May 2025 to 31 May 2025",
        ),
        (
            "revenue in May 2026",
            "why did revenue drop on the web?",
            "Why revenue, 1 May 2026 to 31 May 2026, where sales channel is web, differs from 1 Apr 2026 to 30 Apr 2026",
        ),
        ("revenue this month", "why?", "Why revenue, 1 Jul 2026 to 15 Jul 2026, differs from 1 Jun 2026 to 15 Jun 2026"),
        ("refund rate last week", "warum?", "Why refund rate, 6 Jul 2026 to 12 Jul 2026, differs from 29 Jun 2026 to 5 Jul 2026"),
    ],
)
def test_what_is_explained(ask_shop: Desk, before: str, question: str, restated: str) -> None:
    reading = read(ask_shop, question, before)
    assert reading is not None
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)
    assert reading.why is not None


@pytest.mark.parametrize(
    ("before", "question", "code", "outcome"),
    [
        ("", "why?", "DM6030", Outcome.REFUSE),
        ("revenue", "why?", "DM6030", Outcome.REFUSE),
        ("list of channels", "why?", "DM6030", Outcome.REFUSE),
        ("revenue and orders in May 2026", "why?", "DM6031", Outcome.CLARIFY),
    ],
)
def test_what_can_not_be_explained_is_said(ask_shop: Desk, before: str, question: str, code: str, outcome: Outcome) -> None:
    reading = read(ask_shop, question, before)
    assert reading is not None
    assert (reading.outcome, [problem.code for problem in reading.problems]) == (outcome, [code])


@pytest.mark.parametrize("question", ["why did revenue drop", "why did revenue drop in May 2026?", "why is it so low?"])
def test_a_reason_of_what_nobody_asked_is_left_to_the_interpreter(ask_shop: Desk, question: str) -> None:
    assert read(ask_shop, question, "") is None


MAY = TimeRange(dt.date(2026, 5, 1), dt.date(2026, 5, 31))


def test_words_of_comparisons(ask_shop: Desk) -> None:
    revenue, rate = ask_shop.ontology.metric("revenue"), ask_shop.ontology.metric("refund_rate")
    assert revenue is not None
    assert rate is not None
    month, year, days = Window(1, "month"), Window(1, "year"), Window(7, "day")
    assert earlier_words(MAY, month) == "in the month before"
    assert earlier_words(MAY, year) == "a year before"
    assert earlier_words(TimeRange(dt.date(2026, 7, 1), dt.date(2026, 7, 15)), month) == "in the same days of the month before"
    assert earlier_words(TimeRange(dt.date(2026, 7, 6), dt.date(2026, 7, 12)), days) == "in the 7 days before"

    def words(metric: object, now: str, before: str) -> str:
        current, previous = Decimal(now), Decimal(before)
        change = current - previous
        made = Comparison("m", MAY, current, previous, change, change / previous if previous > 0 else None)
        return compared_words(made, metric, "in the month before")  # type: ignore[arg-type]

    assert words(revenue, "90", "100") == "That is 10.0% less than in the month before (€100.00)."
    assert words(revenue, "5", "-5") == "That is €10.00 more than in the month before (€-5.00).".replace("€-5", "-€5")
    assert words(revenue, "5", "5") == "That is as much as in the month before."
    assert words(rate, "0.05", "0.04") == "That is 1.0 points more than in the month before (4.0%)."


def test_words_of_reasons(ask_shop: Desk) -> None:
    revenue = ask_shop.ontology.metric("revenue")
    assert revenue is not None
    web = Contribution("order__sales_channel", "sales channel", "web", Decimal(10), Decimal(4), Decimal(-6), Decimal("0.75"))
    store = Contribution("order__sales_channel", "sales channel", "store", Decimal(5), Decimal(3), Decimal(-2), Decimal("0.25"))
    assert reason_words([web, store], revenue) == "By sales channel: web -€6.00 (75.0% of the change), store -€2.00 (25.0%)."
    overlapping = Contribution("a", "a", "x", Decimal(1), Decimal(2), Decimal(1))
    assert "no parts of the whole" in reason_words([overlapping], revenue)
    assert taken_for_granted(True, Decimal(3)) == "It did not fall: it rose. "
    assert taken_for_granted(True, Decimal(-3)) == taken_for_granted(None, Decimal(3)) == ""
