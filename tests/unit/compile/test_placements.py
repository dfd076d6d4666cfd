"""Placements of several targets."""

from __future__ import annotations

import copy
import json
from typing import Any

from app.compile.artifacts import TargetArtifacts
from app.model.physical import Relation

RESULTS = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}


def other_target(project: Any, **results: Any) -> TargetArtifacts:
    manifest = copy.deepcopy(project.manifest)
    manifest["metadata"] |= {"adapter_type": "clickhouse", "generated_at": "2026-02-02T00:00:00Z"}
    for node in manifest["nodes"].values():
        node["schema"] = "lake"
    manifest["nodes"]["model.shop.extra"] = manifest["nodes"]["model.shop.orders"] | {"unique_id": "model.shop.extra", "name": "extra"}
    return TargetArtifacts("clickhouse", json.dumps(manifest).encode(), **{k: json.dumps(v).encode() for k, v in results.items()})


def test_each_target_gives_a_placement(project: Any) -> None:
    project.orders()
    project.model("hidden")["config"]["materialized"] = "ephemeral"
    project.source("shop", "raw_orders", identifier="RAW")
    alone = project.compile()
    both = project.compile(other_target(project))
    clickhouse, postgres = both.layer.placements
    assert postgres.relations == (
        ("orders", Relation("marts", "orders", "warehouse")),
        ("shop.raw_orders", Relation("raw", "RAW", "warehouse")),
    )
    assert clickhouse.relation("orders") == Relation("lake", "orders", "")
    assert both.layer.ontology == alone.layer.ontology
    assert [p.code for p in both.problems] == ["DM2203"]


def test_the_ontology_holds_no_times_and_no_places(project: Any) -> None:
    before = project.orders().compile().layer
    project.manifest["metadata"]["generated_at"] = "2027-01-01T00:00:00Z"
    project.manifest["nodes"]["model.shop.orders"]["schema"] = "elsewhere"
    project.files["models/metrics.yml"] = "metrics:\n  - name: revenue\n"
    after = project.compile().layer
    assert after.version == before.version
    assert after.placements != before.placements
    assert dict(after.locations)["metric.revenue"].line == 2


def test_a_run_alone_makes_no_new_layer(project: Any) -> None:
    project.orders()
    test = project.generic_test("unique", "orders", "id")["unique_id"]
    before = project.compile().layer
    project.manifest["metadata"]["generated_at"] = "2027-01-01T00:00:00Z"
    for status in ("pass", "fail", "warn", "error"):
        run = {
            "metadata": RESULTS,
            "results": [{"unique_id": test, "status": status}, {"unique_id": "model.shop.orders", "status": status}],
        }
        assert project.compile(run_results=run).layer.fingerprint() == before.fingerprint(), status
