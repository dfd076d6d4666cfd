"""`datamind import` and `export`: where files and report go, and how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import main

MODEL = """
cubes:
  - name: orders
    sql_table: s.orders
    dimensions: [{name: id, sql: id, type: number, primary_key: true}, {name: at, sql: at, type: time}]
    measures: [{name: count, type: count}]
    pre_aggregations: [{name: daily}]
"""
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in an empty folder, without a dbt project; gives the exit code."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATAMIND_DBT_PROJECT_PATH", "DBT_PROJECT_PATH", "DBT_TARGET"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "model.yml").write_text(MODEL, encoding="utf-8")

    def command(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["datamind", *words])
        try:
            main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 0
        return 0

    return command


def test_the_draft_is_the_result(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--from", "cube", "model.yml") == 0
    out, err = capfd.readouterr()
    assert out.startswith("# Drafted by `datamind import --from cube` from model.yml")
    assert "without a dbt project" in err
    assert "DM2653" in err
    assert "DM2653" not in out


def test_files_are_not_written_over(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--from", "cube", "model.yml", "--out", "d") == 0
    assert run("import", "--from", "cube", "model.yml", "--out", "d") == 0, "what says the same may be written"
    Path("d/orders.yml").write_text("mine", encoding="utf-8")
    assert run("import", "--from", "cube", "model.yml", "--out", "d") == 1
    assert Path("d/orders.yml").read_text(encoding="utf-8") == "mine"
    assert "DM2354" in capfd.readouterr().err
    assert run("import", "--from", "cube", "model.yml", "--out", "d", "--force") == 0
    assert "semantic_models" in Path("d/orders.yml").read_text(encoding="utf-8")


def test_what_is_in_the_way_is_a_problem(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("mine", encoding="utf-8")
    Path("d").mkdir()
    Path("d/orders.yml").write_bytes(b"\xff\xfe")
    for out in ("file", "d"):
        assert run("import", "--from", "cube", "model.yml", "--out", out) == 1
        assert "DM2354" in capfd.readouterr().err


def test_quiet_leaves_the_report(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--from", "cube", "model.yml", "--out", "d", "-q") == 0
    err = capfd.readouterr().err
    assert "wrote" not in err
    assert "without a dbt project" not in err
    assert "DM2653" in err


def test_the_report_as_json(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--from", "cube", "model.yml", "--out", "d", "--report", "json", "--strict") == 1
    report = json.loads(capfd.readouterr().out)
    assert report["files"] == ["orders.yml"]
    assert report["counts"]["lost"] == 1
    lost = next(item for item in report["items"] if item["kind"] == "lost")
    assert lost["place"] == {"file": "model.yml", "line": 7, "column": 24}
    assert (lost["code"], lost["item"]) == ("DM2653", "pre_aggregations `daily` of cube `orders`")


def test_wrong_files(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("import", "--from", "osi", "model.yml") == 1
    assert "DM2651" in capfd.readouterr().err
    assert run("import", "--from", "osi", "nowhere.yml") == 2
    assert run("import", "--from", "else", "model.yml") == 2


def test_an_export_needs_a_project(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("export", "--format", "osi") == 1
    assert "there is no dbt project" in capfd.readouterr().err
    assert run("import", "--from", "cube", "model.yml", "--project-dir", "nowhere") == 1
