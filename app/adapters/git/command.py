"""Runs git: bounded, asking nobody, taking names as they are, and never longer than the process that wants it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

GIT_SECONDS = 60.0
"""How long git may take for one command."""
_LEASH = str(Path(__file__).with_name("leash.py"))
_KEPT = ("GIT_CONFIG_", "GIT_SSH", "GIT_SSL_", "GIT_ASKPASS")
"""Variables of git that say how a remote is reached, and whom git trusts. What a hook's surroundings say of a repository, its index say, is not for us."""
_ALWAYS = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_OPTIONS = ("--literal-pathspecs", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "advice.detachedHead=false")


def run_git(folder: Path, *words: str, seconds: float = GIT_SECONDS, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run git there, with these environment variables besides; a status other than 0 raises nothing.

    Raises FileNotFoundError where git is not installed, and subprocess.TimeoutExpired after so many seconds, when git has ended.
    """
    git = shutil.which("git")
    if git is None:
        raise FileNotFoundError("git")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    command = [sys.executable, "-I", "-S", _LEASH, str(os.getpid()), git, "-C", str(folder), *_OPTIONS, *words]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=kept | _ALWAYS | variables,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:  # with what it started: a helper that speaks to the remote, say
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(words, process.returncode, out, err)
