"""`datamind models list|accept|reject|check|usage`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import Json, Reason

if TYPE_CHECKING:
    from app.cli.session import Session
    from app.service.model_deciding import Standing

ModelId = Annotated[str, typer.Argument(help="The model's id (mdl_…), as `models list` shows it.")]

models = typer.Typer(help="Ask the language models, decide which may draft, and see what they used.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(models, name="models")


@models.command("list")
def list_all(as_json: Json = False) -> None:
    """List the language models: whether each may draft, and what it reads otherwise than admins approved.

    Example: datamind models list
    """
    from app.cli.listing import show_list
    from app.cli.show import note
    from app.service.model_body import model_body
    from app.service.model_deciding import list_models
    from app.service.present import to_json

    with _opened() as found:
        bodies = [model_body(found.deps, found.caller, one) for one in list_models(found.deps, found.caller)]
    if as_json:
        sys.stdout.write(to_json(bodies).decode() + "\n")
        return
    places = ["address"] if any(one["address"] for one in bodies) else []
    head = ["id", "provider", "model", *places, "state", "drafts", "approved", "same", "other", "none", "calls", "dollars"]
    counts = ("approved", "same", "other", "none", "calls")
    rows = [
        [
            *(one[name] for name in ("id", "provider", "model", *places, "state", "drafts")),
            *(one["questions"][name] for name in counts),
            f"{one['questions']['cost']:.4f}",
        ]
        for one in bodies
    ]
    show_list(head, rows, as_json=False)
    for one in bodies:
        for line in (one["fault"], one["reason"], *(_told(difference) for difference in one["differences"])):
            if line:
                note(f"{one['provider']} {one['model']}: {line}")


@models.command()
def accept(model_id: ModelId, reason: Reason = "", as_json: Json = False) -> None:
    """Let a language model draft although it reads approved questions otherwise.

    Example: datamind models accept mdl_0192… --reason "it reads the old names, which nobody says any more"
    """
    from app.service.model_deciding import accept as let_in

    with _opened() as found:
        _decided(found, let_in(found.deps, found.caller, model_id, reason), as_json)


@models.command()
def reject(model_id: ModelId, reason: Reason = "", as_json: Json = False) -> None:
    """Shut a language model out; the settings stay as they are.

    Example: datamind models reject mdl_0192… --reason "it takes gross for net"
    """
    from app.service.model_deciding import reject as shut_out

    with _opened() as found:
        _decided(found, shut_out(found.deps, found.caller, model_id, reason), as_json)


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


def _opened() -> Any:
    from app.adapters.embedded.stack import Part
    from app.cli.session import session

    return session((Part.STORE, Part.REDIS))


def _told(difference: dict[str, str]) -> str:
    return f"“{difference['question']}” was approved as {difference['approved']}; the model: {difference['now']}"


def _decided(found: Session, one: Standing, as_json: bool) -> None:
    from app.cli.show import note
    from app.service.model_body import model_body
    from app.service.present import to_json

    if as_json:
        sys.stdout.write(to_json(model_body(found.deps, found.caller, one)).decode() + "\n")
    else:
        note(f"{one.gate.provider} {one.gate.model} is {one.gate.state}")
