"""The command line on a running demo: in this process for speed, in one of its own where the process matters."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from tests.support.demo import TODAY, Demo

ALIASES = ("DB_HOST", "REDIS_URL", "LLM_PROVIDER", "DBT_PROJECT_PATH", "DBT_PROFILES_DIR", "ENCRYPTION_KEY")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is one JSON document."""
        return json.loads(self.out)

    @property
    def problem(self) -> dict[str, Any]:
        """The main Problem of `--json`."""
        return self.json["problems"][0]


Cli = Callable[..., Ran]


@pytest.fixture
def environment(demo: Demo) -> dict[str, str]:
    """The variables that lead to the running demo, whatever the surroundings say."""
    left = {name: value for name, value in os.environ.items() if not name.startswith("DATAMIND_") and name not in ALIASES}
    return left | {
        "DATAMIND_DATA_DIR": str(demo.settings.data_dir),
        "DATAMIND_DBT_PROJECT_PATH": str(demo.settings.dbt_project_path),
        "DATAMIND_TODAY": TODAY,
    }


@pytest.fixture
def cli(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in this process, in an empty working directory. Variables given as keywords are set for it, "" unsets one."""
    folder = tmp_path / "cwd"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments: str, **variables: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        wanted = environment | variables
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            for name in set(os.environ) - set(wanted):
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["datamind", *arguments])
            code = 0
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        assert "Traceback" not in out.getvalue() + err.getvalue()
        return Ran(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def process(environment: dict[str, str], tmp_path: Path) -> Cli:
    """Run a command in a process of its own."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli.main", *arguments],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])} | variables,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    return run
