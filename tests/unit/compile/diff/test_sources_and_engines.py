"""Data that lie elsewhere, and code that only one engine runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.diff.diff import diff_layers
from app.compile.diff.report import Kind
from app.model.ontology import Layer
from app.service.diff import State, compare
from tests.unit.compile.conftest import Project


def on_source(**source: str) -> Layer:
    """Orders that are read from a source."""
    project = Project().orders()
    project.source("raw", "orders", **source)
    project.manifest["nodes"]["model.shop.orders"]["depends_on"] = {"nodes": ["source.shop.raw.orders"]}
    return project.compile().layer


@pytest.mark.parametrize("moved", [{"schema": "raw_2023"}, {"database": "archive"}, {"identifier": "orders_2023"}])
def test_a_source_in_another_place_has_other_rows(moved: dict[str, str]) -> None:
    report = diff_layers(on_source(), on_source(**moved))
    found = next(change for change in report.changes if change.field == "relation")
    assert (found.kind, found.subject) == (Kind.MEANING, "model.raw.orders")
    assert next(iter(moved.values())) in found.after
    assert found.touches.metrics == ("orders", "revenue")


def engine(name: str, compiled: str, raw: str) -> TargetArtifacts:
    project = Project().orders()
    project.manifest["metadata"]["adapter_type"] = name
    node: dict[str, Any] = project.manifest["nodes"]["model.shop.orders"]
    node |= {"raw_code": raw, "compiled_code": compiled}
    return TargetArtifacts(name, json.dumps(project.manifest).encode())


@pytest.mark.parametrize("changed", ["postgres", "clickhouse"])
def test_code_that_one_engine_runs_is_compared_there(changed: str) -> None:
    def side(compiled: str) -> tuple[TargetArtifacts, ...]:
        return tuple(engine(name, compiled if name == changed else "select 1", "{{ own() }}") for name in ("postgres", "clickhouse"))

    state = State("prod", side("select 2"))
    report = compare(side("select 3"), ProjectSources(), [state]).report
    assert [(change.subject, change.field, change.kind, change.possible) for change in report.changes] == [
        ("model.orders", "code", Kind.MEANING, True)
    ]
    assert not compare(side("select 2"), ProjectSources(), [state]).report.changes
