"""`datamind lineage`: what a metric stands on, and what a change may touch."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.model.lineage import Trace
    from app.service.lineage import ProjectReader


class Format(StrEnum):
    """How lineage is written: a tree for people, one JSON object, or a Mermaid flowchart."""

    TEXT = "text"
    JSON = "json"
    MERMAID = "mermaid"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lineage")(show_lineage)


def show_lineage(
    metric: Annotated[str, typer.Argument(help="The metric whose lineage is wanted.")] = "",
    start: Annotated[
        str,
        typer.Option(
            "--from",
            help="What a change of this may touch: model.column, source.table.column, a model, a measure, a dimension or a metric.",
        ),
    ] = "",
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    depth: Annotated[int, typer.Option("--depth", min=0, help="How many levels of the tree are shown; 0: all of them.")] = 0,
    values: Annotated[
        bool, typer.Option("--values", help="Only what goes into the values: without filters, joins, groups, orders and times.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="text, json or mermaid.")] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Show on which columns a metric stands, down to the sources, or the metrics and models of a selection; or with --from what stands on a column.

    Example: datamind lineage revenue --depth 3
    """
    from app.cli.project import settings_under
    from app.cli.selecting import selected
    from app.errors import Problem, UserError
    from app.service.lineage import read_project
    from app.wiring.project import present_project_of

    form = Format.JSON if as_json else form
    if start and (depth or values):
        raise typer.BadParameter("what a change may touch is told whole", param_hint="--depth" if depth else "--values")
    if depth and form is not Format.TEXT:
        raise typer.BadParameter("only the text is a tree with levels", param_hint="--depth")
    settings = settings_under(project_dir, profiles_dir, target, variables)
    found = selected(settings, select, exclude, selector, state)
    if sum((bool(metric), bool(start), found is not None)) != 1:
        hint = "for example `datamind lineage revenue`"
        raise UserError(Problem("DM1033", "lineage is of one metric, or --from something, or of what --select says", hint=hint))
    reader = read_project(present_project_of(settings))
    if start:
        _show_impact(reader, start, form)
    elif found is not None:
        _show_trace(reader, reader.trace_nodes(found.ids, values_only=values), form, depth=depth)
    else:
        _show_trace(reader, reader.trace(metric, values_only=values), form, depth=depth)


def _show_trace(reader: ProjectReader, found: Trace, form: Format, *, depth: int) -> None:
    """What some things stand on."""
    from app.cli import lineage_mermaid, lineage_text
    from app.cli.show import show_text
    from app.service.lineage_body import Places, lineage_body
    from app.service.present import to_json

    if not found.points and form is not Format.JSON:  # what was selected is neither a metric nor a model
        return
    match form:
        case Format.JSON:
            sys.stdout.write(to_json(lineage_body(reader.layer, found)).decode() + "\n")
        case Format.MERMAID:
            show_text(lineage_mermaid.flowchart(found))
        case Format.TEXT:
            show_text("\n".join(lineage_text.tree(found, reader.layer.ontology, Places(reader.layer), depth)))


def _show_impact(reader: ProjectReader, start: str, form: Format) -> None:
    """What a change may touch."""
    from app.cli import lineage_mermaid, lineage_text
    from app.cli.show import show_text
    from app.service.lineage_body import Places, impact_body
    from app.service.present import to_json

    found = reader.impact(start)
    match form:
        case Format.JSON:
            sys.stdout.write(to_json(impact_body(reader.layer, found)).decode() + "\n")
        case Format.MERMAID:
            show_text(lineage_mermaid.touched(start, found))
        case Format.TEXT:
            show_text("\n".join(lineage_text.touched(start, found, Places(reader.layer))))
