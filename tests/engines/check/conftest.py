"""`datamind check` in a clone, in a process of its own: git, dbt and the command are real."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.dbt.folder import DbtFolder
from app.adapters.dbt.parse import Parsing, parse
from app.adapters.dbt.runner import DbtProcess
from app.service.check.subject import Base, Read
from app.service.diff import State
from tests.support.console import Ended, run
from tests.support.demo import ROOT
from tests.support.pull_request import Clone, clone

METRICS = "models/metrics/sales_simple.yml"
FILTER = "      measure: net_amount\n    filter: \"{{ Dimension('order__order_status') }} = 'delivered'\"\n"
DROPPED = ("DATAMIND_", "DBT_", "GITHUB_", "GITLAB_", "CI_", "GIT_", "FORCE_COLOR")
Check = Callable[..., Ended]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where the command keeps what goes away."""
    folder = tmp_path / "temporary files"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(tmp_path: Path, temporary: Path) -> dict[str, str]:
    """The surroundings of a CI job that knows nothing of this machine."""
    left = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED) and name != "CI"}
    return left | {"TMPDIR": str(temporary), "HOME": str(tmp_path)}


@pytest.fixture
def repo(tmp_path: Path) -> Clone:
    """A clone with the project in a folder, whose names have spaces."""
    return clone(tmp_path / "a clone", "the project")


@pytest.fixture
def check(repo: Clone, environment: dict[str, str], temporary: Path) -> Check:
    """Run the command in the project; afterwards nothing may be left of it."""

    def go(*options: str, folder: Path | None = None, **variables: str) -> Ended:
        before = repo.state()
        ended = run(("datamind", "check", *options), folder or repo.project, environment | variables)
        assert repo.state() == before
        assert list(temporary.iterdir()) == []
        return ended

    return go


def body(ended: Ended) -> dict[str, Any]:
    """What `--json` wrote."""
    return json.loads(ended.out)


def of(ended: Ended, name: str) -> dict[str, Any]:
    """What one check found."""
    return next(one for one in body(ended)["checks"] if one["name"] == name)


class Two:
    """Both sides, parsed already."""

    def __init__(self, old: Read, new: Read) -> None:
        self._old, self._new = old, new

    def head(self) -> Read:
        return self._new

    def base(self) -> Base:
        targets, sources = self._old
        return Base(State("main", tuple(targets), sources.files["dbt_project.yml"]), sources.files)


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Parses the demo's project with texts put in place of others."""
    folder = tmp_path_factory.mktemp("numbers")
    with DbtProcess() as process:

        def read(name: str, *edits: tuple[str, str, str]) -> Read:
            project = folder / name
            shutil.copytree(ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
            for file, old, new in edits:
                text = (project / file).read_text()
                assert old in text, old
                (project / file).write_text(text.replace(old, new, 1))
            parse(process, project, Parsing(project, "kettle_and_crane", "postgres"), project / "target" / "postgres")
            return DbtFolder(project, {"postgres": None}).read()

        yield read


@pytest.fixture(scope="module")
def old(parsed) -> Read:
    return parsed("old")


@pytest.fixture(scope="module")
def filtered(parsed) -> Read:
    """Revenue counts delivered orders alone."""
    return parsed("filtered", (METRICS, "      measure: net_amount\n", FILTER))
