"""What a change touches: the metrics, queries and policies on it, and the dimensions that joins reach."""

from __future__ import annotations

import copy

from app.compile.diff.report import Action
from tests.unit.compile.diff.bends import (
    BREAKING,
    CHANGES,
    Manifest,
    bent,
    column,
    node,
    params,
    part,
    put,
    the,
)


def test_a_measure_touches_all_metrics_on_it() -> None:
    touches = the(bent(CHANGES["measure's expression"][0]), "measure.orders.amount", "expr").touches
    assert touches.metrics == ("abroad", "aov", "growth", "revenue", "running")
    assert touches.saved_queries == ("weekly",)
    assert touches.exposures == ("board",)
    assert {"metric.revenue", "saved_query.weekly"} <= set(touches.training)


def test_a_column_touches_what_reads_it_and_its_policies() -> None:
    touches = the(bent(put(column("orders", "status"), data_type="uuid")), "column.orders.status", "native_type").touches
    assert touches.policies == ("orders.own_region",)
    assert touches.metrics == ("aov", "growth", "revenue")
    assert touches.training[:1] == ("dimension.orders.is_big",)


def test_a_dimension_touches_filters_and_groupings_by_it() -> None:
    touches = the(bent(put(part("dimensions", "country", "customers"), expr="email")), "dimension.customers.country", "expr").touches
    assert (touches.metrics, touches.saved_queries) == (("abroad",), ("weekly",))


def test_a_join_touches_what_goes_over_it() -> None:
    touches = the(bent(CHANGES["entity's expression"][0]), "entity.orders.customer", "expr").touches
    assert (touches.metrics, touches.saved_queries) == (("abroad",), ("weekly",))


def test_a_model_upstream_touches_what_stands_on_it() -> None:
    touches = the(bent(put(node("stg_orders"), alias="other")), "model.stg_orders", "alias").touches
    assert set(touches.metrics) >= {"revenue", "orders", "aov"}
    assert touches.exposures == ("board",)


def test_a_time_spine_touches_metrics_that_need_one() -> None:
    report = bent(lambda m: node("all_days")(m)["time_spine"].update(custom_granularities=[]))
    change = the(report, "time_spine.all_days", "custom")
    assert change.kind is BREAKING
    assert change.touches.metrics == ("aov", "growth", "orders", "running")


def test_dimensions_that_joins_no_longer_reach_are_named_with_the_metrics() -> None:
    report = bent(CHANGES["entity removed"][0])
    change = the(report, "semantic_model.orders", "reach.lost")
    assert change.kind is BREAKING
    assert "customer__country" in change.before
    assert "orders" in change.touches.metrics
    assert "revenue" in change.touches.metrics


def test_a_metric_that_the_compiler_leaves_out_is_gone_with_the_reason() -> None:
    report = bent(params("revenue", measure={"name": "nothing"}))
    change = the(report, "metric.revenue")
    assert (change.kind, change.action) == (BREAKING, Action.REMOVED)
    assert "DM2402" in change.hint


def test_a_column_touches_the_exposures_of_its_model_and_the_models_on_it() -> None:
    touches = the(bent(put(column("orders", "customer_id"), data_type="uuid")), "column.orders.customer_id", "native_type").touches
    assert touches.exposures == ("board",)
    touches = the(bent(put(column("stg_orders", "amount"), data_type="float")), "column.stg_orders.amount", "native_type").touches
    assert touches.exposures == ("board",)
    assert set(touches.metrics) >= {"revenue", "orders", "aov"}


def test_a_new_column_touches_nothing_that_was_there() -> None:
    def more(manifest: Manifest) -> None:
        node("stg_orders")(manifest)["columns"]["items.price"] = {"name": "items.price", "meta": {}, "data_type": "numeric"}

    added = the(bent(more), "column.stg_orders.items.price")
    assert (added.action, added.touches.metrics, added.touches.exposures) == (Action.ADDED, (), ())
    changed = the(bent(put(column("stg_orders", "items.price"), data_type="text"), more), "column.stg_orders.items.price", "native_type")
    assert changed.touches.exposures == ("board",)


def test_a_coarser_time_spine_touches_metrics_that_are_asked_by_its_grain() -> None:
    def more(manifest: Manifest) -> None:
        spine = copy.deepcopy(node("all_days")(manifest))
        spine |= {"name": "all_months", "alias": "all_months", "unique_id": "model.shop.all_months"}
        spine["columns"] = {"at": {"name": "at", "meta": {}, "granularity": "month"}}
        spine["time_spine"] = {"standard_granularity_column": "at"}
        manifest["nodes"]["model.shop.all_months"] = spine

    change = the(bent(lambda manifest: manifest["nodes"].pop("model.shop.all_months"), more), "time_spine.all_months")
    assert change.touches.metrics == ("aov", "growth", "orders", "running")


def test_a_custom_grain_touches_what_is_grouped_by_it_in_the_metrics_own_time() -> None:
    def more(manifest: Manifest) -> None:
        weekly = copy.deepcopy(manifest["saved_queries"]["saved_query.shop.weekly"])
        weekly |= {"name": "retail", "unique_id": "saved_query.shop.retail"}
        weekly["query_params"] = {"metrics": ["abroad"], "group_by": ["TimeDimension('metric_time', 'retail')"], "where": None}
        manifest["saved_queries"]["saved_query.shop.retail"] = weekly

    report = bent(lambda m: node("all_days")(m)["time_spine"].update(custom_granularities=[{"name": "retail", "column_name": "day"}]), more)
    assert "retail" in the(report, "time_spine.all_days", "custom").touches.saved_queries


def test_an_entity_touches_conversions_by_it() -> None:
    def more(manifest: Manifest) -> None:
        conversion = {"entity": "customer", "base_measure": {"name": "customers"}, "conversion_measure": {"name": "order_count"}}
        manifest["metrics"]["metric.shop.bought"] = {
            **manifest["metrics"]["metric.shop.running"],
            "name": "bought",
            "unique_id": "metric.shop.bought",
            "type": "conversion",
            "type_params": {"conversion_type_params": conversion},
        }

    touches = the(bent(CHANGES["entity's expression"][0], more), "entity.orders.customer", "expr").touches
    assert touches.metrics == ("abroad", "bought")
