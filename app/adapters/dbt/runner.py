"""Runs dbt commands in a child process, warm over several of them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from app.errors import InternalError, Problem, UserError
from app.model.secrets import HIDDEN, without_credentials
from app.redaction.redact import redact

Progress = Callable[[str], None]
_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|URL|DSN|CREDENTIAL|BEARER", re.IGNORECASE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CLOSE_SECONDS = 3.0
_STOP_SECONDS = 5.0
_LEAST = 4
"""Characters of a value that is hidden; a shorter one would hide too much besides."""


@dataclass(frozen=True, slots=True)
class DbtRun:
    """What came of a command: `messages` are dbt's warnings and errors, without credentials; `seconds` includes starting dbt where it was cold. It is `broken`
    where dbt itself failed or did not take the command, and not a node or a test."""

    success: bool
    messages: tuple[str, ...]
    seconds: float
    broken: bool = False


@dataclass(frozen=True, slots=True)
class DbtCall:
    """A command (such as `["build", "--select", "x"]`) on a project. `env` is set beside what this process has, `variables` are given to dbt as `--vars`, and
    `secrets` must not be said."""

    command: Sequence[str]
    project_dir: Path
    profiles_dir: Path
    target: str
    target_path: Path
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    secrets: Collection[str] = field(default=(), repr=False)

    @property
    def arguments(self) -> list[str]:
        """The words with which dbt is called."""
        return [
            *self.command,
            *("--project-dir", str(self.project_dir.absolute())),
            *("--profiles-dir", str(self.profiles_dir.absolute())),
            *("--target", self.target),
            *(("--vars", json.dumps(self.variables)) if self.variables else ()),
        ]

    @property
    def settings(self) -> dict[str, str]:
        """What dbt reads from its environment."""
        return {
            "DBT_TARGET_PATH": str(self.target_path.absolute()),
            "DBT_LOG_PATH": str(self.target_path.absolute() / "logs"),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }


class DbtProcess:
    """A child process that runs one command at a time; leaving its context ends it. The first command pays for importing dbt, 3–5 s."""

    def __init__(self) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._lock = threading.Lock()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "app.adapters.dbt.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))},
            start_new_session=True,  # Ctrl-C is for us to handle: dbt would print its own goodbye
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the child runs."""
        return self._child.poll() is None

    def stop(self) -> None:
        """End the command that runs: dbt is asked to, so that it cancels its statements, and killed where it does not within a few seconds."""
        with contextlib.suppress(ProcessLookupError):
            self._child.send_signal(signal.SIGINT)
        killer = threading.Timer(_STOP_SECONDS, self._child.kill)
        killer.daemon = True
        killer.start()

    def forget(self) -> None:
        """Let go of the child without ending it: in a process that was forked from its owner."""
        for pipe in (self._child.stdin, self._child.stdout, self._errors):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def close(self) -> None:
        """End the child, in the middle of a command too."""
        if self._child.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        try:
            self._child.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._errors.close()

    def run(self, call: DbtCall, progress: Progress = lambda _line: None) -> DbtRun:
        """Run a command on a project. A command that fails is a DbtRun, not an exception.

        `progress` gets dbt's lines as they come. In them stand neither the call's secrets nor values of variables, of its `env` and of this process, that look like
        credentials. Raises UserError DM2060 where dbt is not installed, InternalError DM2061 where its process ends on its own.
        """
        began = time.monotonic()
        hide = redactor({**os.environ, **call.env}, call.secrets)
        messages: list[str] = []
        with self._lock:
            self._send({"args": call.arguments, "env": {**call.env, **call.settings}})
            while True:
                answer = self._receive(hide)
                if "success" in answer:
                    return DbtRun(answer["success"], tuple(messages), time.monotonic() - began, answer["broken"])
                for line in hide(_COLOUR.sub("", answer["line"])).splitlines():
                    if line.strip():
                        progress(line.rstrip())
                        if answer["level"] in ("warn", "error"):
                            messages.append(line.rstrip())

    def _send(self, request: object) -> None:
        try:
            assert self._child.stdin is not None  # noqa: S101 - it was asked for
            self._child.stdin.write(json.dumps(request) + "\n")
            self._child.stdin.flush()
        except BrokenPipeError:
            return  # `_receive` says why

    def _receive(self, hide: Callable[[str], str]) -> dict[str, Any]:
        assert self._child.stdout is not None  # noqa: S101 - it was asked for
        line = self._child.stdout.readline()
        if not line:
            raise InternalError(Problem("DM2061", f"dbt ended on its own: {hide(self._last_words())}", hint="run the dbt command by hand"))
        answer: dict[str, Any] = json.loads(line)
        if answer.get("missing"):
            raise UserError(Problem("DM2060", "dbt is not installed", hint="install DataMind with its extra `dbt`"))
        return answer

    def _last_words(self) -> str:
        """The last line that the child wrote on stderr, or its exit status."""
        self._child.wait(_CLOSE_SECONDS)
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._child.returncode}"


def run_dbt(
    command: Sequence[str],
    project_dir: Path,
    profiles_dir: Path,
    target: str,
    target_path: Path,
    env: Mapping[str, str] | None = None,
    progress: Progress = lambda _line: None,
) -> DbtRun:
    """Run one command in a process of its own; see `DbtProcess.run`. For several commands, keep a DbtProcess."""
    with DbtProcess() as process:
        return process.run(DbtCall(command, project_dir, profiles_dir, target, target_path, env or {}), progress)


_ROOT = Path(__file__).resolve().parents[3]
"""Where `app` lies, so that the child finds it from any working directory."""


def redactor(env: Mapping[str, str], secrets: Collection[str] = ()) -> Callable[[str], str]:
    """Replaces what must not be shown: `secrets`, the credentials among `env`, each also as URLs, JSON and Python spell it, what looks like one in the text itself
    (`without_credentials`), and personal data, which databases quote in errors."""
    values = {value for name, value in env.items() if _SECRET.search(name)} | set(secrets)
    spelled = {
        spelling
        for value in values
        if len(value) >= _LEAST
        for spelling in (value, quote(value, safe=""), json.dumps(value)[1:-1], repr(value)[1:-1])
    }
    longest_first = sorted(spelled, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in longest_first:
            text = text.replace(secret, HIDDEN)
        return redact(without_credentials(text))

    return hide
