"""`datamind users create|list|grant|disable`."""

from __future__ import annotations

from typing import Annotated

import typer

Attributes = Annotated[list[str] | None, typer.Option("--attr", help="An attribute that row filters read, NAME=VALUE; may be repeated.")]
Groups = Annotated[list[str] | None, typer.Option("--group", help="A group; may be repeated.")]
Email = Annotated[str, typer.Argument(help="The e-mail address.")]

users = typer.Typer(help="Make and change the people who may sign in.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="users")
