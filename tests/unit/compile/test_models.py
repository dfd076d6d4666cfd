"""Models: names, columns, types, keys, guarantees, owners."""

from __future__ import annotations

from typing import Any

import pytest

from app.model.physical import ColumnReference
from app.model.types import DataType
from app.sql.native_types import data_type


def codes(compilation: Any) -> list[str]:
    return [problem.code for problem in compilation.problems if problem.code not in ("DM2341", "DM2342")]


def names(compilation: Any) -> list[str]:
    return [model.name for model in compilation.layer.ontology.models]


def test_every_kind_of_relation_is_a_model(project: Any) -> None:
    project.model("orders")
    project.model("countries", resource_type="seed")
    project.model("orders_history", resource_type="snapshot")
    project.source("shop", "orders")
    project.model("off")["config"]["enabled"] = False
    project.model("an_analysis", resource_type="analysis")
    assert names(project.compile()) == ["countries", "orders", "orders_history", "shop.orders"]


def test_the_root_project_keeps_a_name_that_packages_share(project: Any) -> None:
    project.model("orders", package="zeta")
    project.model("orders")
    project.model("orders", package="alpha")
    compiled = project.compile()
    assert names(compiled) == ["alpha.orders", "orders", "zeta.orders"]
    assert codes(compiled) == ["DM2201", "DM2201"]
    assert compiled.layer.ontology.model("orders").package == "shop"


def test_two_packages_without_the_root_are_both_qualified(project: Any) -> None:
    project.model("orders", package="zeta")
    project.model("orders", package="alpha")
    assert names(project.compile()) == ["alpha.orders", "zeta.orders"]


def test_a_qualified_name_that_is_taken_becomes_the_unique_id(project: Any) -> None:
    project.model("orders")
    project.model("orders", package="alpha")
    project.source("alpha", "orders")
    assert len(set(names(project.compile()))) == 3


def test_versions(project: Any) -> None:
    project.model("orders", version=1, latest_version=2, alias="orders_v1")
    project.model("orders", version=2, latest_version=2, alias="orders_v2")
    project.model("orders", version=3, latest_version=2, alias="orders_v3")
    compiled = project.compile()
    assert names(compiled) == ["orders", "orders.v1", "orders.v3"]
    assert compiled.layer.ontology.model("orders").alias == "orders_v2"
    assert codes(compiled) == ["DM2202"] * 3


def test_columns_and_types_come_from_yaml_then_catalog(project: Any, make_catalog: Any) -> None:
    node = project.model("orders", columns=("id", "amount"))
    node["columns"]["amount"]["data_type"] = "numeric(14,2)"
    node["columns"]["id"]["config"] = {"meta": {"label": "Key"}}
    node["columns"]["id"]["meta"] = {"label": "Old"}
    compiled = project.compile(catalog=make_catalog(model__shop__orders={"ID": "bigint", "extra": "jsonb", "amount": "double precision"}))
    columns = compiled.layer.ontology.models[0].columns
    assert [(c.name, c.native_type, c.type) for c in columns] == [
        ("id", "bigint", DataType.INTEGER),
        ("extra", "jsonb", DataType.JSON),
        ("amount", "numeric(14,2)", DataType.DECIMAL),
    ]
    assert columns[0].label == "Key"
    assert compiled.layer.placements[0].column_types == (
        ("orders", "amount", "double precision"),
        ("orders", "extra", "jsonb"),
        ("orders", "id", "bigint"),
    )


def test_columns_that_differ_in_case_alone_stay_apart(project: Any, make_catalog: Any) -> None:
    project.model("orders", columns=("id",))
    compiled = project.compile(catalog=make_catalog(model__shop__orders={"ID": "text", "id": "bigint"}))
    assert [(c.name, c.native_type) for c in compiled.layer.ontology.models[0].columns] == [("ID", "text"), ("id", "bigint")]


def test_tests_give_keys_values_and_references(project: Any) -> None:
    project.model("customers", columns=("id",))
    project.model("orders", columns=("id", "customer_id", "status"))
    for test in ("unique", "not_null"):
        project.generic_test(test, "orders", "id")
    project.generic_test("accepted_values", "orders", "status", values=["paid", "open", True, 1])
    project.generic_test("relationships", "orders", "customer_id", to="ref('customers')", field="id", depends=["model.shop.customers"])
    model = project.compile().layer.ontology.model("orders")
    assert model.primary_key == ("id",)
    assert model.column("id").unique
    assert model.column("id").not_null
    assert model.column("status").accepted_values == ("1", "open", "paid", "true")
    assert model.column("customer_id").references == ColumnReference("customers", "id")


def test_arguments_of_dbt_1_10_are_read(project: Any) -> None:
    project.model("orders")
    project.generic_test("accepted_values", "orders", "status", arguments={"values": ["a"]})
    assert project.compile().layer.ontology.model("orders").column("status").accepted_values == ("a",)


def test_a_test_of_a_part_of_the_rows_guarantees_nothing(project: Any) -> None:
    project.model("orders")
    project.generic_test("unique", "orders", "id", config={"where": "status = 'paid'"})
    project.generic_test("not_null", "orders", "id", config={"enabled": False})
    project.generic_test("unique", "orders", "lower(status)")
    project.generic_test("unique", "orders", "amount", namespace="other_package")
    model = project.compile().layer.ontology.model("orders")
    assert model.primary_key == ()
    assert not any(column.unique or column.not_null for column in model.columns)


def test_tests_without_attached_node_stand_on_what_they_depend_on(project: Any) -> None:
    project.model("customers", columns=("id",))
    project.model("orders", columns=("id", "customer_id"))
    project.generic_test("unique", "orders", "id")["attached_node"] = None
    both = project.generic_test(
        "relationships", "orders", "customer_id", to="ref('customers')", field="id", depends=["model.shop.customers"]
    )
    both |= {"attached_node": None, "file_key_name": "models.orders"}
    model = project.compile().layer.ontology.model("orders")
    assert model.column("id").unique
    assert model.column("customer_id").references == ColumnReference("customers", "id")


def test_composite_keys(project: Any) -> None:
    project.model("lines", columns=("order_id", "number", "note"))
    project.generic_test("unique_combination_of_columns", "lines", namespace="dbt_utils", combination_of_columns=["order_id", "number"])
    assert project.compile().layer.ontology.model("lines").primary_key == ()
    for column in ("order_id", "number"):
        project.generic_test("not_null", "lines", column)
    assert project.compile().layer.ontology.model("lines").primary_key == ("order_id", "number")


def test_constraints_give_keys(project: Any) -> None:
    node = project.model("lines", columns=("order_id", "number"), constraints=[{"type": "primary_key", "columns": ["order_id", "number"]}])
    node["config"] |= {"contract": {"enforced": True}}
    assert project.compile().layer.ontology.model("lines").primary_key == ("order_id", "number")
    node["constraints"] = []
    node["columns"]["number"]["constraints"] = [{"type": "primary_key"}, {"type": "not_null"}]
    model = project.compile().layer.ontology.model("lines")
    assert model.primary_key == ("number",)
    assert model.column("number").not_null


def test_groups_owners_and_descriptions(project: Any) -> None:
    project.manifest["groups"]["group.shop.sales"] = {"name": "sales", "owner": {"email": ["sales@example.com", "x@example.com"]}}
    node = project.model("orders", group="sales", description="Orders", tags=["b", "a"], access="public")
    node["config"]["contract"] = {"enforced": True}
    node["config"]["meta"] = {"label": "The orders", "other": {"b": 1, "a": 2}}
    model = project.compile().layer.ontology.model("orders")
    assert (model.owner, model.group, model.access, model.contract_enforced) == ("sales@example.com", "sales", "public", True)
    assert (model.label, model.tags, model.meta) == ("The orders", ("a", "b"), '{"label":"The orders","other":{"a":2,"b":1}}')


@pytest.mark.parametrize(
    ("native", "family"),
    [
        ("character varying(255)", DataType.TEXT),
        ("Nullable(String)", DataType.TEXT),
        ("LowCardinality(Nullable(FixedString(2)))", DataType.TEXT),
        ("Enum8('a' = 1)", DataType.TEXT),
        ("UInt64", DataType.INTEGER),
        ("NUMBER(38,0)", DataType.INTEGER),
        ("NUMBER(18, 2)", DataType.DECIMAL),
        ("numeric(14,2)", DataType.DECIMAL),
        ("Decimal(9, 2)", DataType.DECIMAL),
        ("double precision", DataType.FLOAT),
        ("Float64", DataType.FLOAT),
        ("bool", DataType.BOOLEAN),
        ("Date32", DataType.DATE),
        ("timestamp(6) with time zone", DataType.TIMESTAMP),
        ("timestamp without time zone", DataType.TIMESTAMP),
        ("DateTime64(3, 'UTC')", DataType.TIMESTAMP),
        ("TIMESTAMP_NTZ(9)", DataType.TIMESTAMP),
        ("time without time zone", DataType.TIME),
        ("Array(String)", DataType.ARRAY),
        ("text[]", DataType.ARRAY),
        ("array(varchar)", DataType.ARRAY),
        ("ARRAY<STRING>", DataType.ARRAY),
        ("VARIANT", DataType.JSON),
        ("Map(String, String)", DataType.JSON),
        ("STRUCT<a INT64>", DataType.JSON),
        ("row(a varchar)", DataType.JSON),
        ("interval", DataType.OTHER),
        ("geography", DataType.OTHER),
        ("", DataType.OTHER),
        ("(", DataType.OTHER),
    ],
)
def test_families_of_types(native: str, family: DataType) -> None:
    assert data_type(native) is family
