"""Several ways of joins to one semantic model, and two semantic models that say what an entity is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.lint.conftest import Find

RULE = "ambiguous-join-path"


def entity(name: str, kind: str = "foreign") -> dict[str, str]:
    return {"name": name, "type": kind, "expr": f"{name}_id"}


def add(project: Any, name: str, *entities: dict[str, str], dimension: str = "") -> None:
    columns = (*(str(one["expr"]) for one in entities), "ordered_at", "amount", dimension or f"{name}_name")
    project.model(name, columns=columns)
    project.semantic_model(
        name,
        name,
        entities=list(entities),
        dimensions=[
            {"name": f"{name}_at", "type": "time", "expr": "ordered_at", "type_params": {"time_granularity": "day"}},
            {"name": dimension or f"{name}_name", "type": "categorical"},
        ],
        defaults={"agg_time_dimension": f"{name}_at"},
        measures=[{"name": f"{name}_amount", "agg": "sum", "expr": "amount"}],
    )


@pytest.fixture
def diamond(project: Any) -> Any:
    add(project, "orders", entity("order", "primary"), entity("customer"), entity("store"))
    add(project, "customers", entity("customer", "primary"), entity("region"))
    add(project, "stores", entity("store", "primary"), entity("region"))
    add(project, "regions", entity("region", "primary"))
    project.metric("revenue", measure={"name": "orders_amount"})
    return project


def test_two_ways_to_one_model(diamond: Any, find: Find) -> None:
    assert [problem.message for problem in find(diamond, RULE)] == [
        "from `orders`, several ways lead to `regions` (`customer__region`, `store__region`)"
    ]


def test_it_is_said_of_models_that_metrics_stand_on(diamond: Any, find: Find) -> None:
    diamond.manifest["metrics"].clear()
    assert find(diamond, RULE) == []


def test_one_way_is_fine(diamond: Any, find: Find) -> None:
    diamond.manifest["semantic_models"]["semantic_model.shop.stores"]["entities"].pop()
    assert find(diamond, RULE) == []


def test_a_default_path_settles_it(diamond: Any, find: Find) -> None:
    node = diamond.manifest["semantic_models"]["semantic_model.shop.orders"]
    node["config"] = {"meta": {"datamind": {"default_paths": {"region": "customer"}}}}
    assert find(diamond, RULE) == []


def test_two_models_that_say_what_a_customer_is(project: Any, find: Find) -> None:
    add(project, "orders", entity("order", "primary"), entity("customer"))
    add(project, "customers", entity("customer", "primary"), dimension="country")
    add(project, "crm_customers", entity("customer", "primary"), dimension="country")
    project.metric("revenue", measure={"name": "orders_amount"})
    (problem,) = find(project, RULE)
    assert problem.message == "`customer__country` may be of `crm_customers` or `customers`: each has one row for each `customer`"


def test_models_that_share_an_entity_and_no_names_are_fine(project: Any, find: Find) -> None:
    add(project, "orders", entity("order", "primary"), entity("customer"))
    add(project, "customers", entity("customer", "primary"), dimension="country")
    add(project, "crm_customers", entity("customer", "primary"), dimension="industry")
    project.metric("revenue", measure={"name": "orders_amount"})
    assert find(project, RULE) == []
