"""What the benchmarks stand on: projects of their own making, times of fresh processes, a peer that may be missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.compile.artifacts import TargetArtifacts
from app.compile.project import compile_project
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.sql.joins import JoinGraph
from benchmarks import planner, synthetic
from benchmarks.fresh import Failed, answer, ours
from benchmarks.measure import peak_mb
from benchmarks.peers.peer import Peer

SIZES = {"explosion": synthetic.EXPLOSION, "thousand": synthetic.THOUSAND}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_made_project_has_what_it_says(size: synthetic.Size) -> None:
    data = synthetic.as_bytes(synthetic.manifest(size))
    compiled = compile_project([TargetArtifacts("postgres", data)])
    assert compiled.problems == ()
    assert len(compiled.layer.ontology.metrics) == size.metrics
    other = ontology_from_semantic_manifest(synthetic.as_bytes(synthetic.semantic_manifest(size))).layer.ontology
    assert [m.name for m in other.metrics] == [m.name for m in compiled.layer.ontology.metrics]


def test_sizes_are_those_that_figures_are_named_after() -> None:
    assert synthetic.THOUSAND.metrics == 1000
    assert synthetic.EXPLOSION.metrics == 70
    asked = synthetic.query(synthetic.EXPLOSION)
    assert len(set(asked["metrics"])) == 70
    assert len(set(asked["group_by"])) == 100


def test_every_metric_reaches_every_dimension() -> None:
    made = synthetic.as_bytes(synthetic.semantic_manifest(synthetic.EXPLOSION))
    joins = JoinGraph.of(ontology_from_semantic_manifest(made).layer.ontology)
    asked = synthetic.query(synthetic.EXPLOSION)
    assert set(asked["group_by"]) <= set(joins.compatible_dimensions(asked["metrics"]))


@pytest.fixture
def job(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "semantic_manifest.json"
    path.write_bytes(synthetic.as_bytes(synthetic.semantic_manifest(synthetic.EXPLOSION)))
    small = synthetic.small_query()
    return {
        "job": "queries",
        "manifests": {"small": {"path": str(path), "transformed": False}},
        "repeat": True,
        "cases": [
            {"id": "served", "manifest": "small", "request": small},
            {"id": "unknown", "manifest": "small", "request": {**small, "metrics": ["nothing"]}},
        ],
    }


def test_cases_are_timed_or_refused(job: dict[str, Any]) -> None:
    figures = planner.queries(job)
    assert figures["first"]["served"] > figures["plan"]["served"] > 0
    assert figures["repeat"]["served"] > 0
    assert figures["refused"] == {"unknown": "DM3001"}
    assert figures["failed"] == {}


def test_a_planner_that_breaks_is_told(job: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(planner, "build", broken)
    assert planner.queries(job)["failed"]["served"] == "KeyError: 'x'"


def test_a_fresh_process_answers(job: dict[str, Any]) -> None:
    assert list(answer(ours("benchmarks.planner"), job)["first"]) == ["served"]


def test_a_process_that_breaks_is_told(job: dict[str, Any]) -> None:
    with pytest.raises(Failed, match="KeyError"):
        answer(ours("benchmarks.planner"), job | {"job": "nothing"})


def test_a_peer_that_cannot_be_installed_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: dict[str, Any]) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    peer = Peer("metricflow", tmp_path)
    assert "can't be installed" in (peer.missing or "")
    assert peer.answer(job) is None


def test_memory_is_that_of_the_process_alone(tmp_path: Path) -> None:
    """A parent that once had much does not count."""
    filler = bytearray(200_000_000)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(synthetic.manifest(synthetic.EXPLOSION)))
    assert answer(ours("benchmarks.corpora", "compile", str(path)))["peak_mb"] < peak_mb() - len(filler) / 2**21
