"""`datamind lineage`: what a metric stands on, and what a change may touch."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import ProfilesDir, ProjectDir, Target, Vars

if TYPE_CHECKING:
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
    select: Annotated[
        list[str] | None, typer.Option("--select", "-s", metavar="MODEL", help="In place of a metric: the columns of these models.")
    ] = None,
    depth: Annotated[int, typer.Option("--depth", min=0, help="How many levels of the tree are shown; 0 shows all.")] = 0,
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
    """Show on which columns a metric stands, down to the sources; or with --from what stands on a column.

    Example: datamind lineage revenue --depth 3
    """
    from app.cli.project import settings_under
    from app.errors import Problem, UserError
    from app.service.lineage import read_project
    from app.wiring.project import project_of

    if sum(map(bool, (metric, start, select))) != 1:
        raise UserError(
            Problem("DM1033", "lineage is of one metric, or --from something, or --select models", hint="datamind lineage revenue")
        )
    reader = read_project(project_of(settings_under(project_dir, profiles_dir, target, variables)))
    form = Format.JSON if as_json else form
    if start:
        _show_impact(reader, start, form)
    else:
        _show_trace(reader, metric, select or [], form, depth=depth, values=values)


def _show_trace(reader: ProjectReader, metric: str, models: list[str], form: Format, *, depth: int, values: bool) -> None:
    """The lineage of a metric, or of models."""
    from app.cli import lineage_mermaid, lineage_text
    from app.cli.show import show_text
    from app.service.lineage_body import Places, lineage_body
    from app.service.present import to_json

    found = reader.trace(metric, values_only=values) if metric else reader.trace_models(models, values_only=values)
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
