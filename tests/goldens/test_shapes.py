"""Shapes of SQL that the goldens don't have: expressions too large to stand inline, and results named like the columns they are made of."""

from __future__ import annotations

import msgspec
import pytest

from app.model.metrics import Derived, MeasureInput, Metric, MetricInput, Simple
from app.model.ontology import Ontology
from app.model.physical import Placement
from app.model.query import GroupBy, OrderBy, SemanticQuery
from app.model.types import Dialect
from app.plan.build import build
from app.plan.render import render
from app.sql.expressions.parse import parse_expression, parse_where
from app.sql.joins import JoinGraph
from tests.goldens.business import ONTOLOGY, placement
from tests.goldens.compare import ordered, same_rows
from tests.goldens.conftest import Warehouses
from tests.goldens.oracle import Oracle

LONG = " + ".join(["revenue * 2 - orders"] * 20)
EXTRA = (
    Metric("amount", Simple(MeasureInput("orders", "amount"))),
    Metric("quantity", Simple(MeasureInput("orders", "units"))),
    Metric("customer_id", Simple(MeasureInput("orders", "buyers"))),
    Metric("long_one", Derived(parse_expression(LONG, "postgres"), (MetricInput("revenue"), MetricInput("orders")))),
)
WIDER: Ontology = msgspec.structs.replace(ONTOLOGY, metrics=tuple(sorted((*ONTOLOGY.metrics, *EXTRA), key=lambda m: m.name)))


def check(query: SemanticQuery, warehouses: Warehouses) -> dict[Dialect, str]:
    plan = build(query, WIDER, JoinGraph.of(WIDER))
    columns = [column.name for column in plan.columns]
    expected = ordered([[row[c] for c in columns] for row in Oracle(WIDER).answer(query)])
    texts = {}
    for dialect in Dialect:
        texts[dialect] = render(plan, dialect, placement(dialect.value), limit=None).text
        assert same_rows(ordered(warehouses.run(dialect, texts[dialect]).rows()), expected), texts[dialect]
    return texts


@pytest.mark.parametrize("having", ["", "long_one > 0", "revenue > 10"])
def test_a_long_expression_is_computed_over_a_cte(having: str, warehouses: Warehouses) -> None:
    query = SemanticQuery(
        ("revenue", "orders", "long_one"),
        (GroupBy("order__status"),),
        having=parse_where(having) if having else None,
        order_by=(OrderBy("long_one"),),
    )
    for text in check(query, warehouses).values():
        assert text.startswith("WITH orders_totals AS (")
        assert text.count("SUM(") == 1


def test_results_named_like_columns_shadow_nothing(warehouses: Warehouses) -> None:
    """In ClickHouse an alias would win over a column of its name, in WHERE too, if the column were not qualified."""
    query = SemanticQuery(
        ("amount", "quantity", "customer_id"),
        (GroupBy("order__status"), GroupBy("customer")),
        parse_where("order__size <> 'none' and customer is not null"),
        having=parse_where("amount > 0 and quantity < 100 and customer_id = 1"),
        order_by=(OrderBy("quantity", True), OrderBy("amount")),
    )
    check(query, warehouses)


def test_names_are_quoted_where_they_must_be() -> None:
    from app.model.physical import Relation

    places = Placement(
        "postgres", tuple((name, Relation("My Schema", "order" if name == "fct_orders" else name)) for name, _ in placement("x").relations)
    )
    plan = build(SemanticQuery(("revenue",)), ONTOLOGY, JoinGraph.of(ONTOLOGY))
    assert 'FROM "My Schema"."order" AS orders' in render(plan, Dialect.POSTGRES, places, limit=None).text
