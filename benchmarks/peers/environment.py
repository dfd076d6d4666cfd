"""A peer's own virtual environment, made once from its lock and kept in the data directory."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
MOST_SECONDS = 900


class PeerMissing(Exception):
    """The peer can't be installed here; the text says why."""


def interpreter(peer: str, cache: Path) -> Path:
    """The Python of the peer's environment, which is made under `cache` where it is missing or its lock has changed. Raises PeerMissing."""
    lock = REQUIREMENTS / f"{peer}.lock"
    mark = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache / f"{peer}-{mark}"
    python, done = folder / "bin" / "python", folder / ".installed"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{peer}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # of two that begin together, the second finds it made
        if not done.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            print(f"installing {peer} into an environment of its own", file=sys.stderr, flush=True)
            _run(sys.executable, "-m", "venv", str(folder))
            pip = (str(python), "-m", "pip", "-q", "--disable-pip-version-check", "--no-input", "install")
            _run(*pip, "--no-deps", "--require-hashes", "-r", str(lock))
            done.touch()
    return python


def _run(*command: str) -> None:
    """Run a step of the installation. Raises PeerMissing."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing(f"{command[0]}: {error}") from None
    if ran.returncode:
        told = [line for line in ran.stderr.splitlines() if line.strip()]
        errors = [line for line in told if line.startswith("ERROR")]
        raise PeerMissing((errors or told or ["no reason was given"])[-1])
