"""Work that is measured in a fresh process, which has seen nothing before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MOST_SECONDS = 1800


class Failed(Exception):
    """The process ended badly; the text is the end of what it said."""


def answer(command: Sequence[str], job: dict[str, Any] | None = None) -> dict[str, Any]:
    """The JSON in the last line that a command prints; `job` goes to its standard input. Raises Failed."""
    ran = subprocess.run(
        list(command),
        input=json.dumps(job),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=_environment(),
        timeout=MOST_SECONDS,
        check=False,
    )
    if ran.returncode:
        raise Failed(ran.stderr.strip()[-2000:])
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def ours(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs one of our modules."""
    return (sys.executable, "-m", module, *arguments)


def _environment() -> dict[str, str]:
    """The environment without what points a Python at other packages or changes its warnings."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
