"""A sync through any door: what was left half-way is mended first, a project that is gone is told, and who wants it no more is obeyed."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.adapters.dbt.checkout import MARK
from app.adapters.store.database import Database
from app.adapters.store.locks import StoredLocks
from app.cli import watch
from app.errors import InternalError, UserError
from app.model.jobs import JobState
from app.ports import Cancel
from app.service import jobs, renew
from app.service.deps import Deps
from app.service.in_step import in_step
from app.service.publishing import Doer
from app.service.sync import sync
from tests.engines.service.conftest import Followed
from tests.engines.service.place import Place
from tests.engines.service.test_sync_job import HANDLERS, METRICS, Beside, edit, requested
from tests.unit.adapters.dbt.test_checkout import git

Door = Callable[[Deps], object]


def by_a_job(deps: Deps) -> None:
    """As a worker does it that can't reach the remote: it fails, and is to be tried again."""
    assert jobs.run(deps, requested(deps, fetch=True).id, HANDLERS) == JobState.QUEUED
    assert jobs.run(deps, requested(deps).id, HANDLERS) == JobState.SUCCEEDED


DOORS: dict[str, Door] = {"a job": by_a_job, "the command line": lambda deps: in_step(deps, Doer("cli")), "sync alone": sync}


@pytest.mark.parametrize("door", DOORS)
def test_a_checkout_whose_move_was_killed_is_mended_at_every_door(followed: Followed, door: str) -> None:
    """The worker was killed when git had written one target's manifest of two; the remote is away since."""
    here = followed.place
    old, head = sync(here.deps, dry_run=True).layer_version, git(here.folder, "rev-parse", "HEAD")
    _, to = followed.commit()
    git(here.folder, "fetch", "-q", "origin", "main")
    here.manifest.write_bytes(followed.author.manifest.read_bytes())
    (here.folder / ".git" / MARK).write_text(to)
    (here.folder.parent / "origin.git").rename(here.folder.parent / "gone.git")
    DOORS[door](here.deps)
    current = here.deps.layers.current(here.deps.project_id)
    assert (current.number, current.version, current.git_commit) == (1, old, head)
    assert git(here.folder, "status", "--porcelain") == ""


@pytest.mark.parametrize(("kind", "fetch"), [("place", False), ("followed", False), ("followed", True)])
def test_a_project_that_is_not_there_is_told_so(kind: str, fetch: bool, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(kind)
    here: Place = found.place if isinstance(found, Followed) else found
    assert sync(here.deps).published
    shutil.rmtree(here.folder)
    with pytest.raises(UserError) as raised:
        in_step(here.deps, Doer("cli"), fetch=fetch)
    assert raised.value.problem.code == "DM1022"
    job = requested(here.deps, fetch=fetch)
    assert jobs.run(here.deps, job.id, HANDLERS) == JobState.REFUSED
    assert jobs.problems_of(jobs.find(here.deps, job.id))[0].code == "DM1022"


@pytest.mark.parametrize("when", ["mend", "content", "edited", "last_edit"])
def test_a_project_that_vanishes_meanwhile_is_told_so(place: Place, when: str) -> None:
    edit(place, METRICS, "label: Bounce rate", "label: Bounced")
    gone = Beside(place.deps.project, when, lambda: shutil.rmtree(place.folder, ignore_errors=True))
    with pytest.raises(UserError) as raised:
        in_step(replace(place.deps, project=gone), Doer("cli"))
    assert raised.value.problem.code == "DM1022"


@pytest.mark.timeout(120)
def test_who_waits_for_the_turn_no_more_is_let_go(place: Place) -> None:
    cancel = Cancel()
    with place.deps.locks.hold("sync", place.deps.project_id) as ours:
        assert ours
        threading.Timer(0.3, cancel.cancel).start()
        with pytest.raises(UserError) as raised:
            in_step(place.deps, Doer("cli"), seconds=3600.0, cancel=cancel)
    assert raised.value.problem.code == "DM8066"


@pytest.mark.timeout(180)
def test_who_waits_for_dbt_no_more_is_let_go(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renew, "PARSE_SECONDS", 3600.0)
    edit(place, METRICS, "label: Bounce rate", "label: Bounced")
    endless = "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %} select 1 as id"
    (place.folder / "models" / "endless.sql").write_text(endless, encoding="utf-8")
    cancel = Cancel()

    def tell(step: str) -> None:
        if step == "parse":
            threading.Timer(3, cancel.cancel).start()

    with pytest.raises(UserError) as raised:
        in_step(place.deps, Doer("cli"), cancel=cancel, tell=tell)
    assert raised.value.problem.code == "DM8066"
    assert place.deps.layers.current(place.deps.project_id) is None


def test_what_was_cancelled_while_dbt_parsed_is_not_published(place: Place) -> None:
    cancel = Cancel()
    with pytest.raises(UserError) as raised:
        in_step(replace(place.deps, project=Beside(place.deps.project, "edited", cancel.cancel)), Doer("cli"), cancel=cancel)
    assert raised.value.problem.code == "DM8066"
    assert place.deps.layers.current(place.deps.project_id) is None


def test_watching_outlives_a_store_that_is_away(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    here = followed.place
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
    away = replace(here.deps, locks=StoredLocks(Database(f"postgresql://me@localhost/none?host={tmp_path}")))
    tried: list[Deps] = []

    class Over(Exception):
        """The test has seen enough."""

    def publish(seen: Callable[[str], None]) -> None:
        tried.append(away if len(tried) < 3 else here.deps)
        in_step(tried[-1], Doer("cli"), seen=seen)
        if len(tried) == 5:
            raise Over
        here.change()

    with pytest.raises(InternalError):
        in_step(away, Doer("cli"))
    with pytest.raises(Over):
        watch.watch(here.deps, publish)
    assert tried == [away, away, away, here.deps, here.deps]
    assert here.deps.layers.current(here.deps.project_id).number == 2
    assert capsys.readouterr().err.count("DM8011") == 1
