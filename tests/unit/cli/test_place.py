"""Where the project is, is found out beside; whatever goes wrong there is found out here once more."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.place import find_place
from app.errors import UserError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_place_is_that_of_the_settings(project: Path) -> None:
    found = find_place(Path("."), None, "", "{a: [1, 2]}")()
    assert (found.path, found.variables["a"]) == (".", [1, 2])
    assert set(found.targets) == {"postgres", "clickhouse"}


def test_a_variable_that_would_be_another_is_kept(project: Path) -> None:
    assert find_place(project, None, "", "{start: 2026-01-31}")().variables["start"] == dt.date(2026, 1, 31)


def test_a_problem_is_raised_when_it_is_waited_for() -> None:
    waiting = find_place(None, None, "", "[")
    with pytest.raises(UserError, match="DM1032"):
        waiting()


def test_the_settings_are_loaded_in_the_other_process_alone(project: Path) -> None:
    if (os.cpu_count() or 1) < 2:
        pytest.skip("with one processor all is done in one process")
    code = "import sys; from app.cli.place import find_place; from pathlib import Path; find_place(Path('.'), None, '', '')(); print('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == "False\n"
