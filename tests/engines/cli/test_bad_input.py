"""What bad input gets: a Problem with a stable code and exit 1, JSON on standard output where it was asked for, never a traceback."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.service import compile as room
from tests.engines.cli.conftest import Cli

NOWHERE = "127.0.0.1:1"
REVENUE = ("query", "--metrics", "revenue")

CASES: dict[str, tuple[tuple[str, ...], dict[str, str], str, str]] = {
    "an unknown metric": (("query", "--metrics", "revenu"), {}, "DM3001", "`revenue`"),
    "an unknown dimension": ((*REVENUE, "--group-by", "customer__contry"), {}, "DM3002", "customer__country"),
    "an unknown metric to list by": (("list", "dimensions", "--metrics", "revenu"), {}, "DM3001", "`revenue`"),
    "an unknown saved query": (("query", "--saved-query", "monthly_trading_by_contry"), {}, "DM3011", "monthly_trading_by_country"),
    "nothing asked for": (("query",), {}, "DM3", ""),
    "a filter that is none": ((*REVENUE, "--where", "customer__country ="), {}, "DM3", ""),
    "a date that is none": ((*REVENUE, "--start-time", "yesterday"), {}, "DM3092", "2026-06-30"),
    "an unknown engine": ((*REVENUE, "--source", "postgress"), {}, "DM3031", "`postgres`"),
    "an unknown engine for SQL": (("sql", "SELECT 1 AS one", "--source", "mysql"), {}, "DM3090", "postgres"),
    "SQL that does not parse": (("sql", "SELECT FROM WHERE"), {}, "DM4", ""),
    "SQL that writes": (("sql", "DROP TABLE marts.dim_customers"), {}, "DM4", ""),
    "an attribute that is no pair": ((*REVENUE, "--attr", "region"), {}, "DM1030", "region=EU"),
    "an unknown role": ((*REVENUE, "--as", "root"), {}, "DM1030", "analyst"),
    "an unknown stage": ((*REVENUE, "--explain", "nonsense"), {}, "DM1031", "interpret"),
    "a wrong setting": (REVENUE, {"DATAMIND_MAX_ROWS": "many"}, "DM1001", ""),
    "an engine that is none": (REVENUE, {"DATAMIND_ENGINES": '["mysql"]'}, "DM1001", ""),
    "a list that is no JSON": (REVENUE, {"DATAMIND_ENGINES": "postgres"}, "DM1001", ""),
    "an engine's URL that is none": (REVENUE, {"DATAMIND_POSTGRES_URL": "garbage"}, "DM5010", ""),
    "the store's URL that is none": (REVENUE, {"DATAMIND_STORE_URL": "garbage"}, "DM8018", "DATAMIND_STORE_URL"),
    "an engine that is down": (
        (*REVENUE, "--source", "postgres"),
        {"DATAMIND_POSTGRES_URL": f"postgresql://a:hunter2@{NOWHERE}/b"},
        "DM5001",
        "",
    ),
    "SQL for an engine that is down": (
        ("sql", "SELECT 1 AS one", "--source", "clickhouse"),
        {"DATAMIND_CLICKHOUSE_URL": f"clickhouse://a:hunter2@{NOWHERE}/b"},
        "DM5001",
        "",
    ),
    "a profile's target that is not there": (REVENUE, {"DATAMIND_POSTGRES_URL": "profile:prod"}, "DM1020", "postgres"),
    "no project": (("compile",), {"DATAMIND_DBT_PROJECT_PATH": "nowhere"}, "DM1022", "datamind init"),
    "no project to list": (("list", "metrics"), {"DATAMIND_DBT_PROJECT_PATH": "nowhere"}, "DM1022", ""),
    "no project to ask": (("ask", "revenue"), {"DATAMIND_DBT_PROJECT_PATH": "nowhere"}, "DM1022", ""),
    "no project to sync": (("sync",), {"DATAMIND_DBT_PROJECT_PATH": "nowhere"}, "DM1022", ""),
    "an empty question": (("ask", "  "), {}, "DM6001", "metric"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_a_problem(cli: Cli, name: str) -> None:
    arguments, variables, code, hint = CASES[name]
    told = cli(*arguments, **variables)
    assert told.code == 1
    assert told.out == ""
    assert f" {code}" in " " + told.err
    ran = cli(*arguments, "--json", **variables)
    assert ran.code == 1
    assert ran.problem["code"].startswith(code)
    assert hint in ran.problem["hint"]
    assert ran.problem["message"]
    assert "hunter2" not in told.err + ran.out + ran.err


def test_a_store_that_is_down_is_ours_to_mend(cli: Cli) -> None:
    """What the store keeps cannot be kept, so nothing is asked: exit 2, for whoever runs the service."""
    ran = cli(*REVENUE, "--json", DATAMIND_STORE_URL=f"postgresql://a:hunter2@{NOWHERE}/b")
    assert ran.code == 2
    assert ran.problem["code"] == "DM8011"
    assert "hunter2" not in ran.out + ran.err


def test_an_engine_that_is_down_is_passed_over_with_the_reason(cli: Cli) -> None:
    ran = cli(*REVENUE, "--json", DATAMIND_CLICKHOUSE_URL=f"clickhouse://a@{NOWHERE}/b")
    assert ran.code == 0
    assert ran.json["engine"] == "postgres"
    assert "clickhouse can't be reached" in ran.json["engine_reason"]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda path: path.unlink(), "DM2001"),
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "DM2002"),
        (lambda path: path.write_text(path.read_text().replace("manifest/v12.json", "manifest/v99.json")), "DM2003"),
        (lambda path: path.open("r+b").truncate(500 << 20), "DM2004"),
    ],
)
def test_artifacts_that_cannot_be_read_leave_nothing_behind(cli: Cli, demo_folder: Path, tmp_path: Path, spoil, code: str) -> None:
    project = tmp_path / "project"
    shutil.copytree(demo_folder / "dbt_project", project)
    spoil(project / "target" / "postgres" / "manifest.json")
    ran = cli("compile", "--project-dir", str(project), "--out", str(tmp_path / "out"), "--json")
    assert (ran.code, ran.problem["code"]) == (1, code)
    assert not (tmp_path / "out").exists()
    assert cli("sync", "--json", DATAMIND_DBT_PROJECT_PATH=str(project), DATAMIND_DBT_PARSE="false").problem["code"] == code


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("ask",), ("list", "tables"), ("query", "--limit", "many"), ("query", "--nonsense"), ("users", "nonsense")]
)
def test_wrong_usage_is_exit_2_and_told_on_standard_error(cli: Cli, arguments: tuple[str, ...]) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err


def test_a_fault_of_ours_is_an_incident(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is put there: no input is known to cause one."""

    def broken(_source: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(room, "compile_source", broken)
    ran = cli("list", "metrics", "--json", DATAMIND_DATA_DIR=str(tmp_path))
    assert (ran.code, ran.problem["code"]) == (2, "DM9001")
    (incident,) = (tmp_path / "incidents").iterdir()
    assert "a fault of ours" in incident.read_text()
    assert "a fault of ours" not in ran.out + ran.err
    assert incident.name.removesuffix(".txt") in ran.problem["message"]
