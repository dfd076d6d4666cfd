"""`datamind diff`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.one_pass import one_pass
from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars

if TYPE_CHECKING:
    from app.cli.place import Place
    from app.compile.artifacts import TargetArtifacts
    from app.compile.diff.report import Kind
    from app.service.diff import Asked, Comparison, State


class Format(StrEnum):
    """How the changes are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """From which class of changes on the command exits with 1."""

    BREAKING = "breaking"
    MEANING = "meaning"
    NONE = "none"


class Rule(StrEnum):
    """The rules of compatibility, as `app.compile.diff.compatibility` has them: here, so that `--help` reads nothing else."""

    NONE = "none"
    BACKWARD = "backward"
    BACKWARD_TRANSITIVE = "backward_transitive"
    FORWARD = "forward"
    FORWARD_TRANSITIVE = "forward_transitive"
    FULL = "full"
    FULL_TRANSITIVE = "full_transitive"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("diff")(diff_states)


def diff_states(
    state: Annotated[
        list[Path],
        typer.Option(
            "--state",
            help="A folder with the artifacts of an earlier state, or a folder of such folders; may be repeated, newest first.",
            envvar="DBT_STATE",
        ),
    ],
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
    form: Annotated[Format, typer.Option("--format", help="How the changes are written.")] = Format.TEXT,
    as_json: Json = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit with 1 from this class on: breaking (where no rule is set), meaning, or none at all."),
    ] = None,
    compat: Annotated[
        Rule | None, typer.Option("--compat", help="The rule that must hold with the states; else `vars.datamind_compat` says.")
    ] = None,
    last: Annotated[int, typer.Option("--last", min=0, help="Hold a transitive rule against this many states; 0: all of them.")] = 0,
    version: Annotated[
        str, typer.Option("--version", help="The current version, X.Y.Z, to suggest the next; else `vars.datamind_version` says.")
    ] = "",
) -> None:
    """Compare the project with an earlier state: what breaks, what means something else, what is new, what only reads otherwise.

    Example: datamind diff --state prod-state --fail-on meaning
    """
    with one_pass():
        from app.cli.place import find_place

        place = find_place(project_dir, profiles_dir, target, variables)
        from app.compile.diff.compatibility import Compatibility
        from app.compile.diff.versions import is_version
        from app.service.diff import Asked, fails

        if version and not is_version(version):
            raise typer.BadParameter(f"`{version}` is no version: it has three numbers, such as 1.4.0", param_hint="--version")
        asked = Asked(Compatibility(compat) if compat else None, version, last)
        found = place()
        comparison = compared(found, state, asked)
        shown_as = Format.JSON if as_json else form
        sys.stdout.write(_written(comparison, shown_as, Path(found.path).absolute()))
        if shown_as is Format.TEXT:
            from app.cli.show import note

            for line in comparison.report.notes:
                note(line)
        kind, never = threshold(fail_on)
        if fails(comparison, kind, never=never):
            raise typer.Exit(1)


def threshold(fail_on: FailOn | None) -> tuple[Kind | None, bool]:
    """From which class on a command fails, None where nobody said it; and whether it never does."""
    from app.compile.diff.report import Kind

    if fail_on is None or fail_on is FailOn.NONE:
        return None, fail_on is not None
    return Kind(fail_on), False


def compared(place: Place, paths: list[Path], asked: Asked) -> Comparison:
    """Read both sides, and compile the states in a second process meanwhile."""
    import msgspec

    from app.adapters.beside import beside
    from app.service.diff import Old, compare

    targets, sources = place.folder().read()
    states = _states(paths, Path(place.path), targets)
    return compare(targets, sources, states, asked, lambda work: beside(work, msgspec.msgpack.encode, msgspec.msgpack.Decoder(Old).decode))


def _states(paths: list[Path], project: Path, targets: Sequence[TargetArtifacts]) -> list[State]:
    from app.adapters.dbt.state import find_states, read_state, state_project
    from app.service.diff import State

    found = find_states(paths, project)
    return [State(_called(folder), read_state(folder, targets), state_project(folder)) for folder in found]


def _called(folder: Path) -> str:
    """A state's folder as people say it: from the working directory where it is below it."""
    here = Path.cwd()
    absolute = folder.absolute()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(absolute)


def _written(comparison: Comparison, form: Format, folder: Path) -> str:
    from app.compile.diff.places import called_from

    match form:
        case Format.JSON:
            from app.service.present import to_json

            return to_json(comparison.body()).decode() + "\n"
        case Format.MARKDOWN:
            from app.cli.formats.shown import repository
            from app.compile.diff.markdown import markdown

            report = called_from(comparison.report, _path(folder, repository(folder)))
            return markdown(report, comparison.version, comparison.verdict)
        case Format.TEXT:
            from dataclasses import replace

            from app.cli.formats.diff_text import diff_text
            from app.cli.manners import manners

            shown = replace(comparison, report=called_from(comparison.report, _path(folder, Path.cwd())))
            return diff_text(shown, colours=manners().colours(sys.stdout))


def _path(folder: Path, base: Path) -> str:
    """The project's folder as it is called from `base`."""
    import os

    try:
        return Path(os.path.relpath(folder, base)).as_posix()
    except ValueError:  # another drive
        return folder.as_posix()
