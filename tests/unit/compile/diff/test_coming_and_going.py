"""Engines, relations, semantic models and guarded parts that come, go or lead elsewhere."""

from __future__ import annotations

import copy

from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Action, Direction
from tests.unit.compile.conftest import catalog
from tests.unit.compile.diff.bends import (
    ADDITIVE,
    BREAKING,
    COSMETIC,
    MEANING,
    Manifest,
    bent,
    drop,
    guard,
    layer_of,
    mask,
    metric,
    node,
    part,
    semantic,
    shop,
    the,
)


def test_an_engine_that_goes_and_a_model_that_it_no_longer_has() -> None:
    old = shop()
    both = old.compile(old.target("clickhouse")).layer
    one = old.compile().layer
    assert the(diff_layers(both, one), "placement.clickhouse").kind is BREAKING
    assert the(diff_layers(one, both), "placement.clickhouse").kind is ADDITIVE
    less = shop()
    less.manifest["nodes"]["model.shop.customers"]["config"]["materialized"] = "ephemeral"
    assert the(diff_layers(one, less.compile().layer), "placement.postgres", "relations.customers").kind is BREAKING


def test_a_relation_that_moved_is_cosmetic_and_a_type_of_the_catalog_is_not() -> None:
    tables = {"model__shop__customers": {"id": "integer", "country": "text", "email": "text", "signed_at": "date"}}
    narrow = {"model__shop__customers": tables["model__shop__customers"] | {"id": "smallint"}}
    old, new = shop(), shop()
    for found in new.manifest["nodes"].values():
        found["schema"] = "elsewhere"
    moved = diff_layers(old.compile(catalog=catalog(**tables)).layer, new.compile(catalog=catalog(**tables)).layer)
    assert [(change.subject, change.field, change.kind) for change in moved.changes] == [("placement.postgres", "relations", COSMETIC)]
    assert moved.changes[0].after == "warehouse.elsewhere"
    report = diff_layers(old.compile(catalog=catalog(**tables)).layer, old.compile(catalog=catalog(**narrow)).layer)
    assert the(report, "placement.postgres", "column_types.customers.id").kind is BREAKING


def people(m: Manifest) -> None:
    """Another semantic model that holds the customers."""
    found = copy.deepcopy(semantic("customers")(m)) | {"name": "people", "unique_id": "semantic_model.shop.people", "measures": []}
    m["semantic_models"]["semantic_model.shop.people"] = found | {"defaults": None}
    part("entities", "customer", "customers")(m)["type"] = "foreign"


def test_a_name_that_leads_elsewhere_now() -> None:
    change = the(bent(people), "semantic_model.orders", "reach.way.customer__country")
    assert (change.kind, change.before) == (MEANING, "customers.country by customer → customers")
    assert change.after == "people.country by customer → people"
    assert "leads elsewhere" in change.message


def test_a_semantic_model_that_comes_or_goes_takes_its_parts_with_it() -> None:
    report = bent(lambda m: m["semantic_models"].pop("semantic_model.shop.people"), people)
    removed = {change.subject for change in report.of(BREAKING) if change.action is Action.REMOVED}
    assert {"semantic_model.people", "dimension.people.country", "entity.people.customer"} <= removed
    added = {change.subject for change in bent(people).of(ADDITIVE) if change.action is Action.ADDED}
    assert {"semantic_model.people", "dimension.people.country", "entity.people.customer"} <= added


def test_dimensions_that_joins_reach_now() -> None:
    def apart(m: Manifest) -> None:
        drop("entities", "customer")(m)
        m["metrics"].pop("metric.shop.abroad")
        m["saved_queries"].clear()

    joined = {"name": "customer", "type": "foreign", "expr": "customer_id"}
    report = bent(lambda m: semantic("orders")(m)["entities"].append(joined), apart)
    change = the(report, "semantic_model.orders", "reach.gained")
    assert change.kind is ADDITIVE
    assert "customer__country" in change.after
    assert report.worst is ADDITIVE


def test_a_guarded_model_comes_and_goes_with_its_policies() -> None:
    def closed(m: Manifest) -> None:
        guard("stg_orders", access="deny")(m)

    def gone(m: Manifest) -> None:
        m["nodes"].pop("model.shop.stg_orders")

    removed = [change for change in bent(gone, closed).security if "stg_orders" in change.subject]
    assert [(change.kind, change.security) for change in removed] == [(BREAKING, Direction.TIGHTENED)]
    old, new = shop(), shop()
    closed(new.manifest)
    gone(old.manifest)
    added = [change for change in diff_layers(layer_of(old), layer_of(new)).security if "stg_orders" in change.subject]
    assert [(change.kind, change.security) for change in added] == [(ADDITIVE, Direction.LOOSENED)]


def test_a_masked_column_comes_and_goes_with_its_mask() -> None:
    def gone(m: Manifest) -> None:
        node("customers")(m)["columns"].pop("email")

    def come(m: Manifest) -> None:
        node("customers")(m)["columns"]["phone"] = {"name": "phone", "meta": {"datamind": {"version": 1, "deny": True}}}

    removed = [change for change in bent(gone, mask(deny=True)).security if change.subject.startswith("policy.")]
    assert [(change.kind, change.security) for change in removed] == [(BREAKING, Direction.TIGHTENED)]
    added = [change for change in bent(come).security if change.subject.startswith("policy.")]
    assert [(change.kind, change.security) for change in added] == [(ADDITIVE, Direction.LOOSENED)]


def test_a_derived_metric_with_another_input() -> None:
    given = {"name": "orders", "alias": "more"}
    report = bent(lambda m: metric("growth")(m)["type_params"]["metrics"].append(given))
    assert the(report, "metric.growth", "params.inputs.more").kind is MEANING
    back = bent(
        lambda m: metric("growth")(m)["type_params"]["metrics"].pop(), lambda m: metric("growth")(m)["type_params"]["metrics"].append(given)
    )
    assert the(back, "metric.growth", "params.inputs.more").kind is MEANING
