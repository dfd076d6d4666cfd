"""The entry point: the commands, and the one table of exit codes (dbt's: 0 success, 1 a Problem, 2 wrong usage or an internal error)."""

from __future__ import annotations

import os
import sys
from itertools import pairwise
from typing import Annotated, Any

import typer

from app.cli.lazy import LazyGroup
from app.cli.manners import LogFormatOption, LogLevelOption, Quiet, UseColors, fresh
from app.errors import DataMindError, InternalError, Problem

EXIT_PROBLEM = 1
EXIT_INTERNAL = 2
EXIT_INTERRUPTED = 130
UNREADABLE = frozenset({"DM6050", "DM6051"})
"""Problems of a file that the command line hands over, which count as wrong usage: nothing was judged by it."""

USAGE_ERRORS = tuple(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What is raised where a command's words can't be read; Typer brings its own Click and does not export that class."""

app = typer.Typer(
    name="datamind",
    cls=LazyGroup,
    help="A dbt project, compiled into a governed semantic layer that answers questions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def common(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)] = False,
    quiet: Quiet = None,
    use_colors: UseColors = None,
    log_format: LogFormatOption = None,
    log_level: LogLevelOption = None,
) -> None:
    """A dbt project, compiled into a governed semantic layer that answers questions."""


def _version(given: bool) -> None:
    """Print the version where it was asked for."""
    if given:
        from importlib.metadata import version

        sys.stdout.write(f"datamind {version('datamind')}\n")
        raise typer.Exit


def main() -> None:
    """Run a command and exit with its status. A Problem is printed, never a traceback (unless DATAMIND_DEBUG is set)."""
    with fresh():
        _run()


def _run() -> None:
    try:
        code = app(standalone_mode=False)
    except DataMindError as error:
        _tell(error)
        usage = isinstance(error, InternalError) or error.problem.code in UNREADABLE
        raise SystemExit(EXIT_INTERNAL if usage else EXIT_PROBLEM) from None
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise SystemExit(EXIT_INTERRUPTED) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(EXIT_PROBLEM) from None
    except typer.Abort:
        sys.stderr.write("aborted\n")
        raise SystemExit(EXIT_PROBLEM) from None
    except Exception as error:
        if isinstance(error, USAGE_ERRORS):
            _tell_usage(error)
        else:
            _tell(InternalError(_unexpected(error)))
        raise SystemExit(EXIT_INTERNAL) from None
    raise SystemExit(code if isinstance(code, int) else 0)


def _tell_usage(error: Any) -> None:
    """Say what is wrong with the words of a command, on standard error in every case."""
    from typer.rich_utils import rich_format_error

    from app.cli.manners import LogFormat, LogLevel, manners
    from app.cli.show import say

    if manners().log_format is LogFormat.JSON:
        say(LogLevel.ERROR, error.format_message())
    else:
        rich_format_error(error)


def _tell(error: DataMindError) -> None:
    """Print every Problem: as JSON on standard output where JSON was asked for, else for people on standard error."""
    from app.cli.show import problems_as_json, show_problems
    from app.redaction.problems import all_impersonal

    problems = all_impersonal(error.problems)
    words = sys.argv[1:]
    if "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words):
        sys.stdout.write(problems_as_json(problems) + "\n")
    else:
        show_problems(problems)


def _unexpected(error: Exception) -> Problem:
    """A fault of ours: the traceback goes to a file of its own, the person gets an id."""
    from traceback import print_exc

    from app.cli.incidents import keep
    from app.model.ids import new_id

    incident = new_id("err")
    if os.environ.get("DATAMIND_DEBUG"):
        print_exc()
    path = keep(incident, error)
    return Problem("DM9001", f"internal error {incident} ({type(error).__name__})", hint=f"the details are in {path}" if path else "")


if __name__ == "__main__":
    main()
