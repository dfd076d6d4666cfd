"""`datamind policy diff`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.diff import Format
from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars

if TYPE_CHECKING:
    from app.model.ontology import Ontology
    from app.service.policy_diff import Difference


def add_to(group: typer.Typer) -> None:
    """Add the command."""
    group.command("diff")(diff)


def diff(
    state: Annotated[
        Path | None,
        typer.Option("--state", help="Compare with the artifacts in this folder; else with the published layer.", envvar="DBT_STATE"),
    ] = None,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TEXT,
    as_json: Json = False,
    fail_on_gain: Annotated[bool, typer.Option("--fail-on-gain", help="Exit with 1 where anybody may see more than before.")] = False,
) -> None:
    """Tell who sees more or less by the project as it is: than by the published layer (both under the store's policies), or than by an earlier state.

    Example: datamind policy diff --fail-on-gain
    """
    from app.cli.show import show_problems
    from app.errors import Severity
    from app.service.policy_diff import compare, unseen

    old, new = (
        _of_state(state, project_dir, profiles_dir, target, variables)
        if state is not None
        else _of_served(project_dir, profiles_dir, target, variables)
    )
    compared = compare(old, new)
    show_problems(unseen(compared, Severity.ERROR if fail_on_gain else Severity.WARNING))
    sys.stdout.write(_written(compared.differences, Format.JSON if as_json else form))
    if fail_on_gain and (compared.left_out or any(one.gains for one in compared.differences)):
        raise typer.Exit(1)


def _of_served(project_dir: Path | None, profiles_dir: Path | None, target: str, variables: str) -> tuple[Ontology, Ontology]:
    from app.cli.policy_session import store_session
    from app.cli.project import compiled

    layer = compiled(project_dir, profiles_dir, target, variables).layer
    with store_session() as found:
        return found.deps.serving.governed()[1], found.deps.serving.over(layer).governed()[1]


def _of_state(state: Path, project_dir: Path | None, profiles_dir: Path | None, target: str, variables: str) -> tuple[Ontology, Ontology]:
    """By the project's own policies."""
    from app.cli.diff import compared
    from app.cli.place import find_place
    from app.service.diff import Asked

    before, after = compared(find_place(project_dir, profiles_dir, target, variables)(), [state], Asked()).layers
    return before.ontology, after.ontology


def _written(found: tuple[Difference, ...], form: Format) -> str:
    from app.service.policy_diff import HEAD, as_markdown, as_text
    from app.service.present import to_json

    match form:
        case Format.JSON:
            return to_json([one.body() for one in found]).decode() + "\n"
        case Format.MARKDOWN:
            return "\n".join([*HEAD, *as_markdown(found)] if found else ["Everybody sees what they saw."]) + "\n"
        case Format.TEXT:
            return "\n".join(as_text(found) if found else ["everybody sees what they saw"]) + "\n"
