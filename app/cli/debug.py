"""`datamind debug`: what is connected and what is missing."""

from __future__ import annotations

import typer

from app.cli.options import Json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(debug)


def debug(as_json: Json = False) -> None:
    """Test the settings: the project, its artifacts, each engine, the store and Redis. Exits with 1 where something is wrong.

    Example: datamind debug
    """
    from app.cli import logs
    from app.cli.findings import show_findings
    from app.service.checkup import checkup
    from app.settings import load_settings
    from app.wiring.checks import reachable

    logs.configure()
    show_findings(checkup(reachable(load_settings())), as_json=as_json)
