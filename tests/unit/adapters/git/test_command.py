"""Git, as it is run for us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.git.command import run_git

SLEEPS = "alias.wait=!echo $$ > pid; exec sleep 60"
WAITS = "from pathlib import Path; import sys; from app.adapters.git.command import run_git; run_git(Path(sys.argv[1]), '-c', sys.argv[2], 'wait')"


def eventually(holds: Callable[[], bool]) -> bool:
    for _ in range(300):
        if holds():
            return True
        time.sleep(0.1)
    return False


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    assert run_git(tmp_path, "init", "-q").returncode == 0
    return tmp_path


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such leash")
def test_git_dies_with_the_process_that_wanted_it(repository: Path) -> None:
    worker = subprocess.Popen([sys.executable, "-c", WAITS, str(repository), SLEEPS])
    assert eventually((repository / "pid").exists)
    (git,) = children(worker.pid)
    assert lives(git)
    worker.kill()
    worker.wait()
    assert eventually(lambda: not lives(git))
    os.kill(int((repository / "pid").read_text()), signal.SIGKILL)  # what an alias starts is git's child, and no git


def test_git_that_takes_too_long_is_ended_with_all_that_it_started(repository: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run_git(repository, "-c", SLEEPS, "wait", seconds=1)
    assert eventually(lambda: not lives(int((repository / "pid").read_text())))


def test_names_are_no_patterns_and_a_hooks_surroundings_are_not_ours(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("*", ":(top)x", "x"):
        (repository / name).write_text("text")
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / "another"))
    for name in ("*", ":(top)x"):
        assert run_git(repository, "add", "--", name).returncode == 0
    assert run_git(repository, "ls-files", "-z").stdout == b"*\0:(top)x\0"
    assert not (repository / "another").exists()


def test_without_git_it_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(FileNotFoundError):
        run_git(repository, "status")
