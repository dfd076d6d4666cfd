"""The dimensions that metrics share, each under the shortest name that means it for all of them, and refused names at their place in a query."""

from __future__ import annotations

import pytest

from app.errors import UserError
from app.plan.build import build
from app.service import catalogue
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.goldens.documents import BOOKS, compilation

ONTOLOGY = compilation(next(book for book in BOOKS if book.name == "joins")).layer.ontology
JOINS = JoinGraph.of(ONTOLOGY)


def listed(*metrics: str) -> dict[str, str]:
    return {card.name: card.semantic_model for card in catalogue.dimensions(ONTOLOGY, JOINS, metrics)}


def test_what_is_one_thing_goes_by_its_short_name() -> None:
    found = listed("return_count")
    assert found["country__country_name"] == "countries"
    assert found["store__store_name"] == "stores"
    assert "store__address__city__region__country__country_name" not in found


def test_what_has_several_ways_is_listed_by_each() -> None:
    found = listed("quote_count")
    assert {"customer__address__city__city_name", "store__address__city__city_name"} <= set(found)
    assert "city__city_name" not in found


def test_a_default_path_goes_by_the_short_name() -> None:
    found = listed("order_count")
    assert {"city__city_name", "store__address__city__city_name"} <= set(found)
    assert JOINS.resolve("orders", "city__city_name").name == "customer__address__city__city_name"


def test_metrics_share_what_is_one_thing_for_all_of_them() -> None:
    found = listed("order_count", "return_count")
    assert "store__store_name" in found
    assert "city__city_name" not in found, "the customer's city of orders is not the store's of returns"
    assert "store__address__city__city_name" in found


@pytest.mark.parametrize(
    "metrics", [("order_count",), ("units", "order_count"), ("order_count", "return_count", "quote_count"), ("piece_count",)]
)
def test_every_listed_name_is_answered(metrics: tuple[str, ...]) -> None:
    assert listed(*metrics)
    for name in listed(*metrics):
        build(semantic_query(QueryRequest(metrics, (name,)), ONTOLOGY, JOINS), ONTOLOGY, JOINS)


@pytest.mark.parametrize(
    ("request_", "code", "path"),
    [
        (QueryRequest(("quote_count",), ("metric_time", "city_name")), "DM3004", "group_by[1]"),
        (QueryRequest(("order_count", "return_count"), ("city_name",)), "DM3041", "group_by[0]"),
        (QueryRequest(("order_count", "return_count"), (), ("city_name = 'Nantes'",)), "DM3041", "where"),
        (QueryRequest(("order_count",), ("line__product",)), "DM3005", "group_by[0]"),
    ],
)
def test_a_refused_name_is_told_at_its_place(request_: QueryRequest, code: str, path: str) -> None:
    with pytest.raises(UserError) as caught:
        build(semantic_query(request_, ONTOLOGY, JOINS), ONTOLOGY, JOINS)
    problem = caught.value.problem
    assert problem.code == code
    assert problem.where is not None
    assert problem.where.path.startswith(path)


def test_a_query_is_restated_by_whole_names() -> None:
    asked = QueryRequest(("units",), ("city_name",), ("country_name = 'France'",), order=("-city_name",))
    query = semantic_query(asked, ONTOLOGY, JOINS)
    assert query.group_by[0].name == "order__customer__address__city__city_name"
    assert query.order_by[0].name == "order__customer__address__city__city_name"
    assert "order__customer__address__city__region__country__country_name" in repr(query.where)
    build(query, ONTOLOGY, JOINS)
