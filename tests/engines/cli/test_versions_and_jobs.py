"""`datamind sync`, `versions` and `jobs` at the terminal."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model.ids import new_id
from app.model.jobs import JobKind
from app.service import jobs
from app.service.deps import Deps
from app.service.sync_job import run_sync
from app.wiring.deps import opened
from tests.engines.cli.conftest import Cli, Ran
from tests.support.demo import ROOT, Demo

WATCH = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where whoever started the tests ignores it
from app.cli.main import main
sys.argv = ["datamind", "sync", "--watch"]
main()
"""

Here = tuple[Cli, Path, Deps]


@pytest.fixture
def here(cli: Cli, demo: Demo, tmp_path: Path) -> Iterator[Here]:
    """The command line on a copy of the project under a project id of its own, and the Deps of a worker there."""
    folder, project_id = tmp_path / "dbt_project", new_id("prj")
    shutil.copytree(demo.settings.dbt_project_path, folder)
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": project_id})

    def run(*words: str) -> Ran:
        return cli(*words, DATAMIND_PROJECT_ID=project_id, DATAMIND_DBT_PROJECT_PATH=str(folder))

    with opened(settings, demo.servers) as deps:
        yield run, folder, deps


def drop(folder: Path, metric: str = "bounce_rate") -> None:
    for engine in ("postgres", "clickhouse"):
        path = folder / "target" / engine / "manifest.json"
        manifest = json.loads(path.read_bytes())
        manifest["metrics"].pop(f"metric.kettle_and_crane.{metric}")
        path.write_text(json.dumps(manifest))
        (path.parent / "semantic_manifest.json").unlink(missing_ok=True)


def test_a_breaking_change_is_refused_shown_forced_and_taken_back(here: Here) -> None:
    run, folder, _ = here
    first = run("sync")
    assert (first.code, "published as version 1" in first.err) == (0, True)
    drop(folder)
    refused = run("sync")
    assert refused.code == 1
    assert "models/metrics/web.yml:45:5 error DM8005" in refused.err
    dry = run("sync", "--dry-run")
    assert (dry.code, "breaking" in dry.out, "would not be published" in dry.err) == (0, True, True)
    assert "DM8003" in dry.err
    listed = run("versions", "list")
    assert "waits for an admin: cnd_" in listed.err
    (waits,) = run("versions", "list", "--json").json["waiting"]
    assert "bounce_rate" in run("versions", "show", waits["id"]).out
    unreasoned = run("sync", "--force")
    assert (unreasoned.code, "it wants a reason" in unreasoned.err) == (2, True)
    forced = run("sync", "--force", "--reason", "nobody asks for it", "--json").json
    assert (forced["published"], forced["number"]) == (True, 2)
    shown = run("versions", "show")
    assert "version 2, layer" in shown.out
    assert "(forced)" in shown.out
    assert "nobody asks for it" in shown.out
    back = run("versions", "rollback", "--reason", "it is asked for")
    assert (back.code, "as version 3, which is version 1 again" in back.err) == (0, True)
    again = run("sync")
    assert (again.code, "DM8009" in again.err) == (1, True)
    assert [one["number"] for one in run("versions", "list", "--json").json["versions"]] == [3, 2, 1]
    differs = run("versions", "diff", "1", "2")
    assert "bounce_rate" in differs.out
    assert run("versions", "diff", "1", "3").out.endswith("nothing changes\n")


def test_what_waits_is_decided(here: Here) -> None:
    run, folder, _ = here
    run("sync")
    drop(folder)
    run("sync")
    (waits,) = run("versions", "list", "--json").json["waiting"]
    assert run("versions", "reject", waits["id"]).code == 1
    assert run("versions", "reject", waits["id"], "--reason", "no", "--json").json["state"] == "rejected"
    approved = run("versions", "approve", waits["id"], "--reason", "yes", "--json").json
    assert (approved["number"], approved["origin"], approved["reason"]) == (2, "approved", "yes")


@pytest.mark.parametrize("words", [("show", "99"), ("diff", "98", "99"), ("rollback",), ("approve", "cnd_none", "--reason", "x")])
def test_a_version_that_is_not_there(here: Here, words: tuple[str, ...]) -> None:
    run, _, _ = here
    ended = run("versions", *words, "--json")
    assert (ended.code, ended.problem["code"]) == (1, "DM8021")


def test_jobs_are_listed_followed_and_replayed(here: Here) -> None:
    run, folder, deps = here
    done = jobs.request(deps, JobKind.SYNC, {}, trigger="admin", by="usr_ana")
    jobs.run(deps, done.id, {JobKind.SYNC: run_sync})
    followed = run("jobs", "follow", done.id)
    assert (followed.code, f"job {done.id} succeeded" in followed.err) == (0, True)
    assert run("jobs", "show", done.id, "--json").json[0]["result"]["published"] is True
    drop(folder)
    refused = jobs.request(deps, JobKind.SYNC, {}, trigger="admin", by="usr_ana")
    jobs.run(deps, refused.id, {JobKind.SYNC: run_sync})
    followed = run("jobs", "follow", refused.id)
    assert (followed.code, "DM8003" in followed.err, "DM8005" in followed.err) == (1, True, True)
    assert "DM8005" in run("jobs", "show", refused.id).err
    dead = jobs.keep_unreadable(deps, {"reason": "unknown task"})
    assert [one["id"] for one in run("jobs", "list", "--state", "dead", "--json").json] == [dead.id]
    assert dead.id in run("jobs", "list").out
    assert run("jobs", "replay", dead.id, "--json").problem["code"] == "DM8033"
    assert run("jobs", "replay", done.id, "--json").problem["code"] == "DM8031"
    assert run("jobs", "show", "job_none", "--json").problem["code"] == "DM8030"
    assert run("jobs", "list", "--state", "gone").code == 2


def test_watching_publishes_after_each_edit_and_shows_what_is_refused(demo: Demo, environment: dict[str, str], tmp_path: Path) -> None:
    folder, log = tmp_path / "dbt_project", tmp_path / "log"
    shutil.copytree(demo.settings.dbt_project_path, folder)
    web = folder / "models" / "metrics" / "web.yml"
    variables = environment | {"DATAMIND_PROJECT_ID": new_id("prj"), "DATAMIND_DBT_PROJECT_PATH": str(folder), "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out:
        watching = subprocess.Popen(
            [sys.executable, "-c", WATCH], env=variables, cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )

    def told(text: str) -> None:
        deadline = time.monotonic() + 60
        while text not in log.read_text():
            assert watching.poll() is None
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

    try:
        told("published as version 1")
        text = web.read_text()
        web.write_text(text.replace("Share of the visits that saw one page only.", "Share of one-page visits."))
        told("published as version 2")
        web.write_text(text.replace("numerator: bounces", "numerator: bounces_"))
        told("error DM")
        web.write_text(text.replace("label: Bounce rate", "label: Bounce quota"))
        told("published as version 3")
        watching.send_signal(signal.SIGINT)
        assert watching.wait(30) == 130
    finally:
        watching.kill()
        watching.wait()
    assert "Traceback" not in log.read_text()


def test_a_sync_parses_what_was_edited(here: Here) -> None:
    run, folder, _ = here
    assert "would be published" in run("sync", "--dry-run").err
    assert run("sync").code == 0
    assert "is current already" in run("sync", "--dry-run").err
    path = folder / "models" / "metrics" / "web.yml"
    path.write_text(path.read_text().replace("name: bounce_rate", "name: share_of_bounces", 1))
    dry = run("sync", "--dry-run")
    assert "bounce_rate" in dry.out
    ran = run("sync")
    assert ran.code == 1
    assert "DM8003" in ran.err
