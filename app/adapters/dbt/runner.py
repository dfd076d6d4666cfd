"""Runs dbt commands in a child process, warm over several of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app.errors import InternalError, Problem, UserError

Progress = Callable[[str], None]
_SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY|URL", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@/\s]+@")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CLOSE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class DbtRun:
    """What came of a command: `messages` are dbt's warnings and errors, without credentials; `seconds` includes starting dbt where it was cold."""

    success: bool
    messages: tuple[str, ...]
    seconds: float


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

    def close(self) -> None:
        """End the child, in the middle of a command too."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        try:
            self._child.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()
        self._errors.close()

    def run(
        self,
        command: Sequence[str],
        *,
        project_dir: Path,
        profiles_dir: Path,
        target: str,
        target_path: Path,
        env: Mapping[str, str] | None = None,
        variables: Mapping[str, Any] | None = None,
        progress: Progress = lambda _line: None,
    ) -> DbtRun:
        """Run `command` (such as `["build", "--select", "x"]`) on a project. A command that fails is a DbtRun, not an exception.

        `variables` are given to dbt as `--vars`.

        `progress` gets dbt's lines as they come; values of `env` that look like credentials never stand in them.
        Raises UserError DM2060 where dbt is not installed, InternalError DM2061 where its process ends on its own.
        """
        began = time.monotonic()
        given = dict(env or {})
        hide = _redactor(given)
        arguments = [
            *command,
            *("--project-dir", str(project_dir.absolute())),
            *("--profiles-dir", str(profiles_dir.absolute())),
            *("--target", target),
            *(("--vars", json.dumps(variables)) if variables else ()),
        ]
        settings = {
            "DBT_TARGET_PATH": str(target_path.absolute()),
            "DBT_LOG_PATH": str(target_path.absolute() / "logs"),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_USE_COLORS": "false",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        messages: list[str] = []
        with self._lock:
            self._send({"args": arguments, "env": {**given, **settings}})
            while True:
                answer = self._receive(hide)
                if "success" in answer:
                    return DbtRun(answer["success"], tuple(messages), time.monotonic() - began)
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
        return process.run(
            command, project_dir=project_dir, profiles_dir=profiles_dir, target=target, target_path=target_path, env=env, progress=progress
        )


_ROOT = Path(__file__).resolve().parents[3]
"""Where `app` lies, so that the child finds it from any working directory."""


def _redactor(env: Mapping[str, str]) -> Callable[[str], str]:
    """Replaces what must not be shown: the credentials among `env`, and any password in a URL."""
    secrets = sorted({value for name, value in env.items() if _SECRET.search(name) and len(value) >= 4}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "****")
        return _URL_PASSWORD.sub(r"\1:****@", text)

    return hide
