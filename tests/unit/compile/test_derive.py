"""What is derived for models without a semantic model: names that mean one thing, joins that repeat no row, and nothing of the project's changed."""

from __future__ import annotations

from typing import Any

import pytest

from app.compile.derive.words import identifier, singular, subject_of_key, subject_of_model
from app.compile.project import Compilation
from app.model.expr import Call, Column, Literal
from app.model.metrics import Simple
from app.model.semantics import Aggregation, EntityType, SemanticModel
from app.sql.joins import JoinGraph


def shop(project: Any) -> Any:
    """Orders that refer to customers, who live in countries."""
    project.model("orders", columns=("id", "customer_id", "status", "amount", "ordered_at", "updated_at"))
    project.model("customers", columns=("customer_id", "country_code", "email"))
    project.model("countries", columns=("country_code", "country_name"))
    for model, column in (("orders", "id"), ("customers", "customer_id"), ("countries", "country_code")):
        project.generic_test("unique", model, column)
        project.generic_test("not_null", model, column)
    refer(project, "orders", "customer_id", "customers", "customer_id")
    refer(project, "customers", "country_code", "countries", "country_code")
    return project


def refer(project: Any, model: str, column: str, to: str, field: str, **more: Any) -> Any:
    depends = [f"model.shop.{to}"]
    return project.generic_test("relationships", model, column, depends=depends, to=f"ref('{to}')", field=field, **more)


def types(project: Any, model: str, **columns: str) -> None:
    for name, kind in columns.items():
        project.manifest["nodes"][f"model.shop.{model}"]["columns"][name]["data_type"] = kind


def found(compiled: Compilation, name: str) -> SemanticModel:
    semantic_model = compiled.layer.ontology.semantic_model(name)
    assert semantic_model is not None
    return semantic_model


def entities(semantic_model: SemanticModel) -> dict[str, tuple[str, Any]]:
    return {e.name: (str(e.type), e.expr.name if isinstance(e.expr, Column) else e.expr) for e in semantic_model.entities}


def dimensions(semantic_model: SemanticModel) -> dict[str, str]:
    return {d.name: str(d.grain or d.type) for d in semantic_model.dimensions}


def codes(compiled: Compilation) -> list[str]:
    return [problem.code for problem in compiled.problems]


def test_keys_joins_and_a_count(project: Any) -> None:
    compiled = shop(project).compile()
    orders = found(compiled, "orders")
    assert orders.derived
    assert orders.primary == "order"
    assert entities(orders) == {"order": ("primary", "id"), "customer": ("foreign", "customer_id")}
    assert entities(found(compiled, "customers")) == {"customer": ("primary", "customer_id"), "country": ("foreign", "country_code")}
    (measure,) = orders.measures
    assert (measure.name, measure.agg) == ("orders_count", Aggregation.COUNT)
    assert isinstance(measure.expr, Literal)
    metric = compiled.layer.ontology.metric("orders_count")
    assert metric is not None
    assert metric.derived
    assert isinstance(metric.params, Simple)
    assert "derived" in metric.description
    reach = JoinGraph.of(compiled.layer.ontology).compatible_dimensions(("orders_count",))
    assert {"customer__email", "order__status", "order", "customer"} <= set(reach)
    assert codes(compiled) == ["DM2341"]


@pytest.mark.parametrize("mode", ["auto", "uncovered", "none"])
def test_what_the_project_defines_stays_as_it_is(project: Any, mode: str) -> None:
    shop(project)
    project.semantic_model(entities=[{"name": "customer", "type": "primary", "expr": "id"}])
    project.metric("customers_count", measure={"name": "order_count"})
    plain = project.compile().layer.ontology
    project.files["dbt_project.yml"] = f"vars:\n  datamind_derive: {mode}\n"
    ontology = project.compile().layer.ontology
    assert ontology.semantic_model("orders") == plain.semantic_model("orders")
    assert ontology.metric("customers_count") == plain.metric("customers_count")
    derived = [model.name for model in ontology.semantic_models if model.derived]
    assert derived == (["countries", "customers"] if mode == "uncovered" else [])
    if mode == "uncovered":
        customers = found(project.compile(), "customers")
        assert customers.primary != "customer"
        assert [measure.name for measure in customers.measures] == ["customers_row_count"]


def test_a_reference_to_a_key_that_the_project_defines_bears_its_name(project: Any) -> None:
    shop(project)
    entity = {"name": "buyer", "type": "primary", "expr": "customer_id"}
    project.semantic_model("customers", "customers", entities=[entity], dimensions=[], measures=[], defaults=None)
    project.files["dbt_project.yml"] = "vars: {datamind_derive: uncovered}\n"
    compiled = project.compile()
    assert entities(found(compiled, "orders")) == {"order": ("primary", "id"), "buyer": ("foreign", "customer_id")}
    assert not found(compiled, "customers").derived


@pytest.mark.parametrize("said", ["all", "[auto]", "", "'{{ env_var(\"X\") }}'"])
def test_a_mode_that_is_none_derives_nothing(project: Any, said: str) -> None:
    shop(project).files["dbt_project.yml"] = f"vars:\n  datamind_derive: {said}\n"
    compiled = project.compile()
    assert compiled.layer.ontology.semantic_models == ()
    assert codes(compiled) == ["DM2340", "DM2310"]
    assert compiled.problems[0].where is not None


def test_a_model_may_be_taken_out_or_in(project: Any) -> None:
    shop(project)
    nodes = project.manifest["nodes"]
    nodes["model.shop.countries"]["config"]["meta"] = {"datamind": {"derive": False}}
    assert [m.name for m in project.compile().layer.ontology.semantic_models] == ["customers", "orders"]
    project.semantic_model()
    nodes["model.shop.customers"]["config"]["meta"] = {"datamind": {"derive": True}}
    assert [m.name for m in project.compile().layer.ontology.semantic_models if m.derived] == ["customers"]


@pytest.mark.parametrize(
    "fields",
    [
        {"config": {"materialized": "ephemeral", "meta": {}}},
        {"access": "private"},
        {"config": {"materialized": "table", "meta": {"datamind": {"access": "deny"}}}},
        {"config": {"materialized": "table", "meta": {"datamind": {"row_filter": []}}}},
        {"version": 1, "latest_version": 2},
    ],
)
def test_models_that_no_query_should_start_from_are_left_out(project: Any, fields: dict[str, Any]) -> None:
    project.model("orders", **fields)
    project.model("visits")
    assert [m.model for m in project.compile().layer.ontology.semantic_models] == ["visits"]


def test_time_spines_and_sources_are_left_out(project: Any) -> None:
    project.spine()
    project.source("raw", "orders")
    project.model("metricflow_time_spine", columns=("date_day",))
    project.model("orders")
    assert [m.model for m in project.compile().layer.ontology.semantic_models] == ["orders"]


@pytest.mark.parametrize("reason", ["no test", "where", "warn", "failed", "types"])
def test_a_join_needs_a_column_that_is_unique(project: Any, reason: str) -> None:
    project.model("orders", columns=("id", "customer_id"))
    project.model("customers", columns=("customer_id", "country"))
    refer(project, "orders", "customer_id", "customers", "customer_id")
    artifacts: dict[str, Any] = {}
    if reason != "no test":
        config = {"where": {"where": "current"}, "warn": {"severity": "WARN"}}.get(reason, {})
        test = project.generic_test("unique", "customers", "customer_id", config=config)
        project.generic_test("not_null", "customers", "customer_id")
        status = "fail" if reason == "failed" else "pass"
        version = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}
        artifacts["run_results"] = {"metadata": version, "results": [{"unique_id": test["unique_id"], "status": status}]}
    if reason == "types":
        types(project, "orders", customer_id="text")
        types(project, "customers", customer_id="integer")
    compiled = project.compile(**artifacts)
    assert "customer" not in entities(found(compiled, "orders"))
    assert "customer_id" in dimensions(found(compiled, "orders"))
    assert codes(compiled).count("DM2342") == 1


def test_several_references_to_one_model_are_told_apart(project: Any) -> None:
    project.model("addresses", columns=("address_id", "city"))
    project.generic_test("unique", "addresses", "address_id")
    project.generic_test("not_null", "addresses", "address_id")
    project.model("orders", columns=("billing_address_id", "address_id", "shipping_address_id"))
    for column in ("billing_address_id", "address_id", "shipping_address_id"):
        refer(project, "orders", column, "addresses", "address_id")
    compiled = project.compile()
    assert entities(found(compiled, "orders")) == {
        "address": ("foreign", "address_id"),
        "billing_address": ("foreign", "billing_address_id"),
        "shipping_address": ("foreign", "shipping_address_id"),
    }
    assert {name: kind for name, (kind, _) in entities(found(compiled, "addresses")).items()} == {
        "address": EntityType.PRIMARY,
        "billing_address": EntityType.UNIQUE,
        "shipping_address": EntityType.UNIQUE,
    }
    reach = JoinGraph.of(compiled.layer.ontology).compatible_dimensions(("orders_count",))
    assert {"address__city", "billing_address__city", "shipping_address__city"} <= set(reach)


def test_of_models_with_one_key_the_one_about_it_gets_its_name(project: Any) -> None:
    for name in ("stg_customers", "dim_customers", "customer_scores"):
        project.model(name, columns=("customer_id", "score"))
        project.generic_test("unique", name, "customer_id")
        project.generic_test("not_null", name, "customer_id")
    ontology = project.compile().layer.ontology
    assert {m.name: m.primary for m in ontology.semantic_models} == {
        "customer_scores": "customer_score",
        "dim_customers": "customer",
        "stg_customers": "stg_customer",
    }
    assert {m.name: m.label for m in ontology.metrics} == {
        "customer_scores_count": "Customer scores",
        "dim_customers_count": "Customers",
        "stg_customers_count": "Stg customers",
    }


def test_an_entity_never_bears_the_name_of_a_dimension(project: Any) -> None:
    project.model("countries", columns=("country_code", "country"))
    project.generic_test("unique", "countries", "country_code")
    project.generic_test("not_null", "countries", "country_code")
    project.model("shops", columns=("id", "country_code", "country"))
    refer(project, "shops", "country_code", "countries", "country_code")
    compiled = project.compile()
    for name in ("countries", "shops"):
        semantic_model = found(compiled, name)
        assert not set(entities(semantic_model)) & set(dimensions(semantic_model))
        assert "country" in dimensions(semantic_model)
    assert "country_code" in [column for _, column in entities(found(compiled, "shops")).values()]


def test_a_model_does_not_join_itself(project: Any) -> None:
    project.model("staff", columns=("staff_id", "manager_id"))
    project.generic_test("unique", "staff", "staff_id")
    project.generic_test("not_null", "staff", "staff_id")
    refer(project, "staff", "manager_id", "staff", "staff_id")
    compiled = project.compile()
    assert entities(found(compiled, "staff")) == {"staff": ("primary", "staff_id")}
    assert dimensions(found(compiled, "staff")) == {"manager_id": "categorical"}


def test_a_key_of_several_columns_is_one(project: Any) -> None:
    project.model("lines", columns=("order_id", "number"))
    for column in ("order_id", "number"):
        project.generic_test("not_null", "lines", column)
    project.generic_test("unique_combination_of_columns", "lines", namespace="dbt_utils", combination_of_columns=["order_id", "number"])
    (entity,) = found(project.compile(), "lines").entities
    assert isinstance(entity.expr, Call)
    assert dimensions(found(project.compile(), "lines")) == {"number": "categorical", "order_id": "categorical"}


def test_columns_become_dimensions_by_their_types(project: Any) -> None:
    kinds = {
        "made_on": "date",
        "made_at": "timestamp(3)",
        "status": "text",
        "flag": "boolean",
        "amount": "numeric(10,2)",
        "store_id": "bigint",
        "pieces": "bigint",
        "rating": "integer",
        "payload": "jsonb",
        "month": "text",
        "Odd Name": "text",
    }
    node = project.model("things", columns=tuple(kinds))
    types(project, "things", **kinds)
    node["columns"]["made_at"]["granularity"] = "hour"
    project.generic_test("accepted_values", "things", "rating", values=[1, 2, 3])
    things = found(project.compile(), "things")
    assert dimensions(things) == {
        "made_on": "day",
        "made_at": "hour",
        "status": "categorical",
        "flag": "categorical",
        "store_id": "categorical",
        "rating": "categorical",
        "month_value": "categorical",
    }
    assert next(d for d in things.dimensions if d.name == "rating").values == ("1", "2", "3")


def test_protected_columns_keep_their_class_and_tell_no_values(project: Any) -> None:
    node = project.model("people", columns=("id", "sex"))
    node["columns"]["sex"]["meta"] = {"datamind": {"pii": "sex", "mask": {"kind": "null"}}}
    project.generic_test("accepted_values", "people", "sex", values=["f", "m"])
    compiled = project.compile()
    (dimension,) = (d for d in found(compiled, "people").dimensions if d.name == "sex")
    assert (dimension.pii, dimension.values) == ("sex", ())
    model = compiled.layer.ontology.model("people")
    assert model is not None
    assert [policy.column for policy in model.column_policies] == ["sex"]


@pytest.mark.parametrize(
    ("columns", "not_null", "event_time", "time"),
    [
        (("ordered_at",), (), "", "ordered_at"),
        (("ordered_at", "updated_at"), ("updated_at",), "", "ordered_at"),
        (("ordered_at", "shipped_at"), (), "", ""),
        (("ordered_at", "shipped_at"), ("ordered_at",), "", "ordered_at"),
        (("ordered_at", "shipped_at"), ("ordered_at", "shipped_at"), "", ""),
        (("ordered_at", "shipped_at"), ("ordered_at",), "shipped_at", "shipped_at"),
        (("updated_at",), (), "", ""),
        (("dbt_valid_from", "dbt_valid_to"), (), "", ""),
    ],
)
def test_rows_are_counted_by_a_time_that_is_beyond_doubt(
    project: Any, columns: tuple[str, ...], not_null: tuple[str, ...], event_time: str, time: str
) -> None:
    node = project.model("orders", columns=columns)
    types(project, "orders", **dict.fromkeys(columns, "timestamp"))
    node["config"]["event_time"] = event_time or None
    for column in not_null:
        project.generic_test("not_null", "orders", column)
    assert found(project.compile(), "orders").agg_time_dimension == time


def test_the_catalog_gives_types(project: Any, make_catalog: Any) -> None:
    shop(project)
    assert dimensions(found(project.compile(), "orders"))["ordered_at"] == "categorical"
    catalog = make_catalog(model__shop__orders={"id": "integer", "customer_id": "integer", "ordered_at": "date", "amount": "numeric"})
    orders = found(project.compile(catalog=catalog), "orders")
    assert dimensions(orders)["ordered_at"] == "day"
    assert "amount" not in dimensions(orders)


def test_the_order_of_the_manifest_does_not_matter(project: Any) -> None:
    compiled = shop(project).compile()
    project.manifest["nodes"] = dict(reversed(project.manifest["nodes"].items()))
    assert project.compile().layer.ontology == compiled.layer.ontology


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Order Lines", "order_lines"),
        ("stripe__charges", "stripe_charges"),
        ("_dlt_id", "dlt_id"),
        ("2fa", "n_2fa"),
        ("day", "day_value"),
        ("SELECT", "select_value"),
        ("x", "x_value"),
        ("$$", ""),
    ],
)
def test_identifiers(text: str, name: str) -> None:
    assert identifier(text) == name


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("orders", "order"),
        ("countries", "country"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("status", "status"),
        ("order_lines", "order_line"),
        ("news", "news"),
    ],
)
def test_singulars(name: str, one: str) -> None:
    assert singular(name) == one


def test_subjects() -> None:
    assert [subject_of_model(m) for m in ("dim_customers", "stg_shop__orders", "fct_sales", "orders")] == [
        "customer",
        "shop_order",
        "sale",
        "order",
    ]
    assert [subject_of_key(c) for c in ("customer_id", "ID", "sk_order", "CUSTOMER_KEY", "email")] == [
        "customer",
        "",
        "order",
        "customer",
        "email",
    ]
