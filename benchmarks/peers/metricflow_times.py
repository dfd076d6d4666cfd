"""Times MetricFlow by its own clock, within its own environment: reads a job from standard input, writes its figures as the last line of output.

The job and the figures are those of `benchmarks/planner.py`, which times ours in the same way. Nothing of ours is imported here.
"""

# mypy: disable-error-code="import-not-found, import-untyped"

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from dateutil.parser import parse as moment
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.type_enums.date_part import DatePart
from metricflow_semantics.model.dbt_manifest_parser import transform_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.specs.query_param_implementations import DimensionOrEntityParameter, TimeDimensionParameter

REPEATS = 3


class Renderer:
    """The part of an SQL client that explaining needs: PostgreSQL's spelling. It runs nothing."""

    sql_engine_type = SqlEngine.POSTGRES
    sql_plan_renderer = PostgresSQLSqlPlanRenderer()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """A placeholder."""
        return f":{bind_parameter_key}"


def read(manifest: dict[str, Any]) -> PydanticSemanticManifest:
    """MetricFlow's own record of a semantic manifest."""
    return PydanticSemanticManifest.parse_obj(without_places(json.loads(Path(manifest["path"]).read_text(encoding="utf-8"))))


def engine(read_manifest: PydanticSemanticManifest, transformed: bool) -> MetricFlowEngine:
    """An engine that is ready for queries."""
    known = read_manifest if transformed else transform_dbt_generated_manifest(read_manifest)
    return MetricFlowEngine(SemanticManifestLookup(known), Renderer())


def without_places(tree: Any) -> Any:
    """The manifest without those `metadata` (a file and a line) that are shorter than MetricFlow's classes want them."""
    if isinstance(tree, dict):
        kept = {key: without_places(value) for key, value in tree.items()}
        if isinstance(kept.get("metadata"), dict) and "repo_file_path" not in kept["metadata"]:
            kept["metadata"] = None
        return kept
    return [without_places(item) for item in tree] if isinstance(tree, list) else tree


def request(case: dict[str, Any]) -> MetricFlowQueryRequest:
    """A case as MetricFlow is asked."""
    items = case.get("group_by") or []
    start, end = case.get("time_constraint") or (None, None)
    return MetricFlowQueryRequest.create(
        saved_query_name=case.get("saved_query"),
        metric_names=case.get("metrics") or None,
        group_by_names=[item for item in items if isinstance(item, str)] or None,
        group_by=tuple(parameter(item) for item in items if not isinstance(item, str)) or None,
        limit=case.get("limit"),
        time_constraint_start=moment(start) if start else None,
        time_constraint_end=moment(end) if end else None,
        where_constraints=[case["where"]] if case.get("where") else None,
        order_by_names=case.get("order_by") or None,
        min_max_only=bool(case.get("min_max_only")),
        apply_group_by=case.get("apply_group_by", True),
    )


def parameter(item: dict[str, str]) -> TimeDimensionParameter | DimensionOrEntityParameter:
    """A group-by item that is not written as a name alone."""
    part = item.get("date_part")
    if part or item.get("grain") or item["name"] == "metric_time":
        return TimeDimensionParameter(item["name"], grain=item.get("grain"), date_part=DatePart(part) if part else None)
    return DimensionOrEntityParameter(item["name"])


def timed(asked: MetricFlowEngine, case: MetricFlowQueryRequest) -> float:
    """Milliseconds from the request to the SQL text."""
    began = time.perf_counter()
    text = asked.explain(case).sql_statement.sql
    took = (time.perf_counter() - began) * 1000
    if not text:
        raise RuntimeError("there is no SQL")
    return took


def queries(job: dict[str, Any]) -> dict[str, Any]:
    """First and repeated times of each case, and those that MetricFlow refuses."""
    engines = {name: engine(read(manifest), manifest["transformed"]) for name, manifest in job["manifests"].items()}
    if job.get("warm"):
        engines[job["warm"]["manifest"]].explain(request(job["warm"]["request"]))
    figures: dict[str, Any] = {"first": {}, "repeat": {}, "refused": {}}
    asked = {case["id"]: (engines[case["manifest"]], request(case["request"])) for case in job["cases"]}
    for name, (found, case) in asked.items():
        try:
            figures["first"][name] = timed(found, case)
        except Exception as error:  # it has many, of no common base
            figures["refused"][name] = f"{type(error).__name__}: {error}"[:200]
    for name in figures["first"] if job.get("repeat") else ():
        figures["repeat"][name] = median(timed(*asked[name]) for _ in range(REPEATS))
    return figures


def ready(job: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds from the manifest that was read to the SQL text of a first query."""
    queries(job | {"cases": []})
    manifest = job["semantic_manifest"]
    began = time.perf_counter()
    found = read(manifest)
    held = time.perf_counter()
    first = engine(found, manifest["transformed"])
    first.explain(request(job["request"]))
    return {"read_ms": (held - began) * 1000, "ready_ms": (time.perf_counter() - held) * 1000}


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print()
    print(json.dumps({"queries": queries, "ready": ready}[given["job"]](given)))
