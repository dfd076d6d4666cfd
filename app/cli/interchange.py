"""`datamind import` and `datamind export`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Exclude, ProfilesDir, ProjectDir, Select, Selector, State, Target, Vars

if TYPE_CHECKING:
    from app.model.ontology import Layer
    from app.service.interchange import Converted


class ImportFormat(StrEnum):
    """What can be imported."""

    SUPERSET = "superset"
    CUBE = "cube"
    OSI = "osi"
    LIGHTDASH = "lightdash"


class ExportFormat(StrEnum):
    """What can be exported."""

    OSI = "osi"
    CUBE = "cube"
    LIGHTDASH = "lightdash"


class ReportFormat(StrEnum):
    """How the report is written."""

    TEXT = "text"
    JSON = "json"


Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="The folder that takes the files; without, they go to standard output as one text."),
]
Report = Annotated[
    ReportFormat,
    typer.Option(
        "--report", help="How the report of what did not carry over is written: to standard error, JSON beside --out to standard output."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 where something was lost or means something else.")]
Force = Annotated[bool, typer.Option("--force", help="Write over files that are there.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_definitions)
    app.command("export")(export_definitions)


def import_definitions(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="The files to read; of Superset an export's ZIP too.", exists=True, dir_okay=False)
    ],
    of: Annotated[ImportFormat, typer.Option("--from", help="Whose format they are in.")],
    out: Out = None,
    report: Report = ReportFormat.TEXT,
    strict: Strict = False,
    force: Force = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Draft dbt semantic YAML from another tool's definitions, and report all that did not carry over.

    Example: datamind import --from cube model/cubes/orders.yml --out models/semantic
    """
    from app.service.interchange import Format, import_files

    layer = _project(project_dir, profiles_dir, target, variables, needed=project_dir is not None)
    converted = import_files([(str(path), path.read_bytes()) for path in files], Format(of.value), layer)
    _deliver(converted, out, report, strict=strict, force=force)


def export_definitions(
    to: Annotated[ExportFormat, typer.Option("--format", help="The format to write.")],
    out: Out = None,
    report: Report = ReportFormat.TEXT,
    plain: Annotated[
        bool, typer.Option("--plain", help="Without our own words in the format's extension slot: what the format cannot say is lost.")
    ] = False,
    strict: Strict = False,
    force: Force = False,
    select: Select = None,
    exclude: Exclude = None,
    selector: Selector = "",
    state: State = None,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Write the layer's metrics, dimensions and joins in another tool's format, and report what that format cannot say.

    Example: datamind export --format osi --out exchange
    """
    from app.service.interchange import Format, export_layer

    layer = _project(project_dir, profiles_dir, target, variables, needed=True)
    if layer is not None and (select or exclude or selector):
        from app.cli.project import settings_under
        from app.cli.selecting import selected
        from app.service.narrowed import narrowed

        found = selected(settings_under(project_dir, profiles_dir, target, variables), select, exclude, selector, state)
        layer = narrowed(layer, found) if found is not None else layer
    if layer is not None:
        _deliver(export_layer(layer, Format(to.value), extended=not plain), out, report, strict=strict, force=force)


def _project(project_dir: Path | None, profiles_dir: Path | None, target: str, variables: str, *, needed: bool) -> Layer | None:
    """The compiled project. An import does without one: then models and columns are taken as the files have them."""
    from app.cli.manners import LogLevel
    from app.cli.project import compiled
    from app.cli.show import say
    from app.errors import Severity, UserError

    try:
        found = compiled(project_dir, profiles_dir, target, variables)
    except UserError as error:
        if needed:
            raise
        problem = error.problem
        say(LogLevel.WARN, f"without a dbt project ({problem.code} {problem.message}): models and columns are taken as the files have them")
        return None
    errors = sum(problem.severity is Severity.ERROR for problem in found.problems)
    if errors:
        say(LogLevel.WARN, f"the project has {errors} errors, and what they leave out is not there: see `datamind validate`")
    return found.layer


def _deliver(converted: Converted, out: Path | None, report: ReportFormat, *, strict: bool, force: bool) -> None:
    """Write files and report. Exits with 1 where `strict` asks for it."""
    from app.cli.drafted import write_files
    from app.cli.show import note
    from app.cli.terminal import clean

    if out is None:
        sys.stdout.write(converted.text)
    else:
        for path in write_files(out, converted.files, force=force):
            note(f"wrote {path}")
    if report is ReportFormat.JSON:
        (sys.stdout if out is not None else sys.stderr).write(converted.report_json())
    else:  # names of foreign files are shown as they are, and never obeyed
        sys.stderr.writelines(f"{clean(line)}\n" for line in converted.report_text().splitlines())
    if strict and not converted.lossless:
        raise typer.Exit(1)
