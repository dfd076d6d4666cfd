"""An answer as a file: `--output`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from app.cli.manners import LogLevel
from app.cli.show import note, say
from app.errors import Problem, UserError, Where
from app.pipeline.turn import Turn
from app.service.exports.export import written
from app.service.exports.formats import ExportFormat

if TYPE_CHECKING:
    from app.cli.session import Session


def check_output(path: Path | None, explain: str) -> None:
    """Refuse before anything is asked what could not be written in the end. Raises UserError DM1042 as `format_of`, typer.BadParameter beside a stage to explain,
    which ends in no answer."""
    if path is None:
        return
    if explain:
        raise typer.BadParameter("only an answer is written: choose one of --output and --explain", param_hint="--output")
    format_of(path)


def format_of(path: Path) -> ExportFormat:
    """The format that a file's ending says. Raises UserError DM1042 for any other ending."""
    ending = path.suffix.removeprefix(".").lower()
    try:
        return ExportFormat(ending)
    except ValueError:
        endings = ", ".join(f".{one}" for one in ExportFormat)
        raise UserError(
            Problem(
                "DM1042",
                f"`{path.name}` does not say in which format to write",
                where=Where(str(path)),
                hint=f"end its name with one of {endings}",
            )
        ) from None


def write_file(found: Session, turn: Turn, path: Path) -> None:
    """The answer in the file. Raises UserError DM1041 where it can't be written, and what making it raises; no file is left half written by the latter."""
    made = written(found.deps, found.caller, turn, format_of(path))
    try:
        with path.open("wb") as file:
            file.writelines(made.pieces)
    except OSError as error:
        made.ended("DM1041")
        raise UserError(Problem("DM1041", f"{path} can't be written: {error.strerror}", where=Where(str(path)))) from error
    except BaseException:
        made.ended("DM9001")
        raise
    made.ended("")
    note(f"{made.rows} rows written to {path}")
    if made.truncated:
        say(LogLevel.WARN, f"only the first {made.rows} rows are written")
