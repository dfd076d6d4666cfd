"""Which folders are states, which of several is the newest, and whose artifacts they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.dbt.state import find_states, is_state, read_state, state_project, state_targets
from app.compile.artifacts import TargetArtifacts
from app.errors import UserError


def manifest(adapter: str) -> bytes:
    return f'{{"metadata": {{"adapter_type": "{adapter}"}}, "nodes": {{}}}}'.encode()


def put(folder: Path, adapter: str = "postgres") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_bytes(manifest(adapter))
    return folder


def project(*engines: str) -> list[TargetArtifacts]:
    return [TargetArtifacts(engine, manifest(engine)) for engine in engines]


def test_a_folder_with_a_manifest_or_with_those_of_engines(tmp_path: Path) -> None:
    assert is_state(put(tmp_path / "a"))
    put(tmp_path / "b" / "clickhouse")
    assert is_state(tmp_path / "b")
    assert not is_state(tmp_path)


def test_the_greatest_name_is_the_newest(tmp_path: Path) -> None:
    for name in ("v1.9.0", "v1.10.0", "v1.2.0", "v1.10.0-rc1"):
        put(tmp_path / name)
    (tmp_path / "notes").mkdir()
    found = find_states([tmp_path], tmp_path)
    assert [path.name for path in found] == ["v1.10.0", "v1.10.0-rc1", "v1.9.0", "v1.2.0"]


def test_paths_keep_their_order_and_come_once(tmp_path: Path) -> None:
    one, other = put(tmp_path / "one"), put(tmp_path / "two" / "x")
    days = [put(tmp_path / "days" / name) for name in ("2026-09-30", "2026-10-01", "2026-10-01b")]
    assert find_states([tmp_path / "days"], tmp_path) == tuple(reversed(days))
    assert find_states([other, one, other], tmp_path) == (other, one)


def test_a_relative_path_is_one_of_the_working_directory_then_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    put(there / "prod")
    here.mkdir()
    monkeypatch.chdir(here)
    assert find_states([Path("prod")], there) == (there / "prod",)
    put(here / "prod")
    assert find_states([Path("prod")], there) == (Path("prod"),)


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_no_state(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError) as error:
        find_states([tmp_path / name], tmp_path)
    assert error.value.problem.code == "DM2011"


def test_a_manifest_is_of_the_engine_of_its_adapter(tmp_path: Path) -> None:
    state = put(tmp_path / "state", "clickhouse")
    assert state_targets(state, project("postgres", "clickhouse")) == {"clickhouse": state}
    put(state / "postgres")
    assert state_targets(state, project("postgres", "clickhouse")) == {"postgres": state / "postgres", "clickhouse": state}
    trino = [TargetArtifacts("postgres", manifest("trino"))]
    assert state_targets(put(tmp_path / "trino", "trino"), trino) == {"postgres": tmp_path / "trino"}
    assert state_targets(tmp_path / "trino", project("postgres")) == {}


def test_artifacts_are_read_where_they_lie(tmp_path: Path) -> None:
    state = put(tmp_path)
    (state / "catalog.json").write_bytes(b"{}")
    (found,) = read_state(state, project("postgres"))
    assert (found.engine, found.manifest, found.catalog, found.semantic_manifest) == ("postgres", manifest("postgres"), b"{}", None)


def test_the_projects_file_is_kept_with_the_state_or_above_a_target_folder(tmp_path: Path) -> None:
    state = put(tmp_path / "checkout" / "target")
    assert state_project(state) is None
    (tmp_path / "checkout" / "dbt_project.yml").write_text("name: above\n")
    assert state_project(state) == "name: above\n"
    assert state_project(put(tmp_path / "checkout" / "prod")) is None
    (state / "dbt_project.yml").write_text("name: beside\n")
    assert state_project(state) == "name: beside\n"
