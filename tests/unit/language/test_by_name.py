"""Saved queries, segments, levels, ends and parts of periods, by their words."""

from __future__ import annotations

import msgspec
import pytest

from app.language.interpret import interpret
from app.language.reading import Reading
from app.model.answer import Outcome
from app.model.expr import Binary, Field, Literal
from app.model.ontology import Hierarchy, SavedQuery, Segment
from app.model.types import DataType
from tests.unit.language.conftest import MOMENT, desk
from tests.unit.language.layers import shop

ABROAD = Segment("abroad", "customers", Binary("=", Field("customer__country"), Literal("France", DataType.TEXT)), label="Foreign buyers")
LAYER = msgspec.structs.replace(
    shop(),
    saved_queries=(
        SavedQuery("trading_by_country", metrics=("revenue",), group_by=("Dimension('customer__country')",), label="Trading by country"),
    ),
    segments=(ABROAD,),
    hierarchies=(Hierarchy("places", "customers", ("customer__country", "customer__city")),),
)
SHOP = desk(LAYER, {"customer__country": ("France", "Spain")})


def after(first: str, question: str) -> Reading:
    return interpret(question, SHOP.lexicon, SHOP.ontology, SHOP.joins, MOMENT, SHOP(first).query)


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("trading by country", "Saved query Trading by country"),
        ("run the saved query trading by country", "Saved query Trading by country"),
        ("revenue from foreign buyers last month", "Revenue, 1 Jun 2026 to 30 Jun 2026, only abroad"),
        ("revenue of the abroad segment by city", "Revenue by city, only abroad"),
        ("what are the earliest and latest signed up at", "Lowest and highest signed up at"),
        ("revenue by year at this point of each year", "Revenue by year, each year as far as it had come by 15 Jul 2026"),
        ("revenue every quarter so far", "Revenue by quarter, each quarter as far as it had come by 15 Jul 2026"),
    ],
)
def test_it_is_answered(question: str, restated: str) -> None:
    reading = SHOP(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    ("first", "question", "restated"),
    [
        ("revenue by country", "drill down", "Revenue by country and city"),
        ("revenue by country and city", "roll up the city", "Revenue by country"),
        ("revenue by month this year", "zoom out", "Revenue by quarter, 1 Jan 2026 to 15 Jul 2026"),
        ("revenue by month this year", "and drill down", "Revenue by day, 1 Jan 2026 to 15 Jul 2026"),
    ],
)
def test_levels(first: str, question: str, restated: str) -> None:
    reading = after(first, question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    "question",
    [
        "revenue not from foreign buyers",
        "rank foreign buyers by revenue",
        "revenue of foreign buyers and customers in Spain",
        "units sold of foreign buyers and their dogs",
        "drill down",
        "foreign buyers",
    ],
)
def test_no_part_is_dropped(question: str) -> None:
    assert SHOP(question).outcome is not Outcome.ANSWER


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("show me the orders by country", "Orders by country"),
        ("run the saved query orders by country", "Saved query Orders by country"),
    ],
)
def test_a_saved_query_filters_nothing_that_was_not_asked_for(question: str, restated: str) -> None:
    french = SavedQuery(
        "orders_by_country",
        metrics=("orders",),
        group_by=("Dimension('customer__country')",),
        where=("{{ Dimension('customer__country') }} = 'France'",),
        label="Orders by country",
    )
    reading = desk(msgspec.structs.replace(LAYER, saved_queries=(french,)))(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


def test_a_finest_level_has_none_below() -> None:
    assert after("revenue by country and city", "drill down into city").outcome is not Outcome.ANSWER
