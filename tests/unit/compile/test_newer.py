"""YAML that was changed after the manifest was written is said so, once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from app.adapters.dbt.artifacts import read_project
from app.compile.artifacts import ProjectSources
from app.compile.project import compile_project
from app.errors import Problem, Where

METRICS = "metrics:\n  - name: revenue\n"


def problems(project: Any, files: dict[str, str], *newer: str) -> list[Problem]:
    found = compile_project([project.target()], ProjectSources(files, newer=frozenset(newer))).problems
    return [problem for problem in found if problem.code == "DM2014"]


def test_a_file_of_the_manifest(project: Any) -> None:
    files = {"models/metrics.yml": METRICS, "models/semantic.yml": "semantic_models:\n"}
    (problem,) = problems(project.orders(), files, "models/metrics.yml")
    assert problem.where == Where("models/metrics.yml")
    assert problem.severity == "warning"
    assert "dbt parse" in problem.hint
    assert "more" not in problem.message
    (both,) = problems(project, files, *files)
    assert "one more" in both.message


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("models/new.yml", METRICS, True),
        ("models/deep/new.yaml", "version: 2\nmodels:\n  - name: x\n", True),
        ("models/notes.yml", "colours: [red]\n", False),
        ("ontology/metrics.yaml", METRICS, False),
        ("dbt_project.yml", "models:\n  shop: {}\n", False),
    ],
)
def test_a_file_that_the_manifest_does_not_know(project: Any, file: str, text: str, said: bool) -> None:
    assert bool(problems(project.orders(), {file: text}, file)) is said


def test_nothing_is_newer(project: Any) -> None:
    assert problems(project.orders(), {"models/metrics.yml": METRICS}) == []


def test_a_folder_is_read_with_the_times_of_its_files(project: Any, tmp_path: Path) -> None:
    for name, data in (
        ("dbt_project.yml", b"name: shop\n"),
        ("models/a.yml", b""),
        ("models/b.yml", b""),
        ("target/manifest.json", project.orders().data()),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_000, 1_000))
    os.utime(tmp_path / "models" / "b.yml", (1_001, 1_001))
    assert read_project(tmp_path, {"postgres": tmp_path / "target"}, {})[1].newer == {"models/b.yml"}


def test_the_manifest_that_is_read_is_named(project: Any) -> None:
    """dbt writes `target/manifest.json` unless it is told otherwise; of a project for two engines another one is read."""
    sources = ProjectSources(
        {"models/metrics.yml": METRICS}, newer=frozenset({"models/metrics.yml"}), manifest="target/postgres/manifest.json"
    )
    found = compile_project([project.orders().target()], sources).problems
    (problem,) = (one for one in found if one.code == "DM2014")
    assert "target/postgres/manifest.json" in problem.message
    assert "--target-path target/postgres" in problem.hint
