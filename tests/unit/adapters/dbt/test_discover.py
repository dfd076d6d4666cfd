"""Finding a project and its profile, and reading the outputs' connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.adapters.dbt.discover import find_profiles, find_projects, profile_url, read_profile
from app.errors import UserError

PROFILES = """\
shop:
  target: "{{ env_var('DBT_TARGET', 'pg') }}"
  outputs:
    pg: {type: postgres, host: "::1", port: 5433, user: "a@b", pass: "p:/w d", dbname: ware house, schema: marts, sslmode: require}
    ch: {type: clickhouse, host: c.example, user: x, password: "{{ env_var('CH_PASSWORD') }}", schema: marts, secure: true}
    plain: {type: clickhouse, host: c.example, port: 8124, schema: marts}
    native: {type: clickhouse, driver: native, host: c.example, port: 9000, schema: marts}
    lake: {type: duckdb, path: x.db}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "work" / "shop"
    (folder / "models" / "deep").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\nprofile: shop\n")
    (folder / "profiles.yml").write_text(PROFILES)
    return folder


def code(raised: pytest.ExceptionInfo[UserError]) -> str:
    return raised.value.problem.code


def test_projects_are_found_upwards_then_downwards(project):
    assert find_projects(project / "models" / "deep") == [project]
    assert find_projects(project) == [project]
    assert find_projects(project.parent.parent) == [project]
    assert find_projects(project.parent) == [project]


def test_packages_are_no_projects(tmp_path):
    (tmp_path / "dbt_packages" / "utils").mkdir(parents=True)
    (tmp_path / "dbt_packages" / "utils" / "dbt_project.yml").touch()
    assert find_projects(tmp_path) == []


def test_outputs_become_urls(project):
    profile = read_profile(project, None, {"CH_PASSWORD": "s/e"})
    urls = {name: output.url for name, output in profile.outputs.items()}
    assert profile.target == "pg"
    assert urls == {
        "pg": "postgresql://a%40b:p%3A%2Fw%20d@[::1]:5433/ware%20house?sslmode=require",
        "ch": "https://x:s%2Fe@c.example:8443/marts",
        "plain": "http://c.example:8124/marts",
        "native": "",
        "lake": "",
    }
    assert "s%2Fe" not in repr(profile)


def test_a_variable_that_is_not_set_is_named(project):
    with pytest.raises(UserError) as raised:
        read_profile(project, None, {})
    assert code(raised) == "DM1021"
    assert "CH_PASSWORD" in raised.value.problem.message


def test_other_jinja_is_refused_and_never_executed(project):
    (project / "profiles.yml").write_text("shop: {outputs: {pg: {type: postgres, host: \"{{ ''.__class__ }}\"}}}")
    with pytest.raises(UserError) as raised:
        read_profile(project, None, {})
    assert "Jinja" in raised.value.problem.message


def test_a_target_that_is_not_there(project, monkeypatch):
    monkeypatch.setenv("CH_PASSWORD", "x")
    assert profile_url(project, None, "").startswith("postgresql://")
    with pytest.raises(UserError) as raised:
        profile_url(project, None, "plan")
    assert code(raised) == "DM1020"
    assert "`plain`" in raised.value.problem.hint
    for target in ("native", "lake"):
        with pytest.raises(UserError) as raised:
            profile_url(project, None, target)
        assert code(raised) == "DM1023"


def test_where_profiles_are_looked_for(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    other, home = tmp_path / "other", tmp_path / "home"
    for folder in (other, home / ".dbt"):
        folder.mkdir(parents=True)
        (folder / "profiles.yml").write_text(PROFILES)
    assert find_profiles(project, other, {}) == other / "profiles.yml"
    assert find_profiles(project, None, {"DBT_PROFILES_DIR": str(other)}) == other / "profiles.yml"
    assert find_profiles(project, None, {"HOME": str(home)}) == project / "profiles.yml"
    (project / "profiles.yml").unlink()
    assert find_profiles(project, None, {"HOME": str(home)}) == home / ".dbt" / "profiles.yml"
    with pytest.raises(UserError) as raised:
        find_profiles(project, None, {})
    assert code(raised) == "DM1021"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("dbt_project.yml", None, "DM1022"),
        ("dbt_project.yml", "name: [", "DM1022"),
        ("dbt_project.yml", "- a\n", "DM1022"),
        ("profiles.yml", "shop: {\n", "DM1021"),
        ("profiles.yml", "other: {outputs: {}}\n", "DM1021"),
        ("profiles.yml", "shop: 1\n", "DM1021"),
    ],
)
def test_files_that_cannot_be_used(project, name, text, expected):
    if text is None:
        (project / name).unlink()
    else:
        (project / name).write_text(text)
    with pytest.raises(UserError) as raised:
        read_profile(project, None, {"CH_PASSWORD": "x"})
    assert code(raised) == expected
    assert name in str(raised.value.problem)
