"""A project's folder: its artifacts, fingerprint and commit."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from pathlib import Path

import pytest

from app.adapters.dbt import artifacts
from app.adapters.dbt.folder import DbtFolder
from app.errors import UserError

MANIFEST = b'{"metadata": {"adapter_type": "postgres"}}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "target" / "postgres").mkdir(parents=True)
    (tmp_path / "dbt_project.yml").write_text("\ufeffname: shop\n", encoding="utf-8")
    (tmp_path / "models" / "a.yaml").write_bytes(b"models: \xff\n")
    (tmp_path / "target" / "left.yml").write_text("no: thing")
    (tmp_path / "target" / "postgres" / "manifest.json").write_bytes(MANIFEST)
    return tmp_path


def test_what_is_read(project):
    (project / "target" / "postgres" / "catalog.json").write_bytes(b"{}")
    found, sources = DbtFolder(project, {"postgres": None}).read()
    assert [(a.engine, a.manifest, a.catalog, a.run_results) for a in found] == [("postgres", MANIFEST, b"{}", None)]
    assert dict(sources.files) == {"dbt_project.yml": "name: shop\n", "models/a.yaml": "models: \ufffd\n"}


def test_yaml_is_read_where_dbt_reads_it(project):
    for file in (
        "drafts/x.yml",
        "ontology/metrics.yaml",
        "selectors.yml",
        "more/deep/y.yml",
        "seeds/s.yml",
        "models/target/z.yml",
        "snapshots/n.yml",
    ):
        (project / file).parent.mkdir(parents=True, exist_ok=True)
        (project / file).write_text("a: 1")
    assert set(artifacts.read_yaml(project)) == {"dbt_project.yml", "models/a.yaml", "selectors.yml", "seeds/s.yml", "snapshots/n.yml"}
    named = 'name: shop\nmodel-paths: [more, "more/deep", ../outside, "models/"]\nseed-paths: []\n'
    (project / "dbt_project.yml").write_text(named)
    assert set(artifacts.read_yaml(project)) == {"dbt_project.yml", "models/a.yaml", "selectors.yml", "more/deep/y.yml", "snapshots/n.yml"}
    (project / "dbt_project.yml").write_text("model-paths: [.]")
    assert {"drafts/x.yml", "ontology/metrics.yaml", "dbt_project.yml"} < set(artifacts.read_yaml(project))
    (project / "dbt_project.yml").write_text("[")
    assert "drafts/x.yml" in artifacts.read_yaml(project)


def test_the_common_target_serves_the_engine_whose_adapter_wrote_it(project):
    (project / "target" / "postgres" / "manifest.json").rename(project / "target" / "manifest.json")
    assert DbtFolder(project, {"postgres": None}).read()[0][0].manifest == MANIFEST
    with pytest.raises(UserError) as raised:
        DbtFolder(project, {"postgres": None, "clickhouse": None}).read()
    assert [(p.code, "clickhouse" in p.message) for p in raised.value.problems] == [("DM2001", True)]


def test_each_engine_without_a_manifest_is_a_problem(tmp_path):
    (tmp_path / "dbt_project.yml").write_text("name: empty\n")
    folder = DbtFolder(tmp_path, {"postgres": None, "clickhouse": Path("elsewhere")})
    with pytest.raises(UserError) as raised:
        folder.read()
    assert [p.code for p in raised.value.problems] == ["DM2001", "DM2001"]
    assert "DATAMIND_CLICKHOUSE_TARGET_PATH" in raised.value.problems[1].hint
    assert raised.value.problems[1].where is not None
    assert "elsewhere" in raised.value.problems[1].where.file
    assert folder.fingerprint() == ""


def test_a_folder_without_a_project_is_one_problem(tmp_path):
    with pytest.raises(UserError) as raised:
        DbtFolder(tmp_path / "nowhere", {"postgres": None, "clickhouse": None}).read()
    assert [p.code for p in raised.value.problems] == ["DM1022"]


def test_a_file_too_large_is_not_read(project, monkeypatch):
    monkeypatch.setattr(artifacts, "MAX_BYTES", 10)
    with pytest.raises(UserError) as raised:
        DbtFolder(project, {"postgres": None}).read()
    assert raised.value.problem.code == "DM2004"


def test_a_folder_in_place_of_a_file(project):
    (project / "target" / "postgres" / "catalog.json").mkdir()
    with pytest.raises(UserError) as raised:
        DbtFolder(project, {"postgres": None}).read()
    assert raised.value.problem.code == "DM2010"


def test_the_fingerprint_follows_the_artifacts(project):
    folder = DbtFolder(project, {"postgres": None})
    first = folder.fingerprint()
    assert first == folder.fingerprint() != ""
    (project / "target" / "postgres" / "run_results.json").write_bytes(b"{}")
    assert folder.fingerprint() != first


def git(folder: Path, *arguments: str) -> str:
    given = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(given, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_the_commit_is_that_of_git(project):
    inner = project / "models"
    folder = DbtFolder(inner, {})
    git(project, "init", "-q")
    assert folder.git_commit() == ""
    git(project, "add", "dbt_project.yml")
    git(project, "commit", "-q", "-m", "one")
    head = git(project, "rev-parse", "HEAD")
    assert folder.git_commit() == head
    git(project, "pack-refs", "--all")
    assert folder.git_commit() == head
    git(project, "worktree", "add", "-q", "../tree", "-b", "other")
    assert DbtFolder(project.parent / "tree", {}).git_commit() == head
    git(project, "checkout", "-q", "--detach")
    assert folder.git_commit() == head


def test_what_was_edited_since_dbt_read_the_files_is_edited(project):
    """dbt writes the manifest last: with `dbt build`, an hour after it read the project."""
    folder = DbtFolder(project, {"postgres": None}, parses=True)
    manifest = project / "target" / "postgres" / "manifest.json"
    model = project / "models" / "late.yml"
    model.parent.mkdir(exist_ok=True)
    model.write_text("models: []\n")
    now = model.stat().st_mtime
    for ago, edited in ((60, True), (-60, False)):
        at = dt.datetime.fromtimestamp(now - ago, dt.UTC).replace(tzinfo=None).isoformat()
        manifest.write_text(f'{{"metadata": {{"generated_at": "{at}Z"}}}}')
        os.utime(manifest, (now + 120, now + 120))
        assert folder.edited() is edited
    manifest.write_text('{"metadata": {"generated_at": "no time"}}')
    assert not folder.edited(), "then the file's own time counts"
