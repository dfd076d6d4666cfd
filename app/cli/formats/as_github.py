"""Problems as GitHub's workflow commands, which annotate the lines of a pull request."""

from __future__ import annotations

from app.cli.formats.shown import Shown
from app.compile.lint.run import Found
from app.errors import Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def as_github(shown: Shown) -> str:
    """A command a line."""
    return "".join(_command(found, shown) + "\n" for found in shown.found)


def _command(found: Found, shown: Shown) -> str:
    problem, where = found.problem, found.problem.where
    properties: dict[str, str | int] = {}
    if where is not None and shown.is_file(where.file):
        properties["file"] = shown.path(where.file)
        properties |= {name: number for name, number in (("line", where.line), ("col", where.column)) if number}
    properties["title"] = problem.code + (f" {found.rule.name}" if found.rule else "")
    text = problem.message + (f"\n{problem.hint}" if problem.hint else "")
    if "file" not in properties and where is not None and str(where):
        text = f"{where}: {text}"
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[problem.severity]} {said}::{_data(text)}"


def _data(text: str) -> str:
    """Escaped as the runner reads a command's data."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escaped as the runner reads a command's properties."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
