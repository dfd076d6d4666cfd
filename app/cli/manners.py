"""How a command speaks: how much of it, in colours or not, in lines for people or for programs. dbt's options, under dbt's names.

The options stand before a command or behind it (`command.py` puts them there); what they say holds for the one run that they are given to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import IO, Annotated, Any

import typer

_PANEL = "Output"


class LogFormat(StrEnum):
    """What a line on standard error is: `default` is `text`; `debug` puts time and level before it; `json` makes it an object as dbt's are."""

    TEXT = "text"
    DEBUG = "debug"
    JSON = "json"
    DEFAULT = "default"


class LogLevel(StrEnum):
    """The least weight of what is said on standard error, dbt's words; `none` is nothing at all."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    NONE = "none"


_ORDER = tuple(LogLevel)


@dataclass(frozen=True, slots=True)
class Manners:
    """`use_colors` None stands for: on a terminal, unless the environment says otherwise."""

    quiet: bool = False
    use_colors: bool | None = None
    log_format: LogFormat = LogFormat.DEFAULT
    log_level: LogLevel = LogLevel.INFO

    def says(self, level: LogLevel) -> bool:
        """Whether something of that weight is said; quiet, errors are."""
        least = max(_ORDER.index(self.log_level), _ORDER.index(LogLevel.ERROR)) if self.quiet else _ORDER.index(self.log_level)
        return _ORDER.index(level) >= least

    def colours(self, stream: IO[str]) -> bool:
        """Whether what goes to that stream is coloured: the option, then NO_COLOR and FORCE_COLOR, then whether it is a terminal that can."""
        if self.use_colors is not None:
            return self.use_colors
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR", "0") not in ("", "0", "false"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"


_PLAIN = Manners()
_CURRENT: ContextVar[Manners] = ContextVar("manners", default=_PLAIN)


def manners() -> Manners:
    """Those of the command that runs."""
    return _CURRENT.get()


@contextmanager
def fresh() -> Iterator[None]:
    """One run of the command line: what its options say is forgotten at the end."""
    token = _CURRENT.set(_PLAIN)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _given(parameter: typer.CallbackParam, value: Any) -> Any:
    """Take note of an option that was given."""
    if value is not None:
        _CURRENT.set(replace(manners(), **{parameter.name: value}))
    return value


Quiet = Annotated[
    bool | None,
    typer.Option(
        "--quiet/--no-quiet",
        "-q",
        help="Only results and errors: no progress, no notes, of an answer only the rows.",
        envvar="DBT_QUIET",
        callback=_given,
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
UseColors = Annotated[
    bool | None,
    typer.Option(
        "--use-colors/--no-use-colors",
        " /--no-color",
        help="Colours, whatever the stream and the environment are.",
        envvar="DBT_USE_COLORS",
        callback=_given,
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
LogFormatOption = Annotated[
    LogFormat | None,
    typer.Option(
        "--log-format",
        help="How lines on standard error are written; json is an object a line.",
        envvar="DBT_LOG_FORMAT",
        callback=_given,
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
LogLevelOption = Annotated[
    LogLevel | None,
    typer.Option(
        "--log-level",
        help="The least weight of what is said on standard error.",
        envvar="DBT_LOG_LEVEL",
        callback=_given,
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
