"""`datamind serve`: the gateway."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; else the settings say.")] = "",
    port: Annotated[int | None, typer.Option(help="The port to listen on; else the settings say.")] = None,
) -> None:
    """Run the gateway (REST and its OpenAPI page) until it is told to stop.

    Example: datamind serve --port 8000
    """
    from app.adapters.embedded.stack import Part
    from app.cli.show import progress
    from app.gateway.serve import run
    from app.settings import load_settings
    from app.wiring.deps import opened
    from app.wiring.servers import servers

    settings = load_settings(**({"host": host} if host else {}), **({"port": port} if port else {}))
    progress(f"gateway on http://{settings.host}:{settings.port}/api/v1, its OpenAPI page on http://{settings.host}:{settings.port}/docs")
    with servers(settings, tuple(Part), progress=progress) as found, opened(settings, found) as deps:
        run(settings, found, deps)
