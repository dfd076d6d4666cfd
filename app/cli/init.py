"""`datamind init`: connect a project of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)


def init(
    project_dir: Annotated[Path, typer.Option("--project-dir", help="Where to look for dbt_project.yml.")] = Path(),
    profiles_dir: Annotated[
        Path | None, typer.Option("--profiles-dir", help="The folder of profiles.yml, where dbt would not look.")
    ] = None,
    postgres: Annotated[str, typer.Option(help="The profile's output for PostgreSQL; else the only one, or the default one.")] = "",
    clickhouse: Annotated[str, typer.Option(help="The profile's output for ClickHouse; else the only one, or the default one.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a settings file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Find the dbt project and its profile, test both engines, write one settings file, and say what is missing.

    Example: datamind init --project-dir ~/analytics
    """
    from app.cli import logs
    from app.cli.findings import show_findings
    from app.cli.project_setup import chosen_outputs, found_project, settings_text, write_settings
    from app.service.checkup import checkup
    from app.settings import SETTINGS_FILE, load_settings
    from app.wiring.checks import reachable

    logs.configure()
    folder = found_project(project_dir)
    outputs = chosen_outputs(folder, profiles_dir, {"postgres": postgres, "clickhouse": clickhouse})
    write_settings(Path(SETTINGS_FILE), settings_text(folder, profiles_dir, outputs), force=force)
    settings = load_settings()
    show_findings(checkup(reachable(settings)), as_json=as_json, written=SETTINGS_FILE)
