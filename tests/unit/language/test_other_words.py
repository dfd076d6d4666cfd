"""Other words for the same: of business English, of countries, of other languages; and what is said of days and seasons."""

from __future__ import annotations

import datetime as dt

import pytest

from app.language.countries import other_names
from app.language.feasts import named_day
from app.language.inflect import stem
from app.language.text import tokens
from app.language.thesaurus import AKIN, ALIKE
from app.language.words import CUES
from app.model.answer import Outcome
from tests.unit.language.conftest import desk
from tests.unit.language.layers import hospital, shop

VALUES = {"customer__country": ("Germany", "France", "United Kingdom"), "product__product_name": ("Espresso", "Latte")}
SHOP = desk(shop(), VALUES)
WARDS = desk(hospital())


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("turnover by nation", "Revenue by country"),
        ("sales of clients from Germany", "Revenue, where country is Germany"),
        ("how much did we make last month", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        ("purchases in the UK", "Orders, where country is United Kingdom"),
        ("revenue from French customers", "Revenue, where country is France"),
        ("british orders in 2025", "Orders, 1 Jan 2025 to 31 Dec 2025, where country is United Kingdom"),
        ("orders on weekends last month", "Orders, 1 Jun 2026 to 30 Jun 2026, where the day is on a weekend"),
        ("orders on working days", "Orders, where the day is not on a weekend"),
        ("orders excluding weekends", "Orders, where the day is not on a weekend"),
        ("revenue up to and including May", "Revenue, until 31 May 2026"),
        ("orders on Mondays", "Orders, where the day is Monday"),
        ("average revenue per day last month", "Average revenue per day that has any, 1 Jun 2026 to 30 Jun 2026"),
        ("average monthly orders by country in 2025", "Average orders per month that has any by country, 1 Jan 2025 to 31 Dec 2025"),
        ("average orders per week in Q2", None),
        ("revenue on Black Friday 2025", "Revenue, 28 Nov 2025"),
        ("revenue at Easter", "Revenue, 5 Apr 2026"),
        ("revenue in the week of 8 June 2026", "Revenue, 8 Jun 2026 to 14 Jun 2026"),
        ("revenue the month before last", "Revenue, 1 May 2026 to 31 May 2026"),
        ("revenue last winter", "Revenue, 1 Dec 2025 to 28 Feb 2026"),
        ("lst qtr revenue", "Revenue, 1 Apr 2026 to 30 Jun 2026"),
        ("nr of orders in q4 25", "Orders, 1 Oct 2025 to 31 Dec 2025"),
        ("units of Espresso sold", "Units sold, where product name is Espresso"),
    ],
)
def test_it_is_the_same(question: str, restated: str | None) -> None:
    reading = SHOP(question)
    if restated is None:
        assert reading.outcome is Outcome.REFUSE  # a quarter is no whole number of weeks
    else:
        assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("Revenue nach Land im letzten Monat", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        ("wie viele orders gab es gestern", "Orders, 14 Jul 2026"),
        ("revenue pro Monat seit Januar 2026", "Revenue by month, 1 Jan 2026 to 15 Jul 2026"),
        ("welche country hatte 2025 die meisten orders", "Orders by country, 1 Jan 2025 to 31 Dec 2025, top 1 by orders"),
        ("revenue le mois dernier", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        ("revenue par channel en 2025", "Revenue by sales channel, 1 Jan 2025 to 31 Dec 2025"),
        ("cuántas orders hubo el año pasado", "Orders, 1 Jan 2025 to 31 Dec 2025"),
        ("revenue por channel en marzo de 2026", "Revenue by sales channel, 1 Mar 2026 to 31 Mar 2026"),
        ("orders حسب country في 2025", "Orders by country, 1 Jan 2025 to 31 Dec 2025"),
        ("revenue im Vergleich zum letzten Jahr", "Revenue compared with 1 year before, 1 Jan 2026 to 15 Jul 2026"),
    ],
)
def test_grammar_of_other_languages(question: str, restated: str) -> None:
    reading = SHOP(question)
    if "Land" in question:  # no name of this layer
        assert (reading.outcome, reading.unused) == (Outcome.REFUSE, ("Land",))
    else:
        assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    "question",
    ["wie hoch wird revenue nächstes Jahr", "what will revenue be next month", "how many orders will we have by Christmas"],
)
def test_what_is_to_come_is_no_number(question: str) -> None:
    reading = SHOP(question)
    assert (reading.outcome, reading.problems[0].code) == (Outcome.REFUSE, "DM6008")


@pytest.mark.parametrize(
    "question", ["cancel all orders of yesterday", "please delete the customers", "send an email to our customers", "Refund every order"]
)
def test_what_is_to_be_done_is_no_question(question: str) -> None:
    assert [problem.code for problem in SHOP(question).problems] == ["DM6017"]


@pytest.mark.parametrize(
    "question",
    ["customers in Japan", "revenue per astronaut", "healthy customers", "orders we won", "revenue and web", "revenue of web minus store"],
)
def test_words_that_say_something_are_never_dropped(question: str) -> None:
    assert SHOP(question).outcome is not Outcome.ANSWER


def test_the_participle_of_a_name_can_be_left_out() -> None:
    reading = SHOP("units in June")
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, "Units sold, 1 Jun 2026 to 30 Jun 2026")


def test_personal_data_is_not_listed() -> None:
    assert [problem.code for problem in SHOP("list the customer names").problems] == ["DM6016"]


def test_a_name_of_the_layer_comes_before_another_word_for_something_else() -> None:
    """`ward` and `department` are a name and a synonym there; a country of the shop is no nation of a hospital."""
    assert WARDS("admissions by nation").outcome is Outcome.REFUSE


def test_sets_are_of_folded_singulars_and_hold_no_word_twice() -> None:
    for sets in (ALIKE, AKIN):
        for word, others in sets.items():
            assert word == stem(word)
            assert word not in others
            assert len(set(others)) == len(others)


@pytest.mark.parametrize(("value", "other"), [("Germany", "german"), ("DE", "germany"), ("GB", "uk"), ("United States", "american")])
def test_a_country_has_other_names(value: str, other: str) -> None:
    assert other in other_names(value)


def test_words_of_a_sentence_are_no_countries() -> None:
    assert not {"in", "us", "no", "at", "it"} & {
        name for value in ("India", "United States", "Norway", "Austria", "Italy") for name in other_names(value)
    }


@pytest.mark.parametrize(
    ("words", "year", "first", "last"),
    [
        (["easter"], 2024, dt.date(2024, 3, 31), dt.date(2024, 3, 31)),
        (["easter", "monday"], 2025, dt.date(2025, 4, 21), dt.date(2025, 4, 21)),
        (["black", "friday"], 2024, dt.date(2024, 11, 29), dt.date(2024, 11, 29)),
        (["cyber", "monday"], 2026, dt.date(2026, 11, 30), dt.date(2026, 11, 30)),
        (["winter"], 2023, dt.date(2023, 12, 1), dt.date(2024, 2, 29)),
    ],
)
def test_days_with_a_name(words: list[str], year: int, first: dt.date, last: dt.date) -> None:
    found = named_day(words)
    assert found is not None
    assert (found.words, found.of(year)) == (len(words), (first, last))


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("orders on mondays and tuesdays", "Orders, where the day is Monday or Tuesday"),
        ("orders from web or from phone", "Orders, where sales channel is web or phone"),
        ("non-food web orders", "Orders, where (is food order is not true) and sales channel is web"),
        ("revenue in fall 2025", "Revenue, 1 Sep 2025 to 30 Nov 2025"),
        ("revenue this friday", "Revenue, 17 Jul 2026"),
        ("country mit mindestens 1.000 orders", "Orders by country, only with orders is at least 1,000"),
    ],
)
def test_every_word_is_heard(question: str, restated: str) -> None:
    reading = SHOP(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    "question",
    [
        "orders not where country = 'Germany'",
        "countries with orders not between 10 and 20",
        "countries with more than 100 orders or less than 10 orders",
        "customers with orders",
        "hat sales",
        "revenue from solo customers",
        "war orders",
        "orders by state",
        "revenue in Slovenia",
        "the 2nd best product by units sold",
        "top 10% of countries by revenue",
        "countries with orders over 100 euros",
        "how many countries had orders last month",
        "revenue / orders",
        "revenue divided by orders",
        "full orders",
    ],
)
def test_what_is_not_sure_is_not_answered(question: str) -> None:
    assert SHOP(question).outcome is not Outcome.ANSWER


def test_countries_are_countries_where_most_of_the_values_are() -> None:
    states = desk(shop(), {"customer__city": ("CA", "NY", "TX", "IT")})
    assert states("revenue in Canada").outcome is not Outcome.ANSWER


def test_every_phrase_of_grammar_can_be_read_from_a_text() -> None:
    assert [phrase for phrase in CUES if tuple(token.word for token in tokens(" ".join(phrase).replace("...", "…"))) != phrase] == []


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("year-over-year revenue growth by month", "Revenue compared with 1 year before by month"),
        ("month-over-month revenue", "Revenue compared with 1 month before by month"),
        ("revenue y/y last month", "Revenue compared with 1 year before, 1 Jun 2026 to 30 Jun 2026"),
        ("break-down of revenue by country", "Revenue by country"),
        ("best-performing country by revenue", "Revenue by country, top 1 by revenue"),
    ],
)
def test_hyphens_join_words_of_grammar(question: str, restated: str) -> None:
    reading = SHOP(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)
