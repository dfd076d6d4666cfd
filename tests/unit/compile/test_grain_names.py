"""Dimensions called like a granularity: what is listed of them can be asked for, and the compile says what cannot."""

from __future__ import annotations

import pytest

from app.compile.project import Compilation
from app.plan.build import build
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.unit.compile.conftest import Project


def calendar_of(own: str, *, joined: str = "") -> Compilation:
    """Orders with a dimension of that name, and their customers with another; a calendar has the custom granularity `fiscal_year`."""
    project = Project()
    project.spine("day", fiscal_year="fy")
    project.model("orders", columns=("id", "customer_id", "status", "amount", "ordered_at"))
    project.model("customers", columns=("customer_id", "status"))
    project.semantic_model(
        entities=[{"name": "order", "type": "primary", "expr": "id"}, {"name": "customer", "type": "foreign", "expr": "customer_id"}],
        dimensions=[
            {"name": "ordered_at", "type": "time", "type_params": {"time_granularity": "day"}},
            {"name": own, "type": "categorical", "expr": "status"},
        ],
    )
    customers = [{"name": joined or "segment", "type": "categorical", "expr": "status"}]
    keys = [{"name": "customer", "type": "primary", "expr": "customer_id"}]
    project.semantic_model("customers", "customers", defaults=None, measures=[], entities=keys, dimensions=customers)
    project.metric("orders", measure={"name": "order_count"})
    return project.compile()


@pytest.mark.parametrize(
    ("own", "joined", "listed"),
    [
        ("fiscal_year", "", {"fiscal_year", "customer__segment"}),
        ("month", "", {"month", "customer__segment"}),
        ("state", "fiscal_year", {"order__state", "fiscal_year"}),
        ("extract_year", "", {"extract_year", "customer__segment"}),
        ("fiscal_year", "fiscal_year", set()),
        ("fiscal_years", "", {"order__fiscal_years", "customer__segment"}),
    ],
)
def test_all_that_is_listed_can_be_asked_for(own: str, joined: str, listed: set[str]) -> None:
    ontology = calendar_of(own, joined=joined).layer.ontology
    joins = JoinGraph.of(ontology)
    names = joins.compatible_dimensions(("orders",))
    assert set(names) - {"metric_time", "order__ordered_at", "order", "customer"} == listed
    for name in names:
        plan = build(semantic_query(QueryRequest(("orders",), (name,)), ontology, joins), ontology, joins)
        assert name.rpartition("__")[2] in plan.columns[0].name.split("__")


@pytest.mark.parametrize(("own", "said"), [("fiscal_year", "a custom granularity of `all_days`"), ("week", "a granularity"), ("weeks", "")])
def test_the_compile_says_so(own: str, said: str) -> None:
    found = [problem for problem in calendar_of(own).problems if problem.code == "DM2614"]
    assert len(found) == bool(said)
    assert all(said in problem.message and f"dimension `{own}` of `orders`" in problem.message for problem in found)
