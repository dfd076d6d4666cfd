"""The ```console blocks of a page of docs/: each command with what is printed below it, and the code with which it ends."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```console(?: exits with (\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """A line after `$ `, the lines that follow it, and the code that the block names (of its last command; 0 where it names none)."""

    page: str
    line: int
    words: tuple[str, ...]
    printed: str
    code: int


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def commands(page: str) -> Iterator[Command]:
    """The commands of a page, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        line = text.count("\n", 0, block.start()) + 2
        parts = re.split(r"^\$ ", block[2], flags=re.MULTILINE)[1:]
        for number, part in enumerate(parts):
            command, _, printed = part.partition("\n")
            code = int(block[1] or 0) if number == len(parts) - 1 else 0
            yield Command(page, line, tuple(shlex.split(command)), printed, code)
            line += part.count("\n")


def run_here(words: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run `datamind …` in this process, as if it were in that folder: fast, and for commands that keep nothing."""
    from app.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    wanted = {**environment, "NO_COLOR": "1"}
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        for name in set(os.environ) - set(wanted):
            patch.delenv(name)
        for name, value in wanted.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", list(words))
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Ended(code, out.getvalue(), err.getvalue())


def run(words: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> Ended:
    """Run `datamind …` in a process of its own, in that folder."""
    assert words[0] == "datamind", words
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", *words[1:]],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Ended(done.returncode, done.stdout, done.stderr)
