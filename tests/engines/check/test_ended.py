"""A check that is ended in the middle leaves nothing behind: no file, no process, nothing in the repository."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.support.console import ROOT
from tests.support.pull_request import Clone


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("while_", ["parsing the project", "parsing the project as it was"])
def test_ended(repo: Clone, environment: dict[str, str], temporary: Path, number: signal.Signals, while_: str) -> None:
    before = repo.state()
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "check", "--base", "main"],
        cwd=repo.project,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if while_ in line:
            break
    children = psutil.Process(process.pid).children(recursive=True)
    assert list(temporary.iterdir()) != []
    assert any("app.adapters.dbt.child" in " ".join(child.cmdline()) for child in children)
    os.kill(process.pid, number)
    assert process.stdout is not None
    assert (process.stdout.read(), process.wait(60)) == ("", 130)
    assert list(temporary.iterdir()) == []
    assert repo.state() == before
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
