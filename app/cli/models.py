"""`datamind models check|usage`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.options import Json

models = typer.Typer(help="Ask the language models, and see what they used.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(models, name="models")


@models.command()
def check(as_json: Json = False) -> None:
    """Ask each language model of the settings one tiny thing: is it there, does it keep to a schema, what does it take? Exits with 1 where one does not answer.

    Example: datamind models check
    """
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.cli.show import note
    from app.cli.tables import show_table
    from app.service.model_check import check as checked
    from app.service.present import to_json

    with session((Part.STORE,)) as found:
        lines = checked(found.deps.models, found.caller)
    if as_json:
        sys.stdout.write(to_json(lines).decode() + "\n")
    elif lines:
        show_table(
            ["provider", "model", "state", "ms", "tokens in", "tokens out", "dollars"],
            [
                [one.provider, one.model, one.state, f"{one.ms:.0f}", str(one.tokens_in), str(one.tokens_out), f"{one.cost:.6f}"]
                for one in lines
            ],
        )
        for one in lines:
            if one.detail:
                note(" ".join(filter(None, (one.code, one.detail, f"({one.hint})" if one.hint else ""))))
    else:
        note("no language model is set: the grounded interpreter answers alone (DATAMIND_LLM_PROVIDER)")
    if any(one.state == "wrong" for one in lines):
        raise typer.Exit(1)


@models.command()
def usage(
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="Of so many days, today among them.")] = 30, as_json: Json = False
) -> None:
    """List what language models used by day (UTC), person and model: calls, tokens, cost.

    Example: datamind models usage --days 7
    """
    import datetime as dt

    from app.adapters.embedded.stack import Part
    from app.cli.listing import show_list
    from app.cli.session import session
    from app.service.model_usage import usage as used
    from app.service.present import fields, to_json

    with session((Part.STORE,)) as found:
        today = found.deps.clock.now().astimezone(dt.UTC).date()
        lines = used(found.deps.models, found.caller, today, since=today - dt.timedelta(days - 1))
    if as_json:
        sys.stdout.write(to_json([fields(one, "project_id") for one in lines]).decode() + "\n")
        return
    show_list(
        ["day", "person", "provider", "model", "calls", "failures", "tokens in", "tokens out", "dollars"],
        [
            [
                str(one.day), one.user_id, one.provider, one.model, str(one.calls), str(one.failures), str(one.tokens_in), str(one.tokens_out),
                f"{one.cost:.4f}",
            ]
            for one in lines
        ],
        as_json=False,
    )  # fmt: skip
