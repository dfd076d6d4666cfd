"""`datamind list resources`: what a selection means, as `dbt ls` says it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.compile.selection.nodes import Selectable


class Output(StrEnum):
    """What is printed of a node, in dbt's words."""

    SELECTOR = "selector"
    NAME = "name"
    PATH = "path"
    JSON = "json"


def list_resources(
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    resource_type: Annotated[
        list[str] | None, typer.Option("--resource-type", help="Only nodes of this type; may be repeated: metric, model, source …")
    ] = None,
    output: Annotated[Output, typer.Option("--output", help="What is printed of each.")] = Output.SELECTOR,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --output json: an object a line.")] = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List the nodes that a selection means, a line each. It reads dbt's manifest alone.

    Example: datamind list resources --select +metric:revenue --output name
    """
    from app.cli.project import settings_under
    from app.cli.selecting import selected
    from app.cli.show import show_text
    from app.compile.selection.nodes import KINDS

    unknown = next((kind for kind in resource_type or () if kind not in KINDS), None)
    if unknown is not None:
        raise typer.BadParameter(f"`{unknown}` is none of {', '.join(KINDS)}", param_hint="--resource-type")
    settings = settings_under(project_dir, profiles_dir, target, variables)
    found = selected(settings, select, exclude, selector, state, by_default=True)
    assert found is not None  # noqa: S101 - by default, everything
    form = Output.JSON if as_json else output
    for unique_id in sorted(found.ids):
        node = found.nodes.by_id[unique_id]
        if not resource_type or node.resource_type in resource_type:
            show_text(_line(node, form))


def _line(node: Selectable, form: Output) -> str:
    """A node as `dbt ls --output` writes it."""
    from app.service.present import to_json

    match form:
        case Output.PATH:
            return node.original_file_path
        case Output.NAME:
            return _name(node)
        case Output.SELECTOR:
            return _selector(node)
        case Output.JSON:
            body = {
                "name": node.name,
                "resource_type": node.resource_type,
                "package_name": node.package_name,
                "original_file_path": node.original_file_path,
                "unique_id": node.unique_id,
                "source_name": node.source_name or None,
                "tags": node.own_tags,
                "config": node.config,
                "depends_on": {"nodes": node.depends_on.nodes or []},
            }
            return to_json({key: value for key, value in body.items() if value is not None}).decode()


def _name(node: Selectable) -> str:
    """The name by which people look for it."""
    if node.resource_type == "source":
        return f"{node.source_name}.{node.name}"
    return f"{node.name}.v{node.version}" if node.versioned else node.name


def _selector(node: Selectable) -> str:
    """A selection that finds this node alone."""
    if node.resource_type == "source":
        return f"source:{node.package_name}.{node.source_name}.{node.name}"
    if node.resource_type in ("exposure", "metric", "saved_query", "semantic_model"):
        return f"{node.resource_type}:{node.package_name}.{node.name}"
    return ".".join(node.fqn)
