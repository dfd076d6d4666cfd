"""What is of a kind, how long things take, where they come from, and what says too little: questions whose words name no metric or dimension by its name."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from app.language.spelling import Spelling
from app.model.answer import Outcome
from app.model.expr import Column, Literal
from app.model.metrics import MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.semantics import EntityType, Measure, SemanticModel
from app.model.types import Aggregation, DataType
from tests.unit.language.conftest import Desk, desk
from tests.unit.language.help_desk import VALUES as DESK_VALUES
from tests.unit.language.help_desk import help_desk
from tests.unit.language.layers import category, hospital, key, metric, shop, time
from tests.unit.language.toolbox import VALUES, toolbox

SHOP = desk(shop())
DESK = desk(help_desk(), DESK_VALUES)
BOX = desk(toolbox(), VALUES)
WARDS = desk(hospital())


def ferries() -> Ontology:
    """Crossings between harbours, with tickets; a crossing has no name, and so many vehicles on board."""
    crossings = SemanticModel(
        "crossings",
        "fct_crossings",
        entities=(key("crossing", EntityType.PRIMARY),),
        dimensions=(
            time("sailed_at"),
            category("departure_harbour", values=("Arnis", "Brodick", "Corran")),
            category("arrival_harbour", values=("Arnis", "Brodick", "Corran")),
            category("state", values=("sailed", "cancelled")),
            category("vehicle_count", label="Vehicles"),
            category("takings", label="Ticket value"),
        ),
        measures=(Measure("crossings", Aggregation.SUM, Literal(1, DataType.INTEGER)), Measure("vehicles", Aggregation.SUM, Column("n"))),
        agg_time_dimension="sailed_at",
    )
    passengers = SemanticModel(
        "passengers",
        "dim_passengers",
        entities=(key("passenger", EntityType.PRIMARY),),
        dimensions=(category("tariff", values=("adult", "student")), time("joined_at")),
        measures=(Measure("travellers", Aggregation.COUNT_DISTINCT, Column("passenger_id")),),
        agg_time_dimension="joined_at",
    )
    metrics = (
        metric("crossings", "crossings", label="Crossings"),
        Metric("late", Ratio(MetricInput("crossings"), MetricInput("crossings")), label="Late crossings of students (%)"),
        metric("travellers", "passengers", label="Passengers w/ ticket", unit="people"),
        metric("vehicles", "crossings", label="Vehicles"),
    )
    return Ontology("ferries", semantic_models=(crossings, passengers), metrics=metrics)


FERRIES = desk(ferries())


@pytest.mark.parametrize(
    ("asked", "question", "restated"),
    [
        (SHOP, "top 3 bags by product revenue", "Product revenue by product name, where product category is bags, top 3 by product revenue"),
        (SHOP, "which bag had the most units sold", "Units sold by product name, where product category is bags, top 1 by units sold"),
        (SHOP, "slowest customers", "Delivery time by customer, top 10 by delivery time"),
        (SHOP, "which country has the fastest delivery", "Delivery time by country, bottom 1 by delivery time"),
        (SHOP, "how long does an order take to deliver", "Delivery time"),
        (SHOP, "countries where orders take longer than 5 days", "Delivery time by country, only with delivery time is more than 5"),
        (SHOP, "slowest month for orders", "Orders by month, bottom 1 by orders"),
        (SHOP, "month over month revenue growth in the first half of 2026", "Revenue compared with 1 month before by month, 1 Jan 2026 to 30 Jun 2026"),
        (SHOP, "orders this month compared with the same days of last month", "Orders compared with 1 month before, 1 Jul 2026 to 15 Jul 2026"),
        (SHOP, "for our monthly review I need revenue by country", "Revenue by country"),
        (SHOP, "revenue by quarter since we opened", "Revenue by quarter"),
        (SHOP, "revenue in jully", "Revenue, 1 Jul 2026 to 31 Jul 2026"),
        (SHOP, "break orders down by country", "Orders by country"),
        (SHOP, "orders divided between countries", "Orders by country"),
        (SHOP, "orders, web vs phone", "Orders by sales channel, where sales channel is web or phone"),
        (SHOP, "is revenue up or down on last year, year to date", "Revenue compared with 1 year before, 1 Jan 2026 to 15 Jul 2026"),
        (SHOP, "by what % did revenue grow in June", "Revenue compared with 1 month before, 1 Jun 2026 to 30 Jun 2026"),
        (SHOP, "June revenue so far", "Revenue, 1 Jun 2026 to 30 Jun 2026"),
        (SHOP, "customers who've placed more than 60 orders", "Orders by customer, only with orders is more than 60"),
        (SHOP, "months when revenue topped 15,000", "Revenue by month, only with revenue is more than 15,000"),
        (SHOP, "countries with 40 orders or more", "Orders by country, only with orders is at least 40"),
        (SHOP, "bags with the lowest product revenue", "Product revenue by product name, where product category is bags, lowest product revenue first"),
        (SHOP, "orders delivered in June", "Orders, where delivered at is on or after 1 Jun 2026 and delivered at is before 1 Jul 2026"),
        (SHOP, "cancelled orders due to phone", "Orders, where order status is cancelled and sales channel is phone"),
        (SHOP, "new customers last month", "Customers, 1 Jun 2026 to 30 Jun 2026"),
        (SHOP, "revenue in pounds", "Revenue"),
        (DESK, "fastest agents", "Average hours to resolve by agent, bottom 10 by average hours to resolve"),
        (DESK, "how long does it take to resolve a ticket", "Average hours to resolve"),
        (DESK, "slowest agents in May", "Average hours to resolve by agent, 1 May 2026 to 31 May 2026, top 10 by average hours to resolve"),
        (FERRIES, "crossings from Arnis", "Crossings, where departure harbour is Arnis"),
        (FERRIES, "crossings to Corran", "Crossings, where arrival harbour is Corran"),
        (FERRIES, "crossings from Arnis to Corran", "Crossings, where departure harbour is Arnis and arrival harbour is Corran"),
        (FERRIES, "crossings with more than 20 vehicles", "Crossings, where vehicles is more than 20"),
        (FERRIES, "crossings over $500", "Crossings, where ticket value is more than 500"),
        (FERRIES, "passengers with ticket", "Passengers w/ ticket"),
    ],
)  # fmt: skip
def test_it_is_answered(asked: Desk, question: str, restated: str) -> None:
    reading = asked(question)
    assert (reading.outcome, reading.restated) == (Outcome.ANSWER, restated)


@pytest.mark.parametrize(
    ("asked", "question", "choices"),
    [
        (SHOP, "where is revenue highest", ["Revenue by city, top 1 by revenue", "Revenue by country, top 1 by revenue"]),
        (SHOP, "where do most orders come from", ["Orders by city, top 1 by orders", "Orders by country, top 1 by orders"]),
        (SHOP, "customer performance in June", ["Customers, 1 Jun 2026 to 30 Jun 2026"]),
        (SHOP, "what did we take in orders last month", ["Orders, 1 Jun 2026 to 30 Jun 2026"]),
        (
            DESK,
            "who resolves tickets fastest",
            [
                "Average hours to resolve by account name, bottom 1 by average hours to resolve",
                "Average hours to resolve by agent, bottom 1 by average hours to resolve",
            ],
        ),
        (WARDS, "which ward has the shortest stay", ["Length of stay by ward name, bottom 1 by length of stay"]),
    ],
)
def test_it_is_asked_back(asked: Desk, question: str, choices: list[str]) -> None:
    reading = asked(question)
    assert (reading.outcome, [choice.text for choice in reading.choices]) == (Outcome.CLARIFY, choices)


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (SHOP, "fastest customers by revenue"),
        (SHOP, "orders over 30 this year"),
        (SHOP, "orders over 36 months"),
        (SHOP, "new customers"),
        (DESK, "tickets closed in June"),
        (DESK, "did more customers open tickets this month than last month"),
        (DESK, "how long do tickets take and how many tickets are there"),
        (DESK, "where do most tickets come from"),
    ],
)
def test_it_is_not_answered_otherwise(asked: Desk, question: str) -> None:
    """No speed of what takes no time, no orders for people, no town of those who work for us."""
    assert asked(question).outcome is not Outcome.ANSWER


def test_a_metric_that_is_the_percentage_asked_for_comes_before_a_share_reckoned_anew() -> None:
    layer = shop()
    part = Metric(
        "web_orders_of_consumers",
        Ratio(MetricInput("orders"), MetricInput("orders")),
        label="Cancelled web orders of consumers (%)",
    )
    asked = desk(replace(layer, metrics=(*layer.metrics, part)))
    assert (
        asked("percentage of cancelled web orders among consumers, by country").restated
        == "Cancelled web orders of consumers (%) by country"
    )
    assert asked("percentage of web orders by country").restated != "Cancelled web orders of consumers (%) by country"


@pytest.mark.parametrize("named", ["Cost of goods", "Media cost"])
def test_what_we_spend_is_asked_back_where_several_metrics_tell_of_it(named: str) -> None:
    layer = shop()
    costs = (
        Metric("cost", Simple(MeasureInput("orders", "revenue")), label=named),
        Metric("wages", Simple(MeasureInput("orders", "refunds")), label="Wages paid"),
    )
    one, both = (desk(replace(layer, metrics=(*layer.metrics, *costs[:count]))) for count in (1, 2))
    assert one("how much did we spend last month").restated == f"{named}, 1 Jun 2026 to 30 Jun 2026"
    assert both("how much did we spend last month").outcome is Outcome.CLARIFY


def test_a_flag_of_what_is_measured_comes_before_one_of_what_it_belongs_to() -> None:
    layer = shop()
    lines = next(model for model in layer.semantic_models if model.name == "order_lines")
    models = tuple(
        replace(model, dimensions=(*model.dimensions, category("is_food_line"))) if model is lines else model
        for model in layer.semantic_models
    )
    asked = desk(replace(layer, semantic_models=models))
    assert asked("food units sold last month").restated == "Units sold, 1 Jun 2026 to 30 Jun 2026, where is food line is true"


def test_a_letter_that_is_doubled_is_likelier_missed_than_changed() -> None:
    assert Spelling.of(["accounts", "amounts"]).correct("acounts") == "accounts"


def test_a_feast_that_begins_a_name_is_no_period() -> None:
    asked = desk(shop(), {"customer__city": ("Christmas Island North", "Christmas Island South")})
    assert asked("revenue in Christmas Island").outcome is not Outcome.ANSWER
    assert asked("revenue in Christmas Island North").restated == "Revenue, where city is Christmas Island North"
    assert asked("revenue at Christmas").restated == "Revenue, 25 Dec 2025"


def test_who_does_something_is_asked_by_the_sum_that_it_is_counted_in() -> None:
    layer = shop()
    hours = Metric("hours_worked", Simple(MeasureInput("orders", "revenue")), label="Hours worked")
    asked = desk(replace(layer, metrics=(*layer.metrics, hours)))
    assert asked("how many hours were worked in each country").restated == "Hours worked by country"
    assert asked("countries with over 2,500 hours worked").restated == "Hours worked by country, only with hours worked is more than 2,500"
