"""`datamind serve`: the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars

_MOUNT = "Without a dbt project"


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
    schema: Annotated[
        list[str] | None,
        typer.Option(
            "--schema",
            metavar="FILE",
            help="A file of CREATE TABLE statements, of PostgreSQL or ClickHouse, with rows if you like; may be repeated, in the order in which "
            "they are loaded. Its content tells the dialect; `clickhouse=FILE` says it.",
            rich_help_panel=_MOUNT,
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="Who sees what of these tables, and the users to make: JSON or YAML.", rich_help_panel=_MOUNT
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="A directory of its own for the embedded servers; else the settings say.", rich_help_panel=_MOUNT),
    ] = None,
    keep_passwords: Annotated[
        bool,
        typer.Option("--keep-passwords", help="Leave users their passwords who were made before; else each start makes new ones."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the gateway (REST and its OpenAPI page) until it is told to stop.

    With --schema and --policy it serves the tables of those files as they are: no dbt project, worker or queue is needed. Where no URL names the warehouse
    the files are loaded into an embedded one. The users of the policy file are made, and their passwords printed once: e-mail, role, password.

    Example: datamind serve --port 8000
    """
    from app.adapters.embedded.stack import Part
    from app.cli.project import settings_under
    from app.cli.show import from_threads, progress
    from app.gateway.serve import run
    from app.wiring.deps import opened
    from app.wiring.servers import servers

    named = {name: value for name, value in (("host", host), ("port", port), ("data_dir", data_dir)) if value}
    from app.cli.manners import LogFormat, manners

    form = manners().log_format
    if form is not LogFormat.DEFAULT:
        named["log_format"] = "json" if form is LogFormat.JSON else "text"
    if schema or policy:
        from app.cli.mount import serve_mounted
        from app.settings import load_settings

        if not schema or policy is None:
            raise typer.BadParameter("give both --schema and --policy", param_hint="--schema / --policy")
        serve_mounted(load_settings(**named), schema, policy, keep_passwords=keep_passwords, as_json=as_json)
        return
    settings = settings_under(project_dir, profiles_dir, target, variables, **named)
    progress(f"gateway on http://{settings.host}:{settings.port}/api/v1, its OpenAPI page on http://{settings.host}:{settings.port}/docs")
    with servers(settings, tuple(Part), progress=from_threads()) as found, opened(settings, found) as deps:
        run(settings, found, deps)
