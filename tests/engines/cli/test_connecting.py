"""`datamind init` and `debug`: a project of one's own, and what is missing."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.engines.cli.conftest import Cli
from tests.support.demo import Demo

NOWHERE = "{type: postgres, host: 127.0.0.1, port: 1, user: me, password: hunter2, dbname: db, schema: public}"


def own_project(folder: Path, demo: Demo, *, clickhouse: bool = True) -> Path:
    """The demo's project with a profile that names the running warehouses outright."""
    shutil.copytree(demo.settings.dbt_project_path, folder)
    outputs = []
    for engine in ("postgres", "clickhouse") if clickhouse else ("postgres",):
        url = urlsplit(demo.servers.owners[engine])
        common = f"host: {url.hostname}, port: {url.port}, user: {url.username}, password: '{url.password}'"
        more = f"dbname: {url.path[1:]}, schema: marts" if engine == "postgres" else f"schema: {url.path[1:]}, driver: http"
        outputs.append(f"{engine}: {{type: {engine}, {common}, {more}}}")
    (folder / "profiles.yml").write_text(f"kettle_and_crane: {{target: postgres, outputs: {{{', '.join(outputs)}}}}}\n")
    return folder


@pytest.fixture
def bare(demo: Demo) -> dict[str, str]:
    """Without the variable that names the project: the settings file does."""
    return {"DATAMIND_DBT_PROJECT_PATH": ""}


def test_a_project_is_connected_by_one_file(cli: Cli, demo: Demo, bare: dict[str, str]) -> None:
    own_project(Path("analytics"), demo)
    ran = cli("init", "--project-dir", "analytics", **bare)
    assert ran.code == 0, ran.out + ran.err
    assert "wrote datamind.toml" in ran.err
    settings = tomllib.loads(Path("datamind.toml").read_text())
    assert settings == {
        "dbt_project_path": "analytics",
        "engines": ["postgres", "clickhouse"],
        "postgres_url": "profile:postgres",
        "clickhouse_url": "profile:clickhouse",
    }
    for subject in ("dbt project", "semantic layer", "engine postgres: answers", "engine clickhouse: answers"):
        assert subject in ran.out
    again = cli("debug", "--json", **bare)
    assert again.code == 0
    found = {finding["subject"]: finding for finding in again.json["findings"]}
    assert {subject for subject, finding in found.items() if finding["state"] != "ok"} == {"account of postgres", "account of clickhouse"}
    for engine in ("postgres", "clickhouse"):  # a profile's account builds the models: it may do more than read them
        told = found[f"account of {engine}"]
        assert (told["state"], told["detail"][:6]) == ("warning", "DM5011")
        assert "REVOKE" in told["hint"] or "REASSIGN" in told["hint"]
    asked = cli("query", "--metrics", "signups", "--json", **bare)
    assert asked.code == 0, asked.out + asked.err
    assert asked.json["results"]


def test_an_account_that_only_reads_is_well(cli: Cli, demo: Demo, bare: dict[str, str]) -> None:
    own_project(Path("analytics"), demo)
    urls = {f"DATAMIND_{name.upper()}_URL": url for name, url in demo.servers.engines.items()}
    ran = cli("debug", "--json", "--project-dir", "analytics", **urls, **bare)
    found = {finding["subject"]: finding["state"] for finding in ran.json["findings"]}
    assert (found["account of postgres"], found["account of clickhouse"]) == ("ok", "ok")


def test_a_project_that_names_no_warehouse_is_told_so_and_starts_none(cli: Cli, demo: Demo, bare: dict[str, str]) -> None:
    own_project(Path("analytics"), demo)
    ran = cli("query", "--metrics", "signups", "--project-dir", "analytics", DATAMIND_DATA_DIR="data", **bare)
    assert (ran.code, ran.out) == (1, "")
    assert "DM1012 no server is named for the PostgreSQL warehouse and the ClickHouse warehouse" in ran.err
    assert not Path("data").exists()


def test_a_settings_file_is_not_replaced_unless_asked(cli: Cli, demo: Demo, bare: dict[str, str]) -> None:
    own_project(Path("analytics"), demo, clickhouse=False)
    Path("datamind.toml").write_text("max_rows = 5\n")
    ran = cli("init", "--project-dir", "analytics", "--json", **bare)
    assert (ran.code, ran.problem["code"]) == (1, "DM1025")
    assert Path("datamind.toml").read_text() == "max_rows = 5\n"
    assert cli("init", "--project-dir", "analytics", "--force", **bare).code == 0
    assert tomllib.loads(Path("datamind.toml").read_text())["engines"] == ["postgres"]


def test_an_engine_that_is_down_is_found(cli: Cli, demo: Demo, bare: dict[str, str]) -> None:
    own_project(Path("analytics"), demo)
    Path("analytics/profiles.yml").write_text(f"kettle_and_crane: {{target: dev, outputs: {{dev: {NOWHERE}}}}}\n")
    ran = cli("init", "--project-dir", "analytics", "--json", **bare)
    assert ran.code == 1
    found = {finding["subject"]: finding for finding in ran.json["findings"]}
    assert found["engine postgres"]["state"] == "wrong"
    assert "hunter2" not in ran.out + ran.err + Path("datamind.toml").read_text()
    told = cli("debug", **bare)
    assert told.code == 1
    assert "wrong" in told.out


@pytest.mark.parametrize(
    ("profiles", "arguments", "code"),
    [
        ("kettle_and_crane: {target: d, outputs: {d: {type: duckdb, path: x}}}", (), "DM1024"),
        ("another: {target: d, outputs: {}}", (), "DM1021"),
        ("kettle_and_crane: [", (), "DM1021"),
        (f"kettle_and_crane: {{target: a, outputs: {{a: {NOWHERE}}}}}", ("--postgres", "prod"), "DM1020"),
        (f"kettle_and_crane: {{target: x, outputs: {{a: {NOWHERE}, b: {NOWHERE}}}}}", (), "DM1020"),
    ],
)
def test_a_profile_that_cannot_be_used_is_named(
    cli: Cli, bare: dict[str, str], profiles: str, arguments: tuple[str, ...], code: str
) -> None:
    Path("analytics").mkdir()
    Path("analytics/dbt_project.yml").write_text("name: kettle_and_crane\nprofile: kettle_and_crane\n")
    Path("analytics/profiles.yml").write_text(profiles)
    ran = cli("init", "--project-dir", "analytics", "--json", *arguments, **bare)
    assert (ran.code, ran.problem["code"]) == (1, code)
    assert not Path("datamind.toml").exists()


def test_no_project_and_several_projects_are_told(cli: Cli, bare: dict[str, str]) -> None:
    Path("empty").mkdir()
    ran = cli("init", "--project-dir", "empty", "--json", **bare)
    assert (ran.code, ran.problem["code"]) == (1, "DM1022")
    for name in ("one", "two"):
        Path("empty", name).mkdir()
        Path("empty", name, "dbt_project.yml").write_text(f"name: {name}\n")
    ran = cli("init", "--project-dir", "empty", "--json", **bare)
    assert (ran.code, ran.problem["code"]) == (1, "DM1022")
    assert "one" in ran.problem["message"]


def test_debug_asks_the_vector_store(cli: Cli, demo: Demo) -> None:
    def found(**environment: str) -> dict[str, str]:
        return next(one for one in cli("debug", "--json", **environment).json["findings"] if one["subject"] == "vector store")

    stored = found(DATAMIND_STORE_URL=demo.servers.store)
    assert (stored["state"], "pgvector in the store" in stored["detail"]) == ("ok", True)
    assert found()["detail"].startswith("embedded")
    away = found(DATAMIND_VECTOR_URL="chroma+http://token@127.0.0.1:1")
    assert (away["state"], "Chroma" in away["detail"], "DATAMIND_VECTOR_URL" in away["hint"]) == ("wrong", True, True)
    assert "token" not in away["detail"] + away["hint"]
    useless = found(DATAMIND_VECTOR_URL="chroma+ftp://127.0.0.1:1")
    assert (useless["state"], "DATAMIND_VECTOR_URL" in useless["hint"]) == ("wrong", True)


def test_debug_says_what_is_embedded_and_what_is_wrong(cli: Cli) -> None:
    ran = cli("debug", "--json", DATAMIND_STORE_URL="postgresql://a@127.0.0.1:1/b", DATAMIND_REDIS_URL="redis://127.0.0.1:1/0")
    assert ran.code == 1
    found = {finding["subject"]: finding for finding in ran.json["findings"]}
    assert found["store"]["state"] == "wrong"
    assert found["redis"]["state"] == "wrong"
    assert found["engine postgres"]["detail"].startswith("embedded")
    broken = cli("debug", "--json", DATAMIND_STORE_URL="garbage", DATAMIND_REDIS_URL="garbage", DATAMIND_POSTGRES_URL="garbage")
    assert broken.code == 1
    wrong = {finding["subject"] for finding in broken.json["findings"] if finding["state"] == "wrong"}
    assert wrong == {"engine postgres", "store", "redis", "vector store", "policies"}  # vectors and policies are of the store
    nothing = cli("debug", "--json", DATAMIND_DBT_PROJECT_PATH="nowhere").json["findings"]
    assert (nothing[0]["subject"], nothing[0]["state"]) == ("dbt project", "wrong")
