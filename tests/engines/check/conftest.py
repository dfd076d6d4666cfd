"""`datamind check` in a clone, in a process of its own: git, dbt and the command are real."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.console import Ended, run
from tests.support.pull_request import Clone, clone

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
