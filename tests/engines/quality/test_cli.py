"""`datamind dbt` and `datamind quality` as people use them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.ports import Cancel
from tests.engines.quality.conftest import SLOW, Sick, eventually, sleeping, timeless
from tests.support.demo import TODAY

Datamind = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def environment(sick: Sick) -> dict[str, str]:
    left = {name: value for name, value in os.environ.items() if not name.startswith(("DATAMIND_", "DBT_"))}
    return left | {
        "DATAMIND_DATA_DIR": str(sick.demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(sick.demo.settings.dbt_project_path),
        "DATAMIND_TODAY": TODAY,
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def datamind(environment: dict[str, str], tmp_path: Path) -> Datamind:
    """Run a command in a process of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "app.cli.main", *arguments]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return run


def test_runs_end_as_dbts_do_and_answers_know(sick: Sick, datamind: Datamind) -> None:
    passed = datamind("dbt", "test", "--select", "accepted_values_fct_orders_sales_channel__web__app__store", "--target", "postgres")
    assert passed.returncode == 0, passed.stderr
    assert "Completed successfully" in passed.stdout
    assert "1 of 1 results passed; answers on postgres know of them" in passed.stderr
    with sick.wrong("postgres", "marts.fct_orders", "sales_channel", "fax", "order_id"):
        failed = datamind("dbt", "test", "-s", "fct_orders", "-t", "postgres", "--json")
        assert failed.returncode == 1
        report = json.loads(failed.stdout)
        assert (report["status"], report["counts"]["fail"]) == ("failed", 1)
        asked = datamind("query", "--metrics", "orders", "--source", "postgres")
        assert asked.returncode == 0
        assert "warning DM8070 test `accepted_values_fct_orders_sales_channel__web__app__store` on `fct_orders` failed at" in asked.stderr
        rows = datamind("query", "--metrics", "orders", "--source", "postgres", "--csv")
        assert "DM8070" in rows.stderr
        listed = datamind("quality", "--source", "postgres")
        assert "accepted_values_fct_orders_sales_channel" in listed.stdout
        assert "1 did not" in listed.stderr
        found = json.loads(datamind("quality", "--json", "--source", "clickhouse").stdout)
        assert found == []
        analyst = datamind("quality", "--json", "--as", "analyst", "--attr", "region=DACH")
        assert json.loads(analyst.stdout) == [], "its name holds values, and rows are hidden from analysts"
    assert datamind("dbt", "test", "-s", "fct_orders", "-t", "postgres", "-q").stdout == ""
    assert timeless(sick.ask("orders", source="postgres").problems) == []


def test_runs_are_listed(sick: Sick, datamind: Datamind) -> None:
    report = sick.dbt("test", "not_null_fct_orders_order_id")
    (newest,) = json.loads(datamind("dbt", "runs", "--limit", "1", "--json").stdout)
    assert (newest["id"], newest["status"], newest["selection"]) == (report.id, "succeeded", "--select not_null_fct_orders_order_id")
    assert "succeeded" in datamind("dbt", "runs").stdout


def test_what_dbt_does_not_take_ends_with_two_and_problems_with_one(datamind: Datamind) -> None:
    broken = datamind("dbt", "run", "--vars", "{types: 3}", "--target", "postgres")
    assert broken.returncode == 2, broken.stdout
    unknown = datamind("dbt", "run", "--select", "fct_order", "--json")
    assert unknown.returncode == 1
    assert json.loads(unknown.stdout)["problems"][0]["code"] == "DM8063"
    assert datamind("dbt", "freshness", "--full-refresh").returncode == 2, "no such option"


def test_dbt_at_a_prompt_counts_for_the_next_question_there(sick: Sick, datamind: Datamind) -> None:
    """The artifacts of a plain dbt, without any command of ours, are read from the folder and kept nowhere."""
    with sick.wrong("clickhouse", "marts.fct_orders", "sales_channel", "fax", "order_id"):
        deps = sick.demo.deps
        outcome = deps.dbt.run(deps.dbt.target("clickhouse"), ("test", "--select", "fct_orders"), {}, lambda _line: None, Cancel())
        assert not outcome.success
        asked = datamind("query", "--metrics", "orders", "--source", "clickhouse")
        assert "warning DM8070" in asked.stderr
        assert sick.ask("orders", source="clickhouse").problems == (), "the service learns of it by a sync"
        assert datamind("sync").returncode == 0
        deps.quality.held.expire()
        assert timeless(sick.ask("orders", source="clickhouse").problems) != []
    sick.dbt("test", "fct_orders", target="clickhouse")
    assert sick.ask("orders", source="clickhouse").problems == ()


def test_ctrl_c_cancels_the_run(sick: Sick, environment: dict[str, str], tmp_path: Path) -> None:
    slow = sick.demo.settings.dbt_project_path / "models" / "slow.sql"
    slow.write_text(SLOW, encoding="utf-8")
    try:
        words = [sys.executable, "-m", "app.cli.main", "dbt", "run", "--select", "slow", "--target", "postgres"]
        process = subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert eventually(lambda: sleeping(sick) == 1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        slow.unlink()
    assert process.returncode == 130, errors
    assert sleeping(sick) == 0
    assert sick.demo.deps.dbt_runs.page(sick.demo.deps.project_id, "", 1)[0].status == "cancelled"
