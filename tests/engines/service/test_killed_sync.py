"""A sync that is killed anywhere leaves the old layer or the new one, and the next sync ends what it began."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.model.jobs import JobKind, JobState
from app.service import jobs
from app.service.compile import compile_source
from app.service.deps import Deps
from app.service.in_step import in_step
from app.service.publishing import Doer
from app.service.sync import Step, sync
from app.service.sync_job import run_sync
from app.service.versions import list_versions
from app.settings import Settings
from app.wiring.deps import opened
from app.wiring.servers import Servers
from tests.engines.service.conftest import Followed
from tests.engines.service.place import Place
from tests.support.demo import Demo

PORTS = ("layers", "candidates", "audit", "training", "retriever", "bus", "project", "jobs", "locks", "dbt")
HANDLERS = {JobKind.SYNC: run_sync}


class Deadly:
    """A port whose calls are counted with those of the others, all or those of a method; the process is killed before the call of a number, which is after the
    one before it too."""

    def __init__(self, port: Any, count: Any, fatal: int, method: str) -> None:
        self._port, self._count, self._fatal, self._method = port, count, fatal, method

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)

        def call(*args: Any, **more: Any) -> Any:
            if self._method in ("", name) and next(self._count) == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return found(*args, **more)

        return call if callable(found) else found


def worked_until(settings: Settings, servers: Servers, job_id: str, fatal: int, method: str = "") -> None:
    """In a process of its own: a worker that is killed at a call of a port while it runs a job."""
    with opened(settings, servers) as deps:
        count = itertools.count()
        deadly = {name: Deadly(getattr(deps, name), count, fatal, method) for name in PORTS}
        quality = replace(deps.quality, store=Deadly(deps.quality.store, count, fatal, method))
        jobs.run(replace(deps, **deadly, quality=quality), job_id, HANDLERS)


def synced_until_step(settings: Settings, servers: Servers, step: Step) -> None:
    """In a process of its own: a sync that is killed where a step begins."""
    with opened(settings, servers) as deps:
        sync(deps, tell=lambda begun: os.kill(os.getpid(), signal.SIGKILL) if begun is step else None)


def exit_code(work: Any, *args: Any) -> int | None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tests.engines.service.place"])
    process = context.Process(target=work, args=args)
    process.start()
    process.join(120)
    return process.exitcode


@pytest.fixture
def settings(demo: Demo, small_place: Place) -> Settings:
    return demo.settings.model_copy(update={"dbt_project_path": small_place.folder, "project_id": small_place.deps.project_id})


def plain(servers: Servers) -> Servers:
    """The addresses alone, which another process can be given."""
    return Servers(servers.store, servers.redis, dict(servers.engines), dict(servers.owners), float)


def check_whole(deps: Deps, old: str, new: str) -> str:
    """The layer that a fresh process is served: all of the old one or all of the new one."""
    deps.serving.expire()
    layer = deps.serving.layer()
    current = deps.layers.current(deps.project_id)
    assert layer.fingerprint() == current.document_hash
    assert layer.version == current.version
    assert layer.version in (old, new)
    return layer.version


def held_right(deps: Deps) -> bool:
    """Whether the training set of the served layer is what the folder's project makes."""
    current = deps.layers.current(deps.project_id)
    held = {item.id for item in deps.training.of_layer(deps.project_id, current.document_hash)}
    return held == {item.id for item in compile_source(deps.project).training()}


@pytest.mark.timeout(900)
def test_a_worker_killed_at_any_call_and_a_sync_through_another_door(demo: Demo, followed: Followed) -> None:
    """A commit comes, a worker is killed while it brings the layer up to it, somebody syncs at the command line, and the job is run again."""
    place, servers, fatal, seen = followed.place, plain(demo.servers), 0, []
    deps, old = place.deps, in_step(place.deps, Doer("cli")).layer_version
    while True:
        before = deps.layers.current(deps.project_id).number
        new, commit = followed.commit()
        job = jobs.request(deps, JobKind.SYNC, {"fetch": True}, trigger="admin", by="usr_ana")
        code = exit_code(worked_until, followed.settings, servers, job.id, fatal)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        seen.append(check_whole(deps, old, new) == new)
        moved = deps.project.git_commit() == commit
        between = in_step(deps, Doer("cli"))
        assert between.layer_version == check_whole(deps, old, new) == (new if moved else old)
        assert jobs.run(deps, job.id, HANDLERS) == JobState.SUCCEEDED
        current = deps.layers.current(deps.project_id)
        assert (current.number, current.version, current.git_commit) == (before + 1, check_whole(deps, new, new), commit)
        assert held_right(deps)
        assert {one.number for one in list_versions(deps, limit=1000)} == set(range(1, current.number + 1))
        assert not sync(deps).published
        old, fatal = new, fatal + 1
    assert len(seen) >= 25  # the job, fetching, reading, comparing, keeping, recording, publishing, telling, training
    assert seen == sorted(seen)  # up to one call the old layer, from there on the new one
    assert {False, True} == set(seen)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("method", "number"), [("parse", 1), ("read", 0)], ids=["one target is parsed", "all are"])
def test_a_worker_killed_while_it_parses_and_a_sync_through_another_door(demo: Demo, place: Place, method: str, number: int) -> None:
    settings = demo.settings.model_copy(update={"dbt_project_path": place.folder, "project_id": place.deps.project_id})
    old = sync(place.deps).layer_version
    web = place.folder / "models" / "metrics" / "web.yml"
    web.write_text(web.read_text(encoding="utf-8").replace("label: Bounce rate", "label: Bounced"), encoding="utf-8")
    job = jobs.request(place.deps, JobKind.SYNC, {}, trigger="admin", by="usr_ana")
    assert exit_code(worked_until, settings, plain(demo.servers), job.id, number, method) == -signal.SIGKILL
    assert check_whole(place.deps, old, old) == old
    report = in_step(place.deps, Doer("cli"))
    assert (report.published, report.number) == (True, 2)
    for engine in ("postgres", "clickhouse"):
        assert b"Bounced" in (place.folder / "target" / engine / "manifest.json").read_bytes()
    check_whole(place.deps, report.layer_version, report.layer_version)
    assert next(metric.label for metric in place.deps.serving.layer().ontology.metrics if metric.name == "bounce_rate") == "Bounced"


@pytest.mark.parametrize("step", Step)
def test_killed_at_a_step(demo: Demo, small_place: Place, settings: Settings, step: Step) -> None:
    old = sync(small_place.deps).layer_version
    small_place.change()
    new = sync(small_place.deps, dry_run=True).layer_version
    assert exit_code(synced_until_step, settings, plain(demo.servers), step) == -signal.SIGKILL
    assert check_whole(small_place.deps, old, new) == (new if step is Step.TRAIN else old)
    assert sync(small_place.deps).layer_version == new


def test_the_folder_of_the_project_is_as_it_was(small_place: Place) -> None:
    def names() -> set[Path]:
        return {path.relative_to(small_place.folder) for path in small_place.folder.rglob("*")}

    before = names()
    sync(small_place.deps)
    assert names() == before
