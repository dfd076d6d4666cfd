"""The two streams: results on standard output; progress, notes and Problems on standard error, as text for people or an object a line for programs."""

from __future__ import annotations

import datetime as dt
import io
import sys
from collections.abc import Callable, Sequence
from contextvars import copy_context
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.markup import escape

from app.cli.manners import LogFormat, LogLevel, manners
from app.cli.terminal import clean
from app.errors import Problem, Severity
from app.service.present import to_json

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
LEVELS = {Severity.ERROR: LogLevel.ERROR, Severity.WARNING: LogLevel.WARN, Severity.NOTE: LogLevel.INFO}


def out() -> Console:
    """Standard output, for results. Off a terminal a line is as long as it is."""
    return _console(sys.stdout, soft_wrap=False)


def err() -> Console:
    """Standard error as a console; in JSON each of its lines becomes an object."""
    if manners().log_format is LogFormat.JSON:
        return Console(file=_Events(), color_system=None, highlight=False, emoji=False, soft_wrap=True)
    return _console(sys.stderr, soft_wrap=True)


def _console(stream: IO[str], *, soft_wrap: bool) -> Console:
    coloured = manners().colours(stream)
    return Console(
        file=stream,
        force_terminal=coloured,
        no_color=not coloured,
        color_system="auto" if coloured else None,
        highlight=False,
        emoji=False,
        soft_wrap=soft_wrap,
        width=None if stream.isatty() else 140,
    )


def shown(text: str) -> str:
    """A text of others as part of a line with markup: nothing in it is markup, or a command to the terminal."""
    return escape(clean(text))


def say(level: LogLevel, message: str, *, mark: str = "") -> None:
    """A line of that weight on standard error, if the command's manners let it; `mark` stands before it for people."""
    if not manners().says(level):
        return
    if manners().log_format is LogFormat.JSON:
        sys.stderr.write(as_event(level, message) + "\n")
    else:
        err().print(f"{_stamp(level)}[dim]{escape(mark)}[/dim]{shown(message)}")


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
            _show_problem(err(), problem)


def _show_problem(console: Console, problem: Problem) -> None:
    colour = COLOURS[problem.severity]
    place = f"{shown(str(problem.where))} " if problem.where and str(problem.where) else ""
    stamp = _stamp(LEVELS[problem.severity])
    console.print(f"{stamp}{place}[{colour}]{problem.severity}[/{colour}] [bold]{problem.code}[/bold] {shown(problem.message)}")
    for line in _excerpt(problem):
        console.print(shown(line))
    if problem.hint:
        console.print(f"  [dim]→[/dim] {shown(problem.hint)}")


def _excerpt(problem: Problem) -> list[str]:
    """The line that a Problem points at, with a caret below the column; nothing where the file can't be read."""
    where = problem.where
    if where is None or not where.file or not where.line:
        return []
    try:
        lines = Path(where.file).read_text(encoding="utf-8").splitlines()
        text = lines[where.line - 1]
    except (OSError, UnicodeDecodeError, IndexError):
        return []
    margin = f"  {where.line} | "
    return [margin + text, *([" " * (len(margin) + where.column - 1) + "^"] if where.column else [])]


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
    return f"[dim]{_now():%H:%M:%S.%f} {escape(f'[{level.value:<5}]')}[/dim] "


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class _Events(io.StringIO):
    """A stream that writes each line that it is given as an event."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = ""

    def write(self, text: str) -> int:
        """Take text in; whole lines go out."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in filter(str.strip, lines):
            sys.stderr.write(as_event(LogLevel.INFO, line.strip()) + "\n")
        return len(text)
