"""The two streams: results on standard output; progress, notes and Problems on standard error, as text for people or an object a line for programs."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import Any

from app.cli.formats.problem_text import problem_lines
from app.cli.manners import LogFormat, LogLevel, manners
from app.cli.terminal import clean, coloured
from app.errors import Problem, Severity, Where
from app.service.present import to_json

DIM = "2"
_OF_PASSWORDS = "profiles.yml"
LEVELS = {Severity.ERROR: LogLevel.ERROR, Severity.WARNING: LogLevel.WARN, Severity.NOTE: LogLevel.INFO}


def say(level: LogLevel, message: str, *, mark: str = "") -> None:
    """A line of that weight on standard error, if the command's manners let it; `mark` stands before it for people."""
    if not manners().says(level):
        return
    if manners().log_format is LogFormat.JSON:
        sys.stderr.write(as_event(level, message) + "\n")
    else:
        dim = coloured(mark, DIM, manners().colours(sys.stderr)) if mark else ""
        sys.stderr.write(f"{_stamp(level)}{dim}{clean(message)}\n")


def progress(line: str) -> None:
    """What is being done, for people who wait."""
    say(LogLevel.INFO, line, mark="· ")


def note(line: str) -> None:
    """What was done, or is worth knowing of the result."""
    say(LogLevel.INFO, line)


def from_threads(tell: Callable[[str], None] = progress) -> Callable[[str], None]:
    """`tell` with the manners of this moment, to be called from any thread."""
    context = copy_context()
    return lambda line: context.copy().run(tell, line)


def problems_as_json(problems: Sequence[Problem]) -> str:
    """The Problems as one JSON object."""
    return to_json({"problems": list(problems)}).decode()


def show_problems(problems: Sequence[Problem]) -> None:
    """Each Problem on a line, with the line of the file that it points at and a caret; in JSON all its fields."""
    for problem in problems:
        level = LEVELS[problem.severity]
        if not manners().says(level):
            continue
        if manners().log_format is LogFormat.JSON:
            sys.stderr.write(as_event(level, problem.message, code=problem.code, data=problem) + "\n")
        else:
            place, line = str(problem.where or ""), _line(problem.where)
            first, *rest = problem_lines(problem, place, line, colours=manners().colours(sys.stderr))
            sys.stderr.write("\n".join([_stamp(level) + first, *rest]) + "\n")


def _line(where: Where | None) -> str | None:
    """The line that a Problem points at; None where the file can't be read, or is that of the passwords."""
    if where is None or not where.file or not where.line or Path(where.file).name == _OF_PASSWORDS:
        return None
    try:
        return Path(where.file).read_text(encoding="utf-8").splitlines()[where.line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return None


def show_text(text: str) -> None:
    """SQL or a plan on standard output, line by line as it is: a terminal may wrap it, nothing else does."""
    sys.stdout.write((clean(text) if sys.stdout.isatty() else text) + "\n")


def as_event(level: LogLevel, message: str, *, code: str = "", data: Any = None) -> str:
    """A line as dbt's `--log-format json` shapes it: `info` with level, message, time and code, `data` with the rest."""
    info = {"code": code, "level": level.value, "msg": message, "name": "Problem" if code else "Note", "ts": f"{_now().isoformat()}Z"}
    return to_json({"data": data or {}, "info": info}).decode()


def _stamp(level: LogLevel) -> str:
    """Time and weight, as dbt's `--log-format debug` has them before a line."""
    if manners().log_format is not LogFormat.DEBUG:
        return ""
    return coloured(f"{_now():%H:%M:%S.%f} [{level.value:<5}]", DIM, manners().colours(sys.stderr)) + " "


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
