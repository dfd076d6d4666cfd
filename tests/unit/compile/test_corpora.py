"""Manifests that nobody here wrote compile, with problems that are true; the demo's own has none."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from app.compile.artifacts import ProjectSources, TargetArtifacts
from app.compile.emit.tree import emit
from app.compile.project import compile_project
from app.compile.semantic_manifest import ontology_from_semantic_manifest
from app.errors import UserError
from app.model.metrics import Simple
from app.model.ontology import Layer

ROOT = Path(__file__).resolve().parents[3]
CORPORA = {"aspects_clickhouse": 44, "ol_dbt": 1060, "pretiumdata": 534, "tuva": 870}
DERIVED = {"aspects_clickhouse": 36, "ol_dbt": 675, "pretiumdata": 226, "tuva": 822}
"""Models that a query can be made over: no sources, nothing ephemeral."""
MISSED = {"aspects_clickhouse": 0, "ol_dbt": 89, "pretiumdata": 11, "tuva": 16}
"""Models and reasons for which references to columns that no test says are unique, or that nothing knows, give no join. The tests of ol_dbt let ten doubles
pass (`error_if: ">10"`)."""
SEMANTIC = {"extended_date": 7, "multi_hop_join": 2, "non_sm": 1, "partitioned_multi_hop_join": 5, "scd": 3, "simple": 121}


@pytest.mark.parametrize("name", CORPORA)
def test_a_corpus_compiles(shared: Path, name: str) -> None:
    data = gzip.decompress((shared / "corpora" / f"{name}.manifest.json.gz").read_bytes())
    compiled = compile_project([TargetArtifacts("postgres", data)])
    ontology = compiled.layer.ontology
    assert len(ontology.models) == CORPORA[name]
    assert len({model.name for model in ontology.models}) == len(ontology.models)
    codes = Counter(problem.code for problem in compiled.problems)
    assert codes == {"DM2341": 1} | ({"DM2342": MISSED[name]} if MISSED[name] else {})
    assert len(ontology.metrics) == len(ontology.semantic_models) == DERIVED[name]
    assert any(model.primary_key for model in ontology.models) or name in ("aspects_clickhouse", "ol_dbt")
    assert Layer.from_json(compiled.layer.canonical()) == compiled.layer
    assert emit(compiled.layer, ()) == emit(compile_project([TargetArtifacts("postgres", data)]).layer, ())


@pytest.mark.parametrize("name", SEMANTIC)
def test_a_semantic_manifest_compiles(shared: Path, name: str) -> None:
    compiled = ontology_from_semantic_manifest((shared / "conformance" / "manifests" / f"{name}_manifest.json").read_bytes())
    ontology = compiled.layer.ontology
    assert compiled.problems == ()
    assert len(ontology.metrics) == SEMANTIC[name]
    assert len(ontology.time_spines) == 7
    assert {spine.custom for spine in ontology.time_spines if spine.custom} == {(("alien_day", "alien_day"),)}
    placed = dict(compiled.layer.placements[0].relations)
    assert all(placed[model.name].schema == "mf_conf" for model in ontology.models)
    for semantic_model in ontology.semantic_models:
        assert ontology.model(semantic_model.model).columns


def test_what_the_transformation_hoisted_is_read(shared: Path) -> None:
    ontology = ontology_from_semantic_manifest((shared / "conformance" / "manifests" / "simple_manifest.json").read_bytes()).layer.ontology
    params = ontology.metric("bookings_fill_nulls_with_0").params
    assert isinstance(params, Simple)
    assert (params.input.measure, params.input.fill_nulls_with, params.input.join_to_timespine) == ("bookings", 0, True)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"semantic_models": {}, "metrics": []}', b'{"semantic_models": ['])
def test_a_bad_semantic_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(UserError):
        ontology_from_semantic_manifest(data)


def test_policies_on_a_semantic_model_deny_it_there_too() -> None:
    data = (
        b'{"semantic_models": [{"name": "a", "node_relation": {"alias": "t", "schema_name": "one"}, "config": {"meta": {"datamind": {"deny": true}}}},'
        b' {"name": "b", "node_relation": {"alias": "t", "schema_name": "two"}}, {"name": "c"}], "metrics": []}'
    )
    compiled = ontology_from_semantic_manifest(data)
    assert [model.name for model in compiled.layer.ontology.models] == ["one.t", "two.t"]
    assert [len(model.row_policies) for model in compiled.layer.ontology.models] == [1, 0]
    assert sorted(problem.code for problem in compiled.problems) == ["DM2301", "DM2508"]


def test_the_demo_compiles_without_a_problem(tmp_path: Path) -> None:
    dbt = Path(sys.executable).parent / "dbt"
    if not dbt.exists():
        pytest.skip("dbt is not installed")
    folder = ROOT / "dbt_project"
    command = [
        dbt,
        "--no-use-colors",
        "parse",
        "--project-dir",
        folder,
        "--profiles-dir",
        folder,
        "--target",
        "postgres",
        "--target-path",
        tmp_path,
        "--log-path",
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout
    files = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.yml")
        if path.is_file() and "target" not in path.parts
    }
    manifest, semantic = (tmp_path / "manifest.json").read_bytes(), (tmp_path / "semantic_manifest.json").read_bytes()
    compiled = compile_project([TargetArtifacts("postgres", manifest, semantic)], ProjectSources(files))
    assert [str(problem) for problem in compiled.problems if problem.code != "DM2514"] == []  # it was only parsed
    ontology, places = compiled.layer.ontology, dict(compiled.layer.locations)
    assert len(ontology.metrics) >= 25
    assert {metric.type for metric in ontology.metrics} == {"simple", "ratio", "derived", "cumulative", "conversion"}
    for metric in ontology.metrics:
        if f"metric.{metric.name}" in places:
            where = places[f"metric.{metric.name}"]
            assert metric.file == where.file
            assert f"name: {metric.name}" in files[where.file].splitlines()[where.line - 1]
    assert sum(f"metric.{metric.name}" in places for metric in ontology.metrics) >= 25
    assert len(ontology.time_spines) == 1
