"""Processor time of processes as a multiple of what the same machine takes at the same moment for a known piece of work."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

READ = (sys.executable, "-c", "import json; json.load(open('target/manifest.json', encoding='utf-8'))")
"""Reading a project's manifest as Python does: everybody who looks at it pays at least that."""
TRIES = 5


def processor_time(command: Sequence[str], folder: Path, env: Mapping[str, str]) -> float:
    """Seconds of processor time of a process and those that it waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def times_of_reading(command: Sequence[str], folder: Path, env: Mapping[str, str], enough: float) -> float:
    """How many times as long the command takes as reading the manifest of the folder: the least of a few tries, or the first that is `enough`."""
    least = float("inf")
    for _ in range(TRIES):
        least = min(least, processor_time(command, folder, env) / processor_time(READ, folder, env))
        if least <= enough:
            break
    return least
