"""`datamind demo` and `datamind demo load`: the whole way on the demo business, from raw rows to explained answers."""

from __future__ import annotations

from typing import Annotated

import typer

demo = typer.Typer(invoke_without_command=True)
Scale = Annotated[float, typer.Option(help="1 is about 200,000 order lines over three years.", min=0.001, max=50)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(demo, name="demo")


@demo.callback()
def run(
    context: typer.Context,
    serve: Annotated[bool, typer.Option("--serve", help="Stay up: gateway, worker with beat, and the Streamlit page.")] = False,
    scale: Scale = 1.0,
) -> None:
    """Start the stack, load and build the demo business, publish its layer, and ask five questions.

    Example: datamind demo --serve
    """
    if context.invoked_subcommand is None:
        from app.cli.demo.walk import walk

        walk(scale, serve=serve)


@demo.command()
def load(scale: Scale = 1.0) -> None:
    """Load the raw data of the demo business into both warehouses.

    Example: datamind demo load --scale 0.1
    """
    from app.cli.demo.prepare import PARTS, load_raw
    from app.cli.show import from_threads
    from app.settings import load_settings
    from app.wiring.servers import servers

    with servers(load_settings(), PARTS, progress=from_threads()) as found:
        load_raw(found, scale)
