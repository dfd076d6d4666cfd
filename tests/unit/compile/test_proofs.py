"""What counts as proof: tests that let no row pass, constraints that a database holds, and runs that speak against either."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.artifacts import ProjectSources
from app.compile.project import Compilation, compile_project
from app.model.physical import Model
from app.sql.joins import JoinGraph
from tests.unit.compile.conftest import Project

VERSION = "https://schemas.getdbt.com/dbt/run-results/v6.json"

WEAK: dict[str, dict[str, Any]] = {
    "a threshold": {"error_if": "> 100"},
    "a threshold beside a warning": {"error_if": ">10", "warn_if": "> 0"},
    "another number": {"fail_calc": "0"},
    "a limit": {"limit": 10},
    "a warning": {"severity": "warn"},
    "some rows": {"where": "id > 5"},
}
STRICT: dict[str, dict[str, Any]] = {
    "nothing said": {},
    "what dbt writes": {"severity": "ERROR", "error_if": "!= 0", "warn_if": "!= 0", "fail_calc": "count(*)", "limit": None, "where": None},
    "spelled otherwise": {"error_if": ">0", "fail_calc": "sum( n_records )"},
    "an earlier warning": {"warn_if": "> 5"},
}


def results(test: dict[str, Any], status: str) -> dict[str, Any]:
    return {"metadata": {"dbt_schema_version": VERSION}, "results": [{"unique_id": test["unique_id"], "status": status}]}


def refers(project: Project, config: dict[str, Any] | None = None) -> dict[str, Any]:
    return project.generic_test(
        "relationships",
        "orders",
        "customer_id",
        depends=["model.shop.customers"],
        to="ref('customers')",
        field="customer_id",
        config=config,
    )


def shop(adapter: str = "postgres") -> Project:
    """Orders of customers, of whose key nothing is said."""
    project = Project(adapter=adapter)
    project.model("orders", columns=("id", "customer_id"))
    project.model("customers", columns=("customer_id", "email"))
    refers(project)
    return project


def joined(compiled: Compilation) -> bool:
    """Whether orders were given a join to their customers."""
    found = compiled.layer.ontology.semantic_model("orders")
    return found is not None and any(entity.type == "foreign" for entity in found.entities)


def customers(compiled: Compilation) -> Model:
    found = compiled.layer.ontology.model("customers")
    assert found is not None
    return found


# --- tests of keys


@pytest.mark.parametrize("how", WEAK)
def test_a_test_that_passes_with_doubles_makes_no_join(how: str) -> None:
    project = shop()
    project.generic_test("unique", "customers", "customer_id", config=WEAK[how])
    compiled = project.compile()
    assert not joined(compiled)
    assert not customers(compiled).columns[0].unique
    assert "DM2342" in {problem.code for problem in compiled.problems}


@pytest.mark.parametrize("how", STRICT)
def test_a_test_that_fails_at_the_first_double_makes_one(how: str) -> None:
    project = shop()
    project.generic_test("unique", "customers", "customer_id", config=STRICT[how])
    assert joined(project.compile())


@pytest.mark.parametrize(("status", "holds"), [("pass", True), ("skipped", True), ("fail", False), ("warn", False)])
def test_what_was_found_twice_is_not_joined_to(status: str, holds: bool) -> None:
    project = shop()
    test = project.generic_test("unique", "customers", "customer_id")
    assert joined(project.compile(run_results=results(test, status))) is holds


# --- constraints


@pytest.mark.parametrize("kind", ["unique", "primary_key"])
@pytest.mark.parametrize("on_model", [True, False])
@pytest.mark.parametrize(
    ("adapter", "materialized", "enforced", "holds"),
    [
        ("postgres", "table", True, True),
        ("postgres", "incremental", True, True),
        ("postgres", "table", False, False),
        ("postgres", "view", True, False),
        ("clickhouse", "table", True, False),
    ],
)
def test_a_constraint_counts_where_a_database_holds_it(
    kind: str, on_model: bool, adapter: str, materialized: str, enforced: bool, holds: bool
) -> None:
    project = shop(adapter)
    node = project.manifest["nodes"]["model.shop.customers"]
    node["config"] |= {"materialized": materialized, "contract": {"enforced": enforced}}
    if on_model:
        node["constraints"] = [{"type": kind, "columns": ["customer_id"]}]
    else:
        node["columns"]["customer_id"]["constraints"] = [{"type": kind}]
    compiled = compile_project([project.target(adapter)], ProjectSources({}))
    assert joined(compiled) is holds
    assert customers(compiled).primary_key == (("customer_id",) if holds and kind == "primary_key" else ())


def test_a_constraint_counts_where_every_target_holds_it() -> None:
    both = []
    for adapter in ("postgres", "clickhouse"):
        project = shop(adapter)
        node = project.manifest["nodes"]["model.shop.customers"]
        node["config"] |= {"contract": {"enforced": True}}
        node["columns"]["customer_id"]["constraints"] = [{"type": "unique"}]
        both.append(project.target(adapter))
    assert joined(compile_project(both[:1], ProjectSources({})))
    assert not joined(compile_project(both, ProjectSources({})))


# --- references: whether two ways by one column are one


def two_ways(config: dict[str, Any] | None, status: str = "", *, key: bool = False) -> bool:
    """Whether a profile by way of the customer is the profile that orders lead to at once, as no order is of a customer who is none."""
    project = Project()
    node = project.model("orders", columns=("id", "customer_id", "amount", "status", "ordered_at"))
    project.model("customers", columns=("customer_id",))
    project.model("profiles", columns=("profile_id", "tier"))
    test = refers(project, config) if config is not None else {"unique_id": ""}
    if key:
        node["constraints"] = [{"type": "foreign_key", "columns": ["customer_id"], "to": "ref('customers')", "to_columns": ["customer_id"]}]
        node["config"] |= {"contract": {"enforced": True}}
        node["depends_on"]["nodes"] = ["model.shop.customers"]
    project.semantic_model(
        entities=[{"name": "order", "type": "primary", "expr": "id"}]
        + [{"name": name, "type": "foreign", "expr": "customer_id"} for name in ("customer", "buyer")]
    )
    people = [{"name": "customer", "type": "primary", "expr": "customer_id"}, {"name": "person", "type": "unique", "expr": "customer_id"}]
    project.semantic_model("customers", "customers", defaults=None, measures=[], dimensions=[], entities=people)
    keys = [{"name": "person", "type": "primary", "expr": "profile_id"}, {"name": "buyer", "type": "unique", "expr": "profile_id"}]
    tier = [{"name": "tier", "type": "categorical"}]
    project.semantic_model("profiles", "profiles", defaults=None, measures=[], dimensions=tier, entities=keys)
    artifacts: dict[str, Any] = {"run_results": results(test, status)} if status else {}
    graph = JoinGraph.of(project.compile(**artifacts).layer.ontology)
    one, other = graph.resolve("orders", "customer__person__tier"), graph.resolve("orders", "buyer__tier")
    return one.meaning == other.meaning


@pytest.mark.parametrize("how", STRICT)
def test_a_reference_without_orphans_merges_two_ways(how: str) -> None:
    assert two_ways(STRICT[how])


@pytest.mark.parametrize("how", WEAK)
def test_a_reference_that_may_have_orphans_merges_none(how: str) -> None:
    assert not two_ways(WEAK[how])


@pytest.mark.parametrize(("status", "merged"), [("pass", True), ("fail", False), ("warn", False), ("error", False)])
def test_the_last_run_speaks_against_a_reference(status: str, merged: bool) -> None:
    assert two_ways({}, status) is merged


def test_a_foreign_key_that_is_held_makes_up_for_a_weak_test() -> None:
    assert not two_ways(None)
    assert two_ways(None, key=True)
    assert two_ways({"severity": "warn"}, key=True)
