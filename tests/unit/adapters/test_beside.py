"""Work in a second process: what it makes, and what happens where it fails or can't be had."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.adapters.beside import beside

ROOT = Path(__file__).resolve().parents[3]
PRELUDE = "import os, sys\nfrom app.adapters.beside import beside\nhere = os.getpid()\n"


def alone(script: str) -> str:
    """What a script prints in a process of its own, in which nothing else runs."""
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


many = pytest.mark.skipif(not hasattr(os, "fork") or (os.cpu_count() or 1) < 2, reason="there is no second processor")


@many
def test_it_is_made_elsewhere() -> None:
    assert alone("wait = beside(lambda: str(os.getpid()), str.encode, bytes.decode); print(wait() != str(here))") == "True"


@many
def test_more_than_a_pipe_holds() -> None:
    assert alone("print(len(beside(lambda: 'x' * 5_000_000, str.encode, bytes.decode)()))") == "5000000"


def test_what_fails_there_fails_here() -> None:
    script = "def work():\n    raise ValueError('no')\ntry:\n    beside(work, str.encode, bytes.decode)()\nexcept ValueError as error:\n    print(error)"
    assert alone(script) == "no"


def test_a_child_that_dies_is_replaced() -> None:
    """It is killed where it works; here the work is done again."""
    assert alone("work = lambda: 'done' if os.getpid() == here else os._exit(9)\nprint(beside(work, str.encode, bytes.decode)())") == "done"


def test_the_child_writes_nothing_twice() -> None:
    assert alone("sys.stdout.write('once ')\nprint(beside(lambda: 'x', str.encode, bytes.decode)())") == "once x"


def test_beside_other_threads_there_is_no_fork() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert beside(os.getpid, lambda pid: str(pid).encode(), int)() == os.getpid()
    finally:
        stop.set()
        thread.join()
