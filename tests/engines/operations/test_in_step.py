"""A commit is answered from seconds later; one that breaks is refused, forced, rolled back; workers are killed at every step, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model.ids import new_id
from app.model.jobs import Job, JobKind, JobState
from app.service.in_step import STEPS
from tests.engines.operations.page import Page
from tests.engines.operations.site import Site, site, until
from tests.support.demo import Demo

WEB = "models/metrics/web.yml"
NEW = """
  - name: bounce_share
    label: Bounce share
    description: Share of the visits that saw one page only, once more.
    type: ratio
    type_params:
      numerator: bounces
      denominator: sessions
"""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def running(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(demo, tmp_path_factory.mktemp("site")) as found:
        yield found


def described(text: str) -> str:
    """The text with another word in the description of a metric."""
    head, mark, tail = text.partition("description: Share of the visits that saw one page only")
    return f"{head}{mark}, and again{tail}"


def test_from_commit_to_answer_and_back(running: Site) -> None:
    here = running
    here.start_workers("first", "second")
    here.start_beats()
    until(lambda: here.answers("bounce_rate"))  # by the schedule alone: nobody asked

    # A new metric is answered seconds after the webhook.
    assert not here.answers("bounce_share")
    job = here.webhook(here.commit(WEB, lambda text: text + NEW, "Add bounce_share"))
    seconds = until(lambda: here.answers("bounce_share"), every=0.02)
    print(f"answered {seconds:.2f} s after the webhook")
    done = here.ended(job)
    assert (done["state"], done["result"]["published"]) == ("succeeded", True), done
    version = done["result"]["number"]

    page = Page("in step")
    page.begins = version
    page.run(here)  # jobs list

    # One that breaks is refused, with file and line, and the old layer is served on.
    refused = here.ended(here.webhook(here.commit(WEB, lambda text: text.replace("bounce_share", "bounced_share"), "Rename it")))
    assert (refused["state"], refused["problems"][0]["code"]) == ("refused", "DM8003")
    place = next(problem["where"] for problem in refused["problems"] if problem["code"] == "DM8005")
    assert place["file"] == WEB
    assert place["line"] > 1
    page.run(here)  # sync
    assert here.answers("bounce_share")

    # An admin forces it, and takes it back by one command.
    page.run(here)  # sync --force
    until(lambda: here.answers("bounced_share"))
    assert not here.answers("bounce_share")
    page.run(here)  # versions rollback
    until(lambda: here.answers("bounce_share"))
    assert not here.answers("bounced_share")
    page.run(here)  # sync
    page.run(here)  # versions diff
    assert page.left == []

    # Over HTTP too.
    forced = here.api("POST", "/admin/sync", {"force": True, "reason": "agreed"})
    assert here.ended(forced.json()["id"])["state"] == "succeeded"
    until(lambda: here.answers("bounced_share"))
    assert here.api("POST", "/versions/rollback", {"reason": "not agreed after all"}).status_code == 200
    until(lambda: here.answers("bounce_share"))
    listed = [one["number"] for one in here.api("GET", "/versions").json()["items"]]
    assert listed == list(range(version + 4, 0, -1))

    # Mended in the repository, the project is in step again.
    mended = here.ended(here.webhook(here.commit(WEB, lambda text: text.replace("bounced_share", "bounce_share"), "Name it as before")))
    assert mended["state"] == "succeeded", mended


def test_workers_are_killed_at_every_step_and_a_beat_that_another_stands_in_for(running: Site) -> None:
    here = running
    if "first" not in here.running:
        here.start_workers("first")
        here.api("POST", "/admin/sync", {})
        until(lambda: here.answers("bounce_rate"))
    other = here.kill_the_beat()  # its lock is held for half a minute on
    twice: list[str] = []
    for number, step in enumerate(STEPS):
        job = here.webhook(here.commit(WEB, described, f"Describe it, {number}"))

        def reached(job: str = job, step: str = step) -> bool:
            steps = here.demo.deps.jobs.events(here.project_id, job, 0, 1000)
            return any(f'"step":"{step}"' in event.data for event in steps)

        until(reached, every=0.01)
        for name in {"first", "second"} & set(here.running):
            here.kill(name)
        assert here.answers("bounce_rate")  # from the old layer or the new one
        here.start_workers("first")
        done = here.ended(job)
        assert done["state"] == "succeeded", (step, done["problems"])
        if done["attempts"] == 2:  # else it was done before it could be killed
            twice.append(job)
    Page("a kill").run(here, twice[0])
    until(lambda: "Acquired lock" in here.log(other))
    current = here.api("GET", "/versions/current").json()["version"]
    assert current["git_commit"]
    assert here.answers("bounce_rate")


def test_a_dead_job_is_replayed(running: Site) -> None:
    here, now = running, dt.datetime.now(dt.UTC)
    job = Job(new_id("job"), here.project_id, JobKind.SYNC, "{}", "admin", "cli", now, now, state=JobState.DEAD, attempts=4)
    assert here.demo.deps.jobs.add(job)
    page = Page("dead")
    page.run(here)  # jobs list --state dead
    page.run(here, job.id)  # jobs replay
    here.start_workers("first")
    assert here.ended(job.id)["state"] == "succeeded"


def test_dbt_is_run_by_a_worker_and_followed(running: Site) -> None:
    here = running
    here.start_workers("first")
    asked = here.api("POST", "/admin/dbt/test", {"target": "postgres", "select": ["dim_products"]})
    Page("dbt").run(here, asked.json()["id"])


def test_the_log_of_no_part_holds_a_secret(running: Site, tmp_path: Path) -> None:
    del tmp_path
    logs = "".join(path.read_text(encoding="utf-8", errors="replace") for path in running.folder.glob("*.log"))
    assert logs
    secrets = [
        url.split("//", 1)[1].rpartition("@")[0].partition(":")[2]
        for url in (running.demo.servers.store, *running.demo.servers.owners.values())
    ]
    for secret in filter(None, secrets):
        assert secret not in logs
