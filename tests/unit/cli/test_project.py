"""Which project, target and variables a command works with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.cli.project import read_vars, settings_under
from app.errors import UserError
from app.wiring.project import project_of

PROFILES = """\
shop:
  target: dev
  outputs:
    dev: {type: postgres, host: db, user: me, password: "{{ env_var('SHOP_PASSWORD', 'x') }}", dbname: d, schema: dev}
    prod: {type: postgres, host: db, user: me, password: x, dbname: d, schema: prod}
    fast: {type: clickhouse, host: ch, schema: prod}
    lake: {type: duckdb, path: x}
"""


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "DATAMIND_DBT_PROJECT_PATH",
        "DBT_PROJECT_PATH",
        "DBT_PROJECT_DIR",
        "DBT_PROFILES_DIR",
        "DATAMIND_DBT_VARS",
        "DATAMIND_ENGINES",
    ):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "models" / "deep").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (folder / "profiles.yml").write_text(PROFILES)
    return folder


def manifest(folder: Path, adapter: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "project_name": "shop", "adapter_type": adapter}
    (folder / "manifest.json").write_text(json.dumps({"metadata": metadata}))


def code_of(raised: pytest.ExceptionInfo[UserError]) -> str:
    return raised.value.problem.code


def test_the_option_wins_over_the_environment(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_DBT_PROJECT_PATH", str(tmp_path / "ours"))
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path / "dbts"))
    assert settings_under(project).dbt_project_path == project
    assert settings_under().dbt_project_path == tmp_path / "ours"
    monkeypatch.delenv("DATAMIND_DBT_PROJECT_PATH")
    assert settings_under().dbt_project_path == tmp_path / "dbts"


def test_a_project_is_found_from_within(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_under().dbt_project_path == Path("dbt_project")
    monkeypatch.chdir(project / "models" / "deep")
    assert settings_under().dbt_project_path == project


def test_a_project_that_is_named_is_not_looked_for_elsewhere(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setenv("DBT_PROJECT_DIR", "nowhere")
    assert settings_under().dbt_project_path == Path("nowhere")


@pytest.mark.parametrize(("target", "engine"), [("dev", "postgres"), ("prod", "postgres"), ("fast", "clickhouse")])
def test_a_target_is_an_output_of_the_profile(project: Path, target: str, engine: str) -> None:
    assert settings_under(project, target=target).engines == (engine,)


def test_a_target_with_a_folder_of_its_own_is_read_there(project: Path) -> None:
    manifest(project / "target" / "staging", "clickhouse")
    manifest(project / "target" / "clickhouse", "clickhouse")
    settings = settings_under(project, target="staging")
    assert (settings.engines, settings.clickhouse_target_path) == (("clickhouse",), Path("target/staging"))
    read = project_of(settings).first()
    assert (read.engine, b"clickhouse" in read.manifest) == ("clickhouse", True)


def test_a_target_without_one_is_read_where_its_engines_are(project: Path) -> None:
    manifest(project / "target", "postgres")
    settings = settings_under(project, target="prod")
    assert settings.postgres_target_path is None
    assert isinstance(project_of(settings), DbtFolder)
    assert project_of(settings).first().engine == "postgres"


def test_a_target_says_where_its_engine_is_if_the_profile_said_so_before(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_POSTGRES_URL", "profile:dev")
    url = settings_under(project, target="prod").postgres_url
    assert url is not None
    assert url.get_secret_value() == "profile:prod"
    monkeypatch.setenv("DATAMIND_POSTGRES_URL", "postgresql://reader@db/d")
    url = settings_under(project, target="prod").postgres_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://reader@db/d"


@pytest.mark.parametrize(("target", "code", "hint"), [("prd", "DM1020", "`prod`"), ("lake", "DM1023", "")])
def test_a_target_that_can_not_be_had(project: Path, target: str, code: str, hint: str) -> None:
    with pytest.raises(UserError) as raised:
        settings_under(project, target=target)
    assert code_of(raised) == code
    assert hint in raised.value.problem.hint


def test_variables_are_added_to_those_of_the_settings(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAMIND_DBT_VARS", '{"a": 1, "b": 2}')
    settings = settings_under(project, variables="{b: 3, c: [x, y]}")
    assert settings.dbt_vars == {"a": 1, "b": 3, "c": ["x", "y"]}
    manifest(project / "target", "postgres")
    sources = project_of(settings_under(project, target="dev", variables="datamind_default_access: deny")).read()[1]
    assert sources.variables["datamind_default_access"] == "deny"


@pytest.mark.parametrize("text", ["x", "[a]", "{a: ", "3", "a=1"])
def test_variables_are_a_mapping(text: str) -> None:
    with pytest.raises(UserError) as raised:
        read_vars(text)
    assert code_of(raised) == "DM1032"
