"""A small project in a folder, and the command on it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import main
from tests.support.graft import Grafted
from tests.support.small import small

ROOT = Path(__file__).resolve().parents[4]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def grafted() -> Grafted:
    return small()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`datamind validate` in this process, in the folder of the project."""

    def go(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(tmp_path)
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            for name in [name for name in os.environ if name.startswith(("DATAMIND_", "DBT_", "GITHUB_"))]:
                patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["datamind", "validate", *args])
            code = 0
            try:
                main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 0
        assert "Traceback" not in out.getvalue() + err.getvalue()
        return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())

    return go


@pytest.fixture
def process(tmp_path: Path) -> Run:
    """The same in a process of its own."""

    def go(*args: str, cwd: Path = tmp_path, **variables: str) -> subprocess.CompletedProcess[str]:
        left = {k: v for k, v in os.environ.items() if not k.startswith(("DATAMIND_", "DBT_", "GITHUB_"))}
        command = [sys.executable, "-m", "app.cli.main", "validate", *args]
        env = left | {"PYTHONPATH": str(ROOT)} | variables
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    return go
