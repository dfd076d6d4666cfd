"""What is said of joins when a project is compiled: keys that don't fit or are not unique, and default paths."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.lint.rules import RULES
from app.compile.lint.run import lint
from app.errors import Severity, UserError
from app.sql.joins import JoinGraph

RESULTS = "https://schemas.getdbt.com/dbt/run-results/v6.json"


def entity(name: str, kind: str = "foreign", expr: str = "") -> dict[str, str]:
    return {"name": name, "type": kind, "expr": expr or f"{name}_id"}


def semantic_model(project: Any, name: str, *entities: dict[str, str], meta: Any = None, **fields: Any) -> dict[str, Any]:
    columns = {column for e in entities for column in e["expr"].strip("()").replace(" ", "").split(",")}
    project.model(name, columns=("amount", "town", *sorted(columns)))
    return project.semantic_model(
        name,
        name,
        entities=list(entities),
        dimensions=[{"name": "town", "type": "categorical"}],
        measures=[{"name": f"{name}_amount", "agg": "sum", "expr": "amount"}],
        defaults=None,
        config={"enabled": True, "meta": meta or {}},
        original_file_path=f"models/{name}.yml",
        **fields,
    )


def diamond(project: Any, meta: Any = None) -> Any:
    """Orders lead to a place by their customer and by their store."""
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"), entity("store"), meta=meta)
    semantic_model(project, "customers", entity("customer", "primary"), entity("place"))
    semantic_model(project, "stores", entity("store", "primary"), entity("place"))
    semantic_model(project, "places", entity("place", "primary"))
    return project


def codes(compilation: Any) -> list[str]:
    return [p.code for p in compilation.problems]


# --- keys


@pytest.mark.parametrize(
    ("mine", "theirs", "code", "words"),
    [
        ("customer_id", "(region_id, customer_id)", "DM2331", ("one column in `orders`", "2 columns in `customers`")),
        ("(customer_id, region_id)", "(region_id, customer_id)", "DM2331", ("(customer_id, region_id)", "(region_id, customer_id)")),
    ],
)
def test_keys_of_other_columns_are_not_joined(project: Any, mine: str, theirs: str, code: str, words: tuple[str, ...]) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer", expr=mine))
    semantic_model(project, "customers", entity("customer", "primary", theirs))
    project.files["models/customers.yml"] = (
        f"semantic_models:\n  - name: customers\n    entities:\n      - name: customer\n        expr: {theirs}\n"
    )
    compiled = project.compile()
    (problem,) = [p for p in compiled.problems if p.code == code]
    assert problem.severity is Severity.ERROR
    assert all(word in problem.message for word in words)
    assert "models/customers.yml:5:15" in problem.message
    assert str(problem.where).startswith("models/orders.yml")
    with pytest.raises(UserError) as caught:
        JoinGraph.of(compiled.layer.ontology).resolve("orders", "customer__town")
    assert caught.value.problem.code == "DM3005"
    assert "can't be compared" in caught.value.problem.hint


def test_columns_of_other_names_in_their_own_order_are_joined(project: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer", expr="(tenant, buyer)"))
    semantic_model(project, "customers", entity("customer", "primary", "(tenant_id, id)"))
    compiled = project.compile()
    assert not {"DM2331", "DM2332"} & set(codes(compiled))
    assert JoinGraph.of(compiled.layer.ontology).resolve("orders", "customer__town").owner.name == "customers"


@pytest.mark.parametrize(
    ("mine", "theirs", "fits"),
    [
        ("bigint", "text", False),
        ("bigint", "numeric(10,2)", True),
        ("text", "boolean", False),
        ("date", "timestamp", True),
        ("uuid", "text", True),
    ],
)
def test_keys_of_types_that_do_not_compare_are_not_joined(project: Any, mine: str, theirs: str, fits: bool) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"))
    semantic_model(project, "customers", entity("customer", "primary"))
    for model, kind in (("orders", mine), ("customers", theirs)):
        project.manifest["nodes"][f"model.shop.{model}"]["columns"]["customer_id"]["data_type"] = kind
    compiled = project.compile()
    assert ("DM2332" in codes(compiled)) is not fits
    assert (JoinGraph.of(compiled.layer.ontology).find("orders", "customer__town") is not None) is fits


def test_two_facts_that_share_a_foreign_key_need_not_fit(project: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer", expr="(a, b)"))
    semantic_model(project, "visits", entity("visit", "primary"), entity("customer"))
    assert not {"DM2331", "DM2332"} & set(codes(project.compile()))


# --- unique keys


def results(*failed: tuple[str, str]) -> dict[str, Any]:
    return {"metadata": {"dbt_schema_version": RESULTS}, "results": [{"unique_id": u, "status": status} for u, status in failed]}


@pytest.mark.parametrize(("status", "said"), [("fail", True), ("warn", True), ("pass", False), ("error", False), ("skipped", False)])
def test_a_test_that_found_rows_twice_is_believed(project: Any, status: str, said: bool) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"))
    semantic_model(project, "customers", entity("customer", "primary"))
    test = project.generic_test("unique", "customers", "customer_id")
    compiled = project.compile(run_results=results((test["unique_id"], status)))
    found = [p for p in compiled.problems if p.code == "DM2335"]
    assert bool(found) is said
    if said:
        assert found[0].severity is Severity.WARNING
        assert "`customer_id`" in found[0].message


def test_of_a_combination_that_is_not_unique_no_part_is(project: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"))
    semantic_model(project, "customers", entity("customer", "primary"), entity("tenant"))
    test = project.generic_test(
        "unique_combination_of_columns", "customers", namespace="dbt_utils", combination_of_columns=["tenant_id", "CUSTOMER_ID"]
    )
    assert "DM2335" in codes(project.compile(run_results=results((test["unique_id"], "fail"))))
    assert "DM2335" not in codes(project.compile())


def test_a_key_of_more_columns_speaks_against_one_of_them(project: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"))
    semantic_model(project, "customers", entity("customer", "primary"), entity("tenant"))
    node = project.manifest["nodes"]["model.shop.customers"]
    node["config"] |= {"contract": {"enforced": True}}
    node["constraints"] = [{"type": "primary_key", "columns": ["tenant_id", "customer_id"]}]
    (problem,) = [p for p in project.compile().problems if p.code == "DM2335"]
    assert "`customer_id` and `tenant_id` together" in problem.message
    project.generic_test("unique", "customers", "customer_id")
    assert "DM2335" not in codes(project.compile())


def test_more_rows_than_accepted_values_share_some(project: Any, make_catalog: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"), entity("customer"))
    semantic_model(project, "customers", entity("customer", "primary"))
    project.generic_test("accepted_values", "customers", "customer_id", values=["a", "b"])
    project.generic_test("not_null", "customers", "customer_id")
    for rows, said in ((2, False), (3, True)):
        found = make_catalog(model__shop__customers={"customer_id": "text", "town": "text", "place_id": "text", "amount": "int"})
        found["nodes"]["model.shop.customers"]["stats"] = {"row_count": {"id": "row_count", "value": rows, "include": True}}
        assert ("DM2335" in codes(project.compile(catalog=found))) is said


def test_a_key_to_which_nothing_is_joined_is_no_matter(project: Any) -> None:
    semantic_model(project, "orders", entity("order", "primary"))
    test = project.generic_test("unique", "orders", "order_id")
    assert "DM2335" not in codes(project.compile(run_results=results((test["unique_id"], "fail"))))


def untested(project: Any) -> list[str]:
    return [found.problem.message for found in lint([r for r in RULES if r.code == "DM2713"], project.compile().linted)]


def test_keys_without_a_test_are_found(project: Any) -> None:
    diamond(project)
    assert len(untested(project)) == 3
    project.generic_test("unique", "customers", "customer_id", config={"severity": "warn"})
    project.generic_test("unique", "stores", "store_id", config={"where": "town is not null"})
    project.generic_test("unique_combination_of_columns", "places", namespace="dbt_utils", combination_of_columns=["place_id"])
    assert ["`customer`" in message or "`store`" in message for message in untested(project)] == [True, True], "no proof"


# --- default paths


@pytest.mark.parametrize(
    "path", ["customer", ["customer"], ["customer", "place"], "Customer"], ids=["the entity before", "listed", "whole", "any case"]
)
def test_a_default_path_settles_a_short_name(project: Any, path: Any) -> None:
    compiled = diamond(project, {"datamind": {"default_paths": {"place": path}}}).compile()
    assert not [p for p in compiled.problems if p.severity is not Severity.NOTE]
    found = compiled.layer.ontology.semantic_model("orders")
    assert found.default_paths == (("place", ("customer", "place")),)
    assert JoinGraph.of(compiled.layer.ontology).resolve("orders", "place__town").name == "customer__place__town"
    assert found.meta == "{}"
    assert not compiled.layer.ontology.model("orders").row_policies, "default paths are no policy"


def test_without_a_default_both_ways_are_listed(project: Any) -> None:
    with pytest.raises(UserError) as caught:
        JoinGraph.of(diamond(project).compile().layer.ontology).resolve("orders", "place__town")
    problem = caught.value.problem
    assert problem.code == "DM3004"
    assert "`customer__place__town` (of places), `store__place__town` (of places)" in problem.message
    assert "default_paths: {place: [customer, place]}" in problem.hint


@pytest.mark.parametrize(
    ("paths", "code", "words"),
    [
        ({"place": "shop"}, "DM2333", "ways there are `customer__place`, `store__place`"),
        ({"planet": "customer"}, "DM2333", "no joins lead to it at all"),
        ({"customer": "customer"}, "DM2334", "leave it out"),
        ({"place": 7}, "DM2333", "default_paths"),
        ([], "DM2333", "default_paths"),
    ],
)
def test_a_default_path_that_is_not_there_or_not_needed(project: Any, paths: Any, code: str, words: str) -> None:
    compiled = diamond(project, {"datamind": {"default_paths": paths}}).compile()
    (problem,) = [p for p in compiled.problems if p.code in ("DM2333", "DM2334")]
    assert problem.code == code
    assert words in problem.hint + problem.message
    assert compiled.layer.ontology.semantic_model("orders").default_paths == ()
    assert not compiled.layer.ontology.model("orders").row_policies


def test_a_default_path_is_told_at_its_line(project: Any) -> None:
    diamond(project, {"datamind": {"default_paths": {"place": "shop"}}})
    project.files["models/orders.yml"] = (
        "semantic_models:\n  - name: orders\n    config:\n      meta:\n        datamind:\n          default_paths:\n            place: shop\n"
    )
    (problem,) = [p for p in project.compile().problems if p.code == "DM2333"]
    assert str(problem.where) == "models/orders.yml:7:20"


@pytest.mark.parametrize("more", [{"row_filters": []}, {"default_path": {}}, {"access": "deny"}])
def test_whatever_else_stands_beside_them_may_have_been_a_policy(project: Any, more: dict[str, Any]) -> None:
    compiled = diamond(project, {"datamind": {"default_paths": {"place": "customer"}} | more}).compile()
    assert "DM2508" in codes(compiled)
    assert compiled.layer.ontology.model("orders").row_policies


def test_default_paths_survive_the_store(project: Any) -> None:
    ontology = diamond(project, {"datamind": {"default_paths": {"place": "customer"}}}).compile().layer.ontology
    assert type(ontology).from_json(ontology.canonical()) == ontology
    assert json.loads(ontology.canonical())["semantic_models"]


def test_a_filter_of_a_metric_by_an_ambiguous_name_is_refused_and_by_a_default_is_not(project: Any) -> None:
    condition = "{{ Dimension('place__town') }} = 'x'"
    diamond(project).metric("sold", measure={"name": "orders_amount"}, filter=condition)
    assert "DM2413" in codes(project.compile())
    project.manifest["semantic_models"]["semantic_model.shop.orders"]["config"]["meta"] = {
        "datamind": {"default_paths": {"place": "store"}}
    }
    compiled = project.compile()
    assert "DM2413" not in codes(compiled)
    assert compiled.layer.ontology.metric("sold") is not None
