"""What contracts, catalogs and time spines tell of models: foreign keys, statistics with units, every grain and custom calendars."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.model.ontology import TimeSpine
from app.model.physical import ColumnReference, Statistic
from app.model.types import Grain


def spine(project: Any, name: str, grain: str, *custom: Any) -> None:
    node = project.model(
        name, columns=("at", "calendar"), time_spine={"standard_granularity_column": "at", "custom_granularities": list(custom)}
    )
    node["columns"]["at"]["granularity"] = grain


@pytest.mark.parametrize("grain", list(Grain))
def test_a_time_spine_of_every_grain(project: Any, grain: Grain) -> None:
    spine(project, "times", grain.value.upper(), {"name": "calendar"})
    assert project.compile().layer.ontology.time_spines == (TimeSpine("times", "at", grain, (("calendar", "calendar"),)),)


def test_several_time_spines_with_calendars_each(project: Any) -> None:
    spine(project, "days", "day", {"name": "fiscal_week"}, {"name": "fiscal_year", "column_name": "calendar"})
    spine(project, "hours", "hour", {"name": "shift", "column_name": "calendar"})
    project.model("metricflow_time_spine", columns=("date_day",))
    result = project.compile()
    assert result.layer.ontology.time_spines == (
        TimeSpine("days", "at", Grain.DAY, (("fiscal_week", "fiscal_week"), ("fiscal_year", "calendar"))),
        TimeSpine("hours", "at", Grain.HOUR, (("shift", "calendar"),)),
    )
    assert "DM2613" not in {p.code for p in result.problems}


def test_the_old_spine_counts_where_none_is_by_day(project: Any) -> None:
    spine(project, "hours", "hour")
    project.model("metricflow_time_spine", columns=("date_day",))
    assert [s.model for s in project.compile().layer.ontology.time_spines] == ["hours", "metricflow_time_spine"]
    relation = {"alias": "hours", "schema_name": "marts"}
    old = {"location": "warehouse.marts.metricflow_time_spine", "column_name": "date_day", "grain": "day"}
    configured = {"time_spines": [{"node_relation": relation, "primary_column": {"name": "at", "time_granularity": "hour"}}]}
    configured["time_spine_table_configurations"] = [old]
    semantic = {"semantic_models": [], "metrics": [], "project_configuration": configured}
    result = project.compile(semantic_manifest=semantic)
    assert [s.model for s in result.layer.ontology.time_spines] == ["hours", "metricflow_time_spine"]


def test_a_granularity_has_one_spine(project: Any) -> None:
    spine(project, "days", "day", {"name": "fiscal_week"})
    spine(project, "hours", "hour", {"name": "Fiscal_Week"}, {"name": "shift"}, {"name": "Week"})
    result = project.compile()
    assert [(s.model, s.custom) for s in result.layer.ontology.time_spines] == [
        ("days", (("fiscal_week", "fiscal_week"),)),
        ("hours", (("shift", "shift"),)),
    ]
    problems = [p for p in result.problems if p.code == "DM2613"]
    assert len(problems) == 2
    assert all(p.where.file == "models/hours.yml" for p in problems)


def test_foreign_keys_of_contracts(project: Any) -> None:
    parent = project.model("customers", columns=("customer_id",), relation_name='"warehouse"."marts"."customers"')
    node = project.model("orders", depends_on={"nodes": [parent["unique_id"]]})
    node["config"] |= {"contract": {"enforced": True}}
    node["constraints"] = [
        {"type": "foreign_key", "columns": ["id"], "to": "ref('customers')", "to_columns": ["customer_id"]},
        {"type": "foreign_key", "columns": ["amount", "status"], "to": "ref('customers')", "to_columns": ["a", "b"]},
        {"type": "foreign_key", "columns": ["amount"], "expression": "references elsewhere"},
    ]
    compiled = {"type": "foreign_key", "to": '"warehouse"."marts"."customers"', "to_columns": ['"customer_id"']}
    node["columns"]["status"]["constraints"] = [compiled, {"type": "foreign_key", "to": "ref('nowhere')", "to_columns": ["x"]}]
    result = project.compile()
    model = result.layer.ontology.model("orders")
    assert {c.name: c.references for c in model.columns if c.references} == {
        "id": ColumnReference("customers", "customer_id"),
        "status": ColumnReference("customers", "customer_id"),
    }
    assert [p.code for p in result.problems].count("DM2205") == 1


def test_a_relationships_test_comes_first(project: Any) -> None:
    for name in ("customers", "people"):
        project.model(name, columns=("customer_id",))
    ids = ["model.shop.customers", "model.shop.people"]
    node = project.model("orders", depends_on={"nodes": ids})
    node["constraints"] = [{"type": "foreign_key", "columns": ["id"], "to": "ref('people')", "to_columns": ["customer_id"]}]
    project.generic_test("relationships", "orders", "id", to="ref('customers')", field="customer_id", depends=ids)
    assert project.compile().layer.ontology.model("orders").column("id").references == ColumnReference("customers", "customer_id")


@pytest.mark.parametrize(("severity", "key"), [("warn", ()), ("WARN", ()), ("ERROR", ("id",)), (None, ("id",))])
def test_a_test_that_only_warns_makes_no_key(project: Any, severity: str | None, key: tuple[str, ...]) -> None:
    project.model("orders")
    config = {"severity": severity}
    project.generic_test("unique", "orders", "id", config=config)
    project.generic_test("not_null", "orders", "id", config=config)
    project.generic_test("accepted_values", "orders", "status", config=config, values=["paid"])
    model = project.compile().layer.ontology.model("orders")
    assert (model.primary_key, model.column("id").unique, model.column("id").not_null) == (key, bool(key), bool(key))
    assert model.column("status").accepted_values == ("paid",)


def test_every_constraint_of_a_model_counts(project: Any) -> None:
    node = project.model("orders")
    node["config"] |= {"contract": {"enforced": True}}
    node["constraints"] = [
        {"type": "unique", "columns": ["amount"]},
        {"type": "unique", "columns": ["status"]},
        {"type": "primary_key", "columns": ["id", "ordered_at"]},
    ]
    model = project.compile().layer.ontology.model("orders")
    assert model.primary_key == ("id", "ordered_at")
    assert {c.name for c in model.columns if c.unique} == {"amount", "status"}
    assert {c.name for c in model.columns if c.not_null} == {"id", "ordered_at"}


def test_statistics_of_the_catalog(project: Any, make_catalog: Any) -> None:
    project.model("orders")
    project.source("shop", "raw")
    catalog = make_catalog(model__shop__orders={"id": "bigint"})
    catalog["nodes"]["model.shop.orders"]["stats"] = {
        "row_count": {"id": "row_count", "label": "Row Count", "value": 1500, "include": True, "description": ""},
        "bytes": {"id": "bytes", "label": "Size", "value": "2048.0", "include": True},
        "encoded": {"id": "encoded", "value": "Y", "include": True},
        "last_modified": {"id": "last_modified", "value": "2026-01-01 00:00UTC", "include": True},
        "odd": {"id": "odd", "value": 7, "include": True},
        "skew_rows": {"id": "skew_rows", "value": 1.5, "include": False},
        "flag": {"id": "flag", "value": True, "include": True},
        "nan": {"id": "nan", "value": "nan", "include": True},
        "has_stats": {"id": "has_stats", "label": "Has Stats?", "value": True, "include": False},
    }
    catalog["sources"]["source.shop.shop.raw"] = {"columns": {}, "stats": {"num_rows": {"id": "num_rows", "value": 3, "include": True}}}
    catalog["nodes"]["model.shop.gone"] = {"columns": {}, "stats": {"rows": {"id": "rows", "value": 3, "include": True}}}
    result = project.compile(catalog=catalog)
    assert result.layer.placements[0].statistics == (
        Statistic("orders", "bytes", 2048.0, "bytes"),
        Statistic("orders", "odd", 7.0),
        Statistic("orders", "row_count", 1500.0, "rows"),
        Statistic("shop.raw", "num_rows", 3.0, "rows"),
    )
    without = project.compile(catalog=json.loads(json.dumps(catalog).replace('"stats"', '"other"')))
    assert without.layer.ontology == result.layer.ontology
    assert without.layer.version == result.layer.version


def test_a_deprecated_model(project: Any) -> None:
    project.model("orders", deprecation_date="2030-01-01T00:00:00+00:00")
    assert project.compile().layer.ontology.model("orders").deprecated == "2030-01-01"
