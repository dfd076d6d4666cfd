"""`datamind quality`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.complete import engines
from app.cli.options import As, Attribute, Json, ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(quality)


def quality(
    engine: Annotated[str, typer.Option("--source", help="Of this engine alone: postgres or clickhouse.", autocompletion=engines)] = "",
    every: Annotated[bool, typer.Option("--all", help="What passed too.")] = False,
    as_json: Json = False,
    role: As = "admin",
    attributes: Attribute = None,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """List what dbt's last runs said of the data: tests that did not pass, stale sources, tables that could not be built.

    Example: datamind quality --source postgres
    """
    from app.adapters.embedded.stack import Part
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.cli.show import note
    from app.cli.tables import show_table
    from app.model.quality import ResultStatus
    from app.service.present import to_json
    from app.service.quality_view import quality as listed

    settings = settings_under(project_dir, profiles_dir, target, variables)
    with session((Part.STORE,), role=role, attributes=attributes or (), settings=settings) as found:
        lines = listed(found.deps, found.caller, engine=engine)
    doubtful = [line for line in lines if line.status is not ResultStatus.PASS]
    shown = lines if every else doubtful
    if as_json:
        sys.stdout.write(to_json(shown).decode() + "\n")
        return
    if shown:
        show_table(
            ["status", "engine", "kind", "name", "on", "at (UTC)", "on failure"],
            [
                [line.status, line.engine, line.kind, line.name, ", ".join(line.on), f"{line.at:%Y-%m-%d %H:%M}", line.on_failure]
                for line in shown
            ],
        )
    note(f"{len(lines) - len(doubtful)} passed, {len(doubtful)} did not")
