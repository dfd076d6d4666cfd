"""Results of dbt's runs in the store, and the runs themselves."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time

import psycopg
import pytest
from msgspec.structs import replace

from app.adapters.store import dbt_runs
from app.adapters.store.database import Database
from app.adapters.store.dbt_runs import StoredDbtRuns
from app.adapters.store.quality import StoredQuality
from app.errors import UserError
from app.model.ids import new_id
from app.model.quality import NodeResult, Reading, ResultKind, ResultStatus
from app.model.records import DbtRunRecord

NOW = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)


def after(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def result(unique_id: str, status: ResultStatus, minutes: int = 0) -> NodeResult:
    return NodeResult(
        unique_id, ResultKind.TEST, unique_id, status, after(minutes), ("model.a",), ("model.a", "model.b"), 3, "Got 3 results"
    )


def reading(minutes: int, *results: NodeResult, known: str = "") -> Reading:
    return Reading(after(minutes), frozenset({*known.split(), *(one.unique_id for one in results)}), results)


@pytest.fixture
def quality(database: Database) -> StoredQuality:
    return StoredQuality(database)


def test_results_come_back_as_they_were_and_once(quality: StoredQuality) -> None:
    project = new_id("prj")
    source = NodeResult(
        "source.s", ResultKind.SOURCE, "raw.s", ResultStatus.WARN, NOW, ("source.s",), loaded_at=after(-60), criteria="warn after 1 hour"
    )
    given = reading(0, result("test.a", ResultStatus.FAIL), source)
    assert quality.revision(project) == 0
    assert quality.record(project, "postgres", given)
    first = quality.revision(project)
    assert first > 0
    assert sorted(quality.results(project, "postgres"), key=lambda one: one.unique_id) == [source, result("test.a", ResultStatus.FAIL)]
    assert not quality.record(project, "postgres", given)
    assert quality.revision(project) == first
    assert quality.results(project, "clickhouse") == []
    assert quality.results(new_id("prj"), "postgres") == []


def test_an_older_result_never_overwrites_a_newer_one(quality: StoredQuality) -> None:
    project = new_id("prj")
    quality.record(project, "postgres", reading(0, result("test.a", ResultStatus.FAIL, 10)))
    assert not quality.record(project, "postgres", reading(1, result("test.a", ResultStatus.PASS, 5)))
    assert [one.status for one in quality.results(project, "postgres")] == [ResultStatus.FAIL]
    assert quality.record(project, "postgres", reading(1, result("test.a", ResultStatus.PASS, 11)))
    assert [one.status for one in quality.results(project, "postgres")] == [ResultStatus.PASS]


def test_a_test_that_is_gone_is_forgotten_but_not_by_an_older_manifest(quality: StoredQuality) -> None:
    project = new_id("prj")
    quality.record(project, "postgres", reading(0, result("test.a", ResultStatus.FAIL), result("test.b", ResultStatus.FAIL)))
    assert not quality.record(project, "postgres", reading(-1, known="test.b"))
    assert [one.unique_id for one in quality.results(project, "postgres")] == ["test.a", "test.b"]
    before = quality.revision(project)
    assert quality.record(project, "postgres", reading(2, known="test.b"))
    assert [one.unique_id for one in quality.results(project, "postgres")] == ["test.b"]
    assert quality.revision(project) > before
    assert not quality.record(project, "postgres", reading(1, result("test.a", ResultStatus.FAIL, 1)))


def test_more_results_than_one_statement_takes(quality: StoredQuality) -> None:
    project = new_id("prj")
    many = [result(f"test.{number:05}", ResultStatus.PASS) for number in range(2_500)]
    assert quality.record(project, "postgres", reading(0, *many))
    assert len(quality.results(project, "postgres")) == 2_500
    assert quality.record(project, "postgres", reading(1, many[0]))
    assert len(quality.results(project, "postgres")) == 1


def run(project: str, target: str = "postgres", by: str = "ana@example.com") -> DbtRunRecord:
    return DbtRunRecord(new_id("dbt"), project, target, "build", by, NOW, "tag:nightly")


def test_one_run_a_target(database: Database, store_url: str) -> None:
    project, mine, others = new_id("prj"), StoredDbtRuns(database), Database(store_url)
    theirs = StoredDbtRuns(others)
    first = run(project)
    try:
        with mine.alone(first):
            with pytest.raises(UserError) as raised, theirs.alone(run(project, by="ben")):
                pytest.fail("two runs on one target")
            assert raised.value.problem.code == "DM8061"
            assert "`dbt build` of ana@example.com, since 2026-11-21 10:00:00 UTC" in raised.value.problem.message
            with theirs.alone(run(project, "clickhouse")), theirs.alone(run(new_id("prj"))):
                pass
        mine.end(replace(first, status="failed", ended_at=after(1)))
        with theirs.alone(run(project, by="ben")):
            pass
    finally:
        others.close()
    assert [(one.requested_by, one.status) for one in mine.page(project, "", 10) if one.target == "postgres"] == [
        ("ben", "running"),
        ("ana@example.com", "failed"),
    ]


def test_the_newest_runs_are_kept_and_those_that_run(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_runs, "KEPT", 3)
    project, other, runs = new_id("prj"), new_id("prj"), StoredDbtRuns(database)
    first, *ids = sorted(new_id("dbt") for _ in range(6))
    elsewhere, long, short = run(other), replace(run(project, "clickhouse"), id=first), [replace(run(project), id=one) for one in ids]
    with runs.alone(elsewhere), runs.alone(long):
        for one in short:
            with runs.alone(one):
                runs.end(replace(one, status="succeeded", ended_at=after(1)))
    assert [one.id for one in runs.page(project, "", 10)] == [*(one.id for one in reversed(short[2:])), long.id]
    assert [one.id for one in runs.page(project, short[3].id, 1)] == [short[2].id]
    assert [one.id for one in runs.page(other, "", 10)] == [elsewhere.id]


HOLDER = """
import datetime as dt, sys, time
from app.adapters.store.database import Database
from app.adapters.store.dbt_runs import StoredDbtRuns
from app.model.records import DbtRunRecord
now = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
with StoredDbtRuns(Database(sys.argv[1])).alone(DbtRunRecord("dbt_0", sys.argv[2], "postgres", "run", "eve", now)):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_process_that_dies_gives_its_target_back(database: Database, store_url: str) -> None:
    project, runs = new_id("prj"), StoredDbtRuns(database)
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, store_url, project], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(UserError), runs.alone(run(project)):
            pass
        os.kill(holder.pid, signal.SIGKILL)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    for _ in range(100):  # the server notices a connection that is gone
        try:
            with runs.alone(run(project)):
                break
        except UserError:
            time.sleep(0.1)
    else:
        pytest.fail("the target is still held")
    with psycopg.connect(store_url) as connection:
        assert connection.execute(
            "SELECT status FROM quality.runs WHERE project_id = %s AND requested_by = 'eve'", [project]
        ).fetchall() == [("died",)]
