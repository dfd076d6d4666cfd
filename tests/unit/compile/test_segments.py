"""Segments and hierarchies in `meta.datamind` of semantic models."""

from __future__ import annotations

from typing import Any

import pytest

DATAMIND = {
    "segments": [{"name": "paid", "where": "order__status = 'paid'", "label": "Paid", "description": "Paid orders."}],
    "hierarchies": [{"name": "way", "levels": ["status", "order"]}],
}


def compiled(project: Any, datamind: Any, *, copied: bool = False) -> Any:
    project.model("orders")
    config = {"meta": {"datamind": datamind}}
    elements = {"config": config} if copied else {}
    project.semantic_model(
        config=config,
        entities=[{"name": "order", "type": "primary", "expr": "id", **elements}],
        dimensions=[{"name": "status", "type": "categorical", **elements}],
    )
    return project.compile()


def test_they_are_read(project: Any) -> None:
    found = compiled(project, DATAMIND)
    assert [p.code for p in found.problems if p.code.startswith("DM26")] == []
    ontology = found.layer.ontology
    assert [(one.name, one.semantic_model, one.label, one.description) for one in ontology.segments] == [
        ("paid", "orders", "Paid", "Paid orders.")
    ]
    assert [one.levels for one in ontology.hierarchies] == [("order__status", "order")]
    assert ontology.models[0].row_policies == ()


def test_what_dbt_copies_to_elements_is_theirs_not(project: Any) -> None:
    """dbt puts a semantic model's meta into that of its entities, dimensions and measures."""
    ontology = compiled(project, DATAMIND, copied=True).layer.ontology
    assert [one.name for one in ontology.segments] == ["paid"]
    assert [one.name for one in ontology.semantic_models[0].dimensions] == ["status"]


@pytest.mark.parametrize(
    "datamind",
    [
        {"hierarchies": [{"name": "place", "levels": ["region", "contry"]}]},
        {"hierarchies": [{"name": "place", "levels": ["region", "customer__contry"]}]},
        {"segments": [{"name": "here", "where": "customer__contry = 'DE'"}]},
        {"segments": [{"name": "here", "where": "contry = 'DE'"}]},
    ],
)
def test_the_hint_names_what_is_spelled_alike_and_nothing_else(project: Any, datamind: Any) -> None:
    project.model("customers")
    project.semantic_model(
        "customers",
        "customers",
        config={"meta": {"datamind": datamind}},
        entities=[{"name": "customer", "type": "primary", "expr": "id"}],
        dimensions=[{"name": name, "type": "categorical", "expr": "status"} for name in ("country", "region", "customer_name")],
    )
    (problem,) = [p for p in project.compile().problems if p.code in ("DM2631", "DM2633")]
    assert problem.hint == "did you mean `customer__country`?"


@pytest.mark.parametrize(
    ("datamind", "code", "says"),
    [
        ({"segments": [{"name": "paid", "where": "order__statis = 'paid'"}]}, "DM2631", "`order__statis`"),
        ({"segments": [{"name": "paid", "where": "order__status ="}]}, "DM3101", "segment `paid`"),
        ({"segments": [{"name": "paid"}]}, "DM2631", "segments of semantic model `orders` are left out"),
        (
            {"segments": [{"name": "a", "where": "order__status = 'x'"}, {"name": "a", "where": "order__status = 'y'"}]},
            "DM2632",
            "two segments",
        ),
        ({"hierarchies": [{"name": "way", "levels": ["status"]}]}, "DM2633", "hierarchies of semantic model"),
        ({"hierarchies": [{"name": "way", "levels": ["status", "colour"]}]}, "DM2633", "`colour`"),
        ({"hierarchies": [{"name": "way", "levels": ["status", "order__status"]}]}, "DM2633", "twice"),
        ({"segments": [], "access": "deny"}, "DM2508", "nobody sees its model"),
    ],
)
def test_what_could_not_be_used_is_left_out(project: Any, datamind: Any, code: str, says: str) -> None:
    found = compiled(project, datamind)
    (problem,) = (p for p in found.problems if p.code == code)
    assert says in problem.message
    assert len(found.layer.ontology.segments) == (code == "DM2632")
    assert found.layer.ontology.hierarchies == ()
    assert bool(found.layer.ontology.models[0].row_policies) == (code == "DM2508")
