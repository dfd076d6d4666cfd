"""The demo business, small, built once a test run and copied for each worker: real engines, real dbt."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app.adapters.embedded.stack import Part
from app.adapters.store.migrate import migrate
from app.cli.demo import prepare
from app.model.principal import Principal, Role
from app.service.audit import Caller
from app.service.deps import Deps
from app.service.sync import sync
from app.settings import Settings, load_settings
from app.wiring.deps import opened
from app.wiring.reader import keep_readers
from app.wiring.servers import Servers, servers

ROOT = Path(__file__).resolve().parents[2]
SCALE = 0.02
TODAY = "2026-07-01"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: its settings, servers, and the Deps over its published layer."""

    settings: Settings
    servers: Servers
    deps: Deps

    def caller(self, role: Role = Role.ADMIN, **attributes: str) -> Caller:
        """Somebody with that role and these attributes."""
        principal = Principal(
            f"usr_{role}", f"{role}@example.com", role, self.settings.project_id, attributes=tuple(sorted(attributes.items()))
        )
        return Caller(principal, "test")


def forget_corrections(demo: Demo) -> None:
    """Take away what was approved: the demo is that of the whole run, and other tests ask the same questions."""
    with psycopg.connect(demo.servers.store, autocommit=True) as connection:
        connection.execute("DELETE FROM feedback.corrections")
        connection.execute("DELETE FROM feedback.replays")
        connection.execute("DELETE FROM feedback.model_gates")
    demo.deps.corrections.held.expire()
    if demo.deps.gates is not None:
        demo.deps.gates.held.expire()


def settings_at(folder: Path) -> Settings:
    """Settings of a demo that lives wholly in `folder`, whatever the environment says."""
    return load_settings(
        data_dir=folder / "data",
        dbt_project_path=folder / "dbt_project",
        today=TODAY,
        store_url=None,
        postgres_url=None,
        clickhouse_url=None,
        redis_url=None,
        layer_poll_seconds=0.05,
    )


def prepared(folder: Path) -> Path:
    """A folder with the project and the data of a built demo, made by whichever test worker comes first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            skip = shutil.ignore_patterns("target", "logs", ".user.yml")
            shutil.copytree(ROOT / "dbt_project", folder / "dbt_project", ignore=skip, dirs_exist_ok=True)
            settings = settings_at(folder)
            with servers(settings, tuple(Part), progress=lambda _line: None) as found:
                migrate(found.store)
                prepare.build(settings, found, prepare.load_raw(found, SCALE))
                with opened(settings, found) as deps:
                    sync(deps)
                    deps.serving.expire()
                    keep_readers(deps, found)
            (folder / "done").touch()
    return folder


@contextmanager
def running(prepared_folder: Path, folder: Path) -> Iterator[Demo]:
    """A copy of the prepared demo, running."""
    shutil.copytree(prepared_folder, folder, dirs_exist_ok=True, symlinks=True)
    settings = settings_at(folder)
    with servers(settings, tuple(Part), progress=lambda _line: None) as found, opened(settings, found) as deps:
        yield Demo(settings, found, deps)
