"""`datamind serve`: the gateway."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; else the settings say.")] = "",
    port: Annotated[int | None, typer.Option(help="The port to listen on; else the settings say.")] = None,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Run the gateway (REST and its OpenAPI page) until it is told to stop.

    Example: datamind serve --port 8000
    """
    from app.adapters.embedded.stack import Part
    from app.cli.project import settings_under
    from app.cli.show import from_threads, progress
    from app.gateway.serve import run
    from app.wiring.deps import opened
    from app.wiring.servers import servers

    named = {name: value for name, value in (("host", host), ("port", port)) if value}
    from app.cli.manners import LogFormat, manners

    form = manners().log_format
    if form is not LogFormat.DEFAULT:
        named["log_format"] = "json" if form is LogFormat.JSON else "text"
    settings = settings_under(project_dir, profiles_dir, target, variables, **named)
    progress(f"gateway on http://{settings.host}:{settings.port}/api/v1, its OpenAPI page on http://{settings.host}:{settings.port}/docs")
    with servers(settings, tuple(Part), progress=from_threads()) as found, opened(settings, found) as deps:
        run(settings, found, deps)
