"""Metric query → SQL: plan and rendering alone, for each metric of the demo that is served, by day and by each compatible dimension."""

from __future__ import annotations

from typing import Any

from app.errors import UserError
from app.model.physical import Placement
from app.model.query import GroupBy, SemanticQuery
from app.plan.build import build
from app.plan.render import render
from app.service.compile import DIALECTS, compile_source
from app.settings import load_settings
from app.sql.joins import JoinGraph
from app.wiring.project import project_of
from benchmarks.measure import p50, p95, timed
from benchmarks.options import Options

MOST_DIMENSIONS = 6


def measure(_options: Options) -> dict[str, Any]:
    """p50 and p95 in ms per engine, over every query that is served."""
    layer = compile_source(project_of(load_settings())).layer
    joins = JoinGraph.of(layer.ontology)
    figures: dict[str, Any] = {}
    for placement in layer.placements:
        samples = []
        for metric in layer.ontology.metrics:
            items = [
                GroupBy("metric_time", "month"),
                *(GroupBy(name) for name in joins.compatible_dimensions((metric.name,))[:MOST_DIMENSIONS]),
            ]
            for item in items:
                query = SemanticQuery((metric.name,), (item,))

                def work(query: SemanticQuery = query, placement: Placement = placement) -> None:
                    render(build(query, layer.ontology, joins), DIALECTS[placement.engine], placement, limit=10_001)

                try:
                    work()
                except UserError:
                    continue
                samples += [timed(work) for _ in range(5)]
        figures[placement.engine] = {"queries": len(samples) // 5, "p50_ms": p50(samples), "p95_ms": p95(samples)}
    return figures
