"""Times our planner in a fresh process: `python -m benchmarks.planner` reads a job from standard input and writes its figures as the last line.

A job is `queries` (manifests, cases, and one case to begin with, over a manifest of its own, so that nothing is imported within a time) or
`ready` (a manifest and a query). `benchmarks/peers/metricflow_times.py` answers the same jobs.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from app.compile.artifacts import TargetArtifacts
from app.compile.dbt.manifest import read_manifest
from app.compile.project import compile_project
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import UserError
from app.model.ontology import Layer
from app.model.types import Dialect
from app.plan.build import build
from app.plan.cache import PlanCache
from app.plan.render import render
from app.service.request import QueryRequest, semantic_query
from app.sql.joins import JoinGraph
from tests.conformance.cases import Case, request

ENGINE = "postgres"
MOST_ROWS = 10_001
REPEATS = 3
CACHED = True
"""Whether `Planner.again` goes through a plan cache."""


class Planner:
    """One layer with its join graph, as a process holds it that serves."""

    def __init__(self, layer: Layer) -> None:
        self.ontology, self.placement = layer.ontology, layer.placements[0]
        self.joins = JoinGraph.of(self.ontology)
        self.plans = PlanCache()

    def first(self, asked: QueryRequest) -> tuple[float, float]:
        """Milliseconds from the request to the SQL text, and those of them that plan and render. Raises UserError."""
        began = time.perf_counter()
        query = self.plans.get(asked, lambda: semantic_query(asked, self.ontology, self.joins))
        read = time.perf_counter()
        plan = self.plans.get(("plan", query), lambda: build(query, self.ontology, self.joins))
        sql = self.plans.get(("sql", query), lambda: render(plan, Dialect.POSTGRES, self.placement, limit=MOST_ROWS))
        ended = time.perf_counter()
        if not sql.text:
            raise RuntimeError("there is no SQL")
        return (ended - began) * 1000, (ended - read) * 1000

    def again(self, asked: QueryRequest) -> float:
        """Milliseconds of a query that this planner has answered before."""
        return self.first(asked)[0]


def queries(job: dict[str, Any]) -> dict[str, Any]:
    """First and repeated times of each case; those that are refused, by code; those at which the planner fails."""
    planners = {
        name: Planner(ontology_from_semantic_manifest(Path(manifest["path"]).read_bytes(), ENGINE).layer)
        for name, manifest in job["manifests"].items()
    }
    if job.get("warm"):
        planners[job["warm"]["manifest"]].first(_request(job["warm"]))
    figures: dict[str, Any] = {"first": {}, "plan": {}, "repeat": {}, "refused": {}, "failed": {}}
    asked: dict[str, tuple[Planner, QueryRequest]] = {}
    for case in job["cases"]:
        name = case["id"]
        try:
            asked[name] = planners[case["manifest"]], _request(case)
            figures["first"][name], figures["plan"][name] = asked[name][0].first(asked[name][1])
        except UserError as error:
            figures["refused"][name] = error.problem.code
        except Exception as error:
            figures["failed"][name] = f"{type(error).__name__}: {error}"[:200]
    for name in figures["first"] if job.get("repeat") else ():
        planner, again = asked[name]
        figures["repeat"][name] = median(planner.again(again) for _ in range(REPEATS))
    return figures


def ready(job: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds from the manifest that was read to the SQL text of a first query: compile, join graph, plan.

    The compile reads the manifest itself; what reading takes is measured beforehand and taken off.
    """
    queries(job | {"cases": [], "repeat": False})
    data = Path(job["manifest"]).read_bytes()
    asked = _request(job)
    began = time.perf_counter()
    read_manifest(data)
    read = time.perf_counter() - began
    began = time.perf_counter()
    planner = Planner(compile_project([TargetArtifacts(ENGINE, data)]).layer)
    planner.first(asked)
    return {"read_ms": read * 1000, "ready_ms": (time.perf_counter() - began - read) * 1000, "metrics": len(planner.ontology.metrics)}


def _request(case: dict[str, Any]) -> QueryRequest:
    """A case of a job as it is asked."""
    return request(msgspec.convert({"id": "", "model": "", **case["request"]}, Case, strict=False))


if __name__ == "__main__":
    given = json.load(sys.stdin)
    print(json.dumps({"queries": queries, "ready": ready}[given["job"]](given)))
