"""The small projects of `tests/projects`, other businesses than the demo: built once a test run on servers of their own, and copied for each worker."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.adapters.dbt.runner import DbtCall, DbtProcess
from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.service.sync import sync
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.reader import keep_readers
from app.wiring.servers import Servers, servers
from tests.support.demo import Demo

FOLDER = Path(__file__).resolve().parents[1] / "projects"
TODAY = {"clinics": "2026-06-17", "utility": "2026-05-20", "freight": "2026-08-20", "hotel": "2026-11-05"}
"""Each project by its folder, with the day on which its questions are asked: the day after its data ends."""
PARTS = (Part.STORE, Part.POSTGRES)
"""A warehouse of its own and not a schema of the demo's: what a reader may enter is part of what tests look at."""


def settings_at(name: str, folder: Path) -> Settings:
    """Settings of the project that lives wholly in `folder`, whatever the environment says."""
    return load_settings(
        project_id=name,
        data_dir=folder / "data",
        dbt_project_path=folder / "dbt_project",
        today=TODAY[name],
        engines=("postgres",),
        store_url=None,
        postgres_url=None,
        clickhouse_url=None,
        redis_url=None,
        layer_poll_seconds=0.05,
    )


def prepared(name: str, folder: Path) -> Path:
    """A folder with the project and its data, built and published, made by whichever test worker comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.copytree(FOLDER / name, folder / "dbt_project", ignore=shutil.ignore_patterns("target", "logs"), dirs_exist_ok=True)
            settings = settings_at(name, folder)
            with servers(settings, PARTS, progress=lambda _line: None) as found:
                migrate(found.store)
                _build(settings.dbt_project_path, found)
                with opened(settings, found) as deps:
                    sync(deps)
                    deps.serving.expire()
                    keep_readers(deps, found)
            (folder / "done").touch()
    return folder


@contextmanager
def running(name: str, prepared_folder: Path, folder: Path) -> Iterator[Demo]:
    """A copy of the prepared project, running."""
    shutil.copytree(prepared_folder, folder, dirs_exist_ok=True, symlinks=True)
    settings = settings_at(name, folder)
    with servers(settings, PARTS, progress=lambda _line: None) as found, opened(settings, found) as deps:
        yield Demo(settings, found, deps)


def _build(project: Path, found: Servers) -> None:
    """`dbt build` as the owner of the warehouse."""
    with DbtProcess() as dbt:
        run = dbt.run(DbtCall(["build"], project, project, "postgres", project / "target" / "postgres", env=found.dbt_environment()))
    assert run.success, "\n".join(run.messages)
