"""Shapes in words: what was understood, and what each calculation is."""

from __future__ import annotations

import datetime as dt

import pytest

from app.language.calculations import calculation_definitions, calculation_words
from app.language.narrate import narrate
from app.language.restate import restate
from app.language.say import Labels
from app.model.query import GroupBy, SemanticQuery
from app.model.result import Result, ResultColumn
from app.model.shapes import Calculation, Top, Totals
from app.model.types import DataType
from app.sql.calculations import parse_calculation
from tests.goldens.business import ONTOLOGY

LABELS = Labels(ONTOLOGY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("previous(revenue)", "revenue the period before"),
        ("change(revenue, 2 quarters)", "change of revenue from 2 quarters before"),
        ("percent_change(revenue, 1 year, same weekday)", "percent change of revenue from 1 year before on the same weekday"),
        ("share(revenue, within=metric_time__month)", "share of revenue in month"),
        ("share(running_total(revenue))", "share of running total of revenue in the total"),
        ("running_total(revenue, 7 days)", "revenue of the last 7 days"),
        ("running_total(revenue, to_date=year)", "revenue since the start of the year"),
        ("moving_average(revenue, 3)", "average revenue of the last 3 periods"),
        ("rank(revenue, within=customer__country, ascending)", "rank by revenue within country, the lowest first"),
    ],
)
def test_calculations_in_words(text: str, words: str) -> None:
    assert calculation_words(parse_calculation(text).shape, LABELS) == words


def calculations(*texts: str) -> tuple[Calculation, ...]:
    return tuple(map(parse_calculation, texts))


def test_fractions_are_written_in_percent_and_the_rest_as_their_metric() -> None:
    query = SemanticQuery(
        calculations=calculations("share(revenue)", "change(share(revenue), 1 month)", "rank(revenue)", "previous(revenue)")
    )
    assert [one.format for one in calculation_definitions(query, ONTOLOGY, LABELS)] == ["0.0%", "0.0%", "integer", ""]


def test_a_query_is_restated_with_its_shapes() -> None:
    query = SemanticQuery(
        ("revenue",),
        (GroupBy("metric_time", "month"), GroupBy("customer__country")),
        calculations=calculations("share(revenue)"),
        top=Top(3, of=("customer__country",), per=("metric_time__month",), least=True, other=True),
        totals=Totals.ALL,
        to_date="month",
        as_of=dt.date(2024, 3, 15),
    )
    assert restate(query, ONTOLOGY) == (
        "Revenue and share of revenue in the total by month and country, each month as far as it had come by 15 Mar 2024,"
        " bottom 3 of country by revenue for each month, the rest together, with subtotals and a total"
    )


def test_neither_a_total_nor_the_rest_is_the_highest() -> None:
    query = SemanticQuery(("revenue",), (GroupBy("customer__country"),), top=Top(2, other=True), totals=Totals.GRAND)
    columns = tuple(
        ResultColumn(name, kind)
        for name, kind in (
            ("customer__country", DataType.TEXT),
            ("customer__country__grouping", DataType.TEXT),
            ("revenue", DataType.INTEGER),
        )
    )
    result = Result(columns, (("DE", "FR", None, None), ("value", "value", "other", "total"), (5, 3, 9, 17)))
    said = narrate(query, result, ONTOLOGY)
    assert "2 rows: highest DE with 5, lowest FR with 3" in said


def test_calculations_alone_are_told() -> None:
    query = SemanticQuery((), (GroupBy("customer__country"),), calculations=calculations("share(revenue)"))
    columns = (ResultColumn("customer__country", DataType.TEXT), ResultColumn("revenue__share", DataType.FLOAT))
    assert narrate(query, Result(columns, (("DE",), (1.0,))), ONTOLOGY) == "Share of revenue in the total by country, 1 row."
