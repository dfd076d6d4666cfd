"""`datamind debug`: what is connected and what is missing."""

from __future__ import annotations

import typer

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(debug)


def debug(
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Test the settings: the project, its artifacts, each engine, the store, Redis and the vector store. Exits with 1 where something is wrong.

    Example: datamind debug
    """
    from app.cli import logs
    from app.cli.findings import show_findings
    from app.cli.project import settings_under
    from app.service.checkup import checkup
    from app.wiring.checks import reachable

    logs.configure()
    show_findings(checkup(reachable(settings_under(project_dir, profiles_dir, target, variables))), as_json=as_json)
