"""Shapes that have no meaning are refused with the reason; those that have one are planned."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace

from app.errors import UserError
from app.model.ontology import Hierarchy, Segment
from app.model.plan import Union
from app.model.query import SemanticQuery, TimeRange
from app.model.shapes import Top, Totals
from app.plan.build import build
from app.plan.written import written
from app.sql.calculations import parse_calculation
from app.sql.expressions.parse import parse_where
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY

JOINS = JoinGraph.of(ONTOLOGY)
MONTH, COUNTRY = "metric_time__month", "customer__country"
FEBRUARY = TimeRange(dt.date(2024, 2, 1), dt.date(2024, 2, 29))


def asked(
    metrics: tuple[str, ...] = ("revenue",), group_by: tuple[str, ...] = (), calculations: tuple[str, ...] = (), **given: Any
) -> SemanticQuery:
    return SemanticQuery(metrics, tuple(map(JOINS.group_by, group_by)), calculations=tuple(map(parse_calculation, calculations)), **given)


REFUSED = [
    (asked(calculations=("previous(revenue)",)), "DM3133", "needs a time"),
    (asked(calculations=("previous(revenue)",), time=TimeRange(dt.date(2024, 1, 1))), "DM3133", "open"),
    (asked(group_by=("metric_time__week",), calculations=("previous(revenue, 1 quarter)",)), "DM3132", "no whole weeks lie 1 quarter back"),
    (asked(group_by=(MONTH,), calculations=("previous(revenue, 7 days)",)), "DM3132", "a month has no month that begins 7 days before"),
    (asked(group_by=(MONTH,), calculations=("previous(revenue, 1 year, same weekday)",)), "DM3132", "a month has no month"),
    (asked(group_by=("metric_time__retail_month",), calculations=("previous(revenue, 1 month)",)), "DM3132", "retail_month"),
    (asked(group_by=(MONTH,), calculations=("previous(revenue, 1 fortnight)",)), "DM3006", "`fortnight` is no grain"),
    (asked(group_by=(MONTH, "metric_time__extract_dow"), calculations=("previous(revenue)",)), "DM3132", "parts of dates"),
    (asked(calculations=("previous(revenue, 2 retail_months)",), time=FEBRUARY), "DM3132", "not moved by retail_months"),
    (asked(calculations=("previous(revenue, 1 hour)",), time=FEBRUARY), "DM3132", "whole days"),
    (
        asked(calculations=("previous(revenue)",), time=FEBRUARY, where=parse_where("metric_time__month = '2024-02-01'")),
        "DM3132",
        "holds for the earlier time too",
    ),
    (asked(("first_order_at",), (MONTH,), ("change(first_order_at)",)), "DM3108", "can't be compared"),
    (asked(("average_order",), (COUNTRY,), ("share(average_order)",)), "DM3132", "an average"),
    (asked(("revenue_per_order",), (COUNTRY,), ("share(revenue_per_order)",)), "DM3132", "a ratio"),
    (asked(("median_order",), (COUNTRY,), ("share(median_order)",)), "DM3132", "a percentile"),
    (
        asked(group_by=(COUNTRY,), calculations=("share(revenue, within=metric_time__month)",)),
        "DM3131",
        "none of the query's group-by items",
    ),
    (asked(group_by=(MONTH,), calculations=("share(percent_change(revenue))",)), "DM3132", "no parts of a total"),
    (asked(group_by=(MONTH,), calculations=("share(share(revenue))",)), "DM3132", "no parts of a total"),
    (asked(("revenue_to_date",), (MONTH,), ("running_total(revenue_to_date)",)), "DM3132", "accumulated already"),
    (asked(("stock",), (MONTH,), ("running_total(stock)",)), "DM3132", "a stock"),
    (asked(("booking_rate",), (MONTH,), ("running_total(booking_rate)",)), "DM3132", "a window of its own"),
    (asked(group_by=(MONTH,), calculations=("running_total(previous(revenue))",)), "DM3132", "one of a metric"),
    (asked(calculations=("moving_average(revenue, 2)",)), "DM3133", "needs time"),
    (asked(group_by=("metric_time__extract_dow",), calculations=("moving_average(revenue, 2)",)), "DM3132", "do not follow one another"),
    (asked(group_by=("metric_time__retail_month",), calculations=("moving_average(revenue, 2)",)), "DM3132", "standard periods"),
    (asked(group_by=(MONTH, "metric_time__week"), calculations=("moving_average(revenue, 2)",)), "DM3132", "overlap"),
    (asked(group_by=(MONTH,), calculations=("previous(rank(revenue))",)), "DM3132", "a rank is one among the rows"),
    (
        asked(group_by=(COUNTRY,), calculations=("place = rank(revenue)",), having=parse_where("place < 3")),
        "DM3132",
        "before rows are ranked",
    ),
    (asked(group_by=(COUNTRY,), calculations=("revenue = share(revenue)",)), "DM3025", "two columns"),
    (asked(group_by=(COUNTRY,), calculations=("share(revenues)",)), "DM3001", "no metric `revenues`"),
    (asked(group_by=(COUNTRY,), having=parse_where("profit > 3"), totals=Totals.ALL), "DM3015", "neither a metric"),
    (asked(group_by=(COUNTRY,), top=Top(0)), "DM3134", "the first 0 groups"),
    (asked(top=Top(3)), "DM3134", "no groups"),
    (asked(group_by=(COUNTRY,), top=Top(3, of=(COUNTRY,), per=(COUNTRY,))), "DM3134", "no groups"),
    (asked(group_by=(COUNTRY,), top=Top(3, of=("customer__region",))), "DM3131", "none of the query's group-by items"),
    (asked(group_by=(COUNTRY,), top=Top(3, "profit")), "DM3001", "no metric `profit`"),
    (asked(group_by=(COUNTRY,), calculations=("place = rank(revenue)",), top=Top(3, "place")), "DM3132", "ranks are given among"),
    (
        asked(group_by=(MONTH, COUNTRY), calculations=("running_total(revenue)",), top=Top(1, per=(MONTH,), other=True)),
        "DM3132",
        "change from period to period",
    ),
    (asked(("revenue_to_date",), (MONTH, COUNTRY), top=Top(1, per=(MONTH,), other=True)), "DM3132", "change from period to period"),
    (asked(group_by=(MONTH, COUNTRY), top=Top(1, of=(COUNTRY,)), having=parse_where("revenue > 3")), "DM3132", "groups of them are chosen"),
    (asked(group_by=(MONTH,), to_date="day", as_of=dt.date(2024, 3, 1)), "DM3006", "no period to date"),
    (asked(group_by=(MONTH,), to_date="month"), "DM3133", "needs the day"),
    (asked(("revenue_to_date",), (MONTH,), to_date="month", as_of=dt.date(2024, 3, 1)), "DM3132", "periods of its own"),
    (asked((), (COUNTRY,), totals=Totals.ALL), "DM3132", "without a metric"),
    (asked(segments=("rich",)), "DM3135", "no segment `rich`"),
    (asked(group_by=(COUNTRY,), drill_down=("country",)), "DM3136", "a level of no hierarchy"),
    (asked(group_by=(COUNTRY,), roll_up=("city",)), "DM3136", "not grouped by `city`"),
    (asked(group_by=("metric_time__week",), roll_up=("metric_time",)), "DM3136", "no coarser level"),
]


@pytest.mark.parametrize(("query", "code", "says"), REFUSED, ids=[f"{code} {says}" for _, code, says in REFUSED])
def test_what_has_no_meaning_is_refused_with_the_reason(query: SemanticQuery, code: str, says: str) -> None:
    with pytest.raises(UserError) as caught:
        build(query, ONTOLOGY, JOINS)
    assert caught.value.problem.code == code
    assert says in caught.value.problem.message


@pytest.mark.parametrize(
    "query",
    [
        asked(group_by=("metric_time__quarter",), calculations=("previous(revenue, 1 year)",)),
        asked(group_by=(MONTH,), calculations=("previous(revenue, 1 quarter)",)),
        asked(group_by=("metric_time__week",), calculations=("previous(revenue, 14 days)",)),
        asked(group_by=(MONTH, "metric_time__quarter"), calculations=("previous(revenue)",)),
        asked(("twice_visits",), (COUNTRY,), ("share(twice_visits)",)),
        asked(("buyers",), (COUNTRY,), ("share(buyers)",)),
    ],
)
def test_what_has_one_is_planned(query: SemanticQuery) -> None:
    assert build(query, ONTOLOGY, JOINS).columns


def test_a_plain_query_is_planned_as_ever() -> None:
    """Shapes cost nothing where none is asked for."""
    plain = build(asked(group_by=(COUNTRY,)), ONTOLOGY, JOINS)
    assert len(plain.steps) == 1
    assert not any(isinstance(step, Union) for step in plain.steps)


def test_segments_become_filters_and_levels_items() -> None:
    ontology = replace(
        ONTOLOGY,
        segments=(Segment("german", "customers", parse_where("customer__country = 'DE'")),),
        hierarchies=(Hierarchy("geography", "customers", ("region__region_name", "customer__country", "customer")),),
    )
    query = asked(group_by=("customer__country", MONTH), segments=("german",), drill_down=("country",), roll_up=("metric_time",))
    made = written(query, ontology, JOINS)
    assert made.where == parse_where("customer__country = 'DE'")
    assert [item.column for item in made.group_by] == ["customer__country", "customer", "metric_time__quarter"]
    assert (made.segments, made.drill_down, made.roll_up) == ((), (), ())
    up = written(asked(group_by=("customer", COUNTRY), roll_up=("customer",)), ontology, JOINS)
    assert [item.column for item in up.group_by] == [COUNTRY]
    gone = written(
        asked(group_by=("customer__region__region_name", "metric_time__year"), roll_up=("region_name", "metric_time")), ontology, JOINS
    )
    assert gone.group_by == ()


def test_a_level_of_two_hierarchies_is_no_guess() -> None:
    ontology = replace(
        ONTOLOGY,
        hierarchies=(
            Hierarchy("geography", "customers", ("region__region_name", "customer__country")),
            Hierarchy("markets", "customers", ("customer__country", "customer")),
        ),
    )
    with pytest.raises(UserError) as caught:
        written(asked(group_by=(COUNTRY,), drill_down=("country",)), ontology, JOINS)
    assert "several hierarchies: `geography`, `markets`" in caught.value.problem.message
