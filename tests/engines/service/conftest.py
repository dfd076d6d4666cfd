"""Reading back what the services wrote, by plain SQL."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from app.model.ids import new_id
from app.service.sync import sync
from app.settings import Settings
from app.wiring.deps import opened
from tests.engines.service.place import Heard, Place
from tests.support.demo import Demo
from tests.support.small import small
from tests.unit.adapters.dbt.test_checkout import git

Trail = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def trail(demo: Demo) -> Trail:
    """The audit events of a correlation id, oldest first, with `details` decoded."""

    def read(correlation_id: str) -> list[dict[str, Any]]:
        with psycopg.connect(demo.servers.store, row_factory=dict_row) as connection:
            found = connection.execute("SELECT * FROM audit.audit_log WHERE correlation_id = %s ORDER BY seq", [correlation_id]).fetchall()
        for event in found:
            details = event["details"]
            event["details"] = json.loads(details) if isinstance(details, str) else details
        return found

    return read


@pytest.fixture
def place(demo: Demo, tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "dbt_project"
    shutil.copytree(demo.settings.dbt_project_path, folder)
    with _placed(demo, folder) as found:
        yield found


@pytest.fixture
def small_place(demo: Demo, tmp_path: Path) -> Iterator[Place]:
    """A project of one model in place of the demo's, for what is done many times and whatever the project holds."""
    folder = small().write(tmp_path / "dbt_project")
    manifest = json.loads((folder / "target" / "manifest.json").read_bytes())
    for engine in ("postgres", "clickhouse"):
        (folder / "target" / engine).mkdir()
        of_engine = manifest | {"metadata": manifest["metadata"] | {"adapter_type": engine}}
        (folder / "target" / engine / "manifest.json").write_text(json.dumps(of_engine), encoding="utf-8")
    (folder / "target" / "manifest.json").unlink()
    with _placed(demo, folder) as found:
        yield found


@dataclass
class Followed:
    """A project with its artifacts in a repository; its folder is a checkout that follows `origin.git`, to which an author pushes."""

    place: Place
    author: Place
    settings: Settings

    def commit(self) -> tuple[str, str]:
        """Describe a model otherwise, commit and push: the version of the layer that comes of it, and the commit."""
        self.author.change()
        for words in (("add", "-A"), ("commit", "-qm", "Go on"), ("push", "-q", "origin", "main")):
            git(self.author.folder, *words)
        return sync(self.author.deps, dry_run=True).layer_version, git(self.author.folder, "rev-parse", "HEAD")


@pytest.fixture
def followed(demo: Demo, small_place: Place) -> Iterator[Followed]:
    folder, author = small_place.folder, small_place.folder.parent / "author"
    git(folder.parent, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", str(folder.parent / "origin.git"))
    for words in (("add", "-A"), ("commit", "-qm", "Begin"), ("push", "-q", "origin", "main")):
        git(folder, *words)
    git(folder.parent, "clone", "-q", str(folder.parent / "origin.git"), str(author))
    given = {"dbt_parse": False, "dbt_git_remote": "origin", "dbt_git_branch": "main", "project_id": small_place.deps.project_id}
    served, authors = (demo.settings.model_copy(update=given | {"dbt_project_path": path}) for path in (folder, author))
    with opened(served, demo.servers) as deps, opened(authors, demo.servers) as written:
        yield Followed(Place(folder, replace(deps, bus=small_place.bus), small_place.bus), Place(author, written, small_place.bus), served)


@contextmanager
def _placed(demo: Demo, folder: Path) -> Iterator[Place]:
    settings = demo.settings.model_copy(update={"dbt_project_path": folder, "project_id": new_id("prj")})
    with opened(settings, demo.servers) as deps:
        bus = Heard()
        yield Place(folder, replace(deps, bus=bus), bus)
