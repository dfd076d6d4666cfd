"""The two streams as consoles that lay out, wrap and colour: for answers and tables. Lines alone are written by `app.cli.show`, which loads faster."""

from __future__ import annotations

import io
import sys
from typing import IO

from rich.console import Console
from rich.markup import escape

from app.cli.manners import LogFormat, LogLevel, manners
from app.cli.show import as_event
from app.cli.terminal import clean


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
