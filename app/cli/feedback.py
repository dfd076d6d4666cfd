"""`datamind feedback patch`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.options import Json

feedback = typer.Typer(help="What people said of answers, and the corrections of admins.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(feedback, name="feedback")


@feedback.callback()
def group() -> None:
    """What people said of answers, and the corrections of admins."""


@feedback.command()
def patch(
    correction: Annotated[str, typer.Argument(help="The id of a correction, or of a flagged entry.")],
    as_json: Json = False,
) -> None:
    """Show the synonym or segment by which the dbt project says a correction itself, as a unified diff for `git apply -p1`.

    Example: datamind feedback patch apr_01a2050da92f7929815d8cf8b8a6429d
    """
    from dataclasses import asdict

    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.service import correction_patch
    from app.service.present import to_json

    with session((Part.STORE,), role="admin", local_layer=False) as found:
        made = correction_patch.patch(found.deps, found.caller, correction)
    sys.stdout.write(to_json(asdict(made)).decode() + "\n" if as_json else made.patch)
