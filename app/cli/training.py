"""`datamind training list|search|refresh`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import As, Attribute, Json

if TYPE_CHECKING:
    from app.model.records import TrainingItem

training = typer.Typer(help="Look at the training items of the published layer, and train it again.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(training, name="training")


@training.command("list")
def list_items(role: As = "admin", attributes: Attribute = None, as_json: Json = False) -> None:
    """List the training items of the published layer, and which of them are in the index.

    Example: datamind training list --as analyst
    """
    from app.adapters.embedded.stack import Part
    from app.cli.listing import show_list
    from app.cli.session import session
    from app.cli.show import show_problems
    from app.service.present import to_json
    from app.service.training import listed

    with session((Part.STORE,), role=role, attributes=attributes or (), local_layer=False) as found:
        items, problems = listed(found.deps, found.deps.serving.view(found.caller.principal))
    show_problems(problems)
    if as_json:
        sys.stdout.write(to_json(items).decode() + "\n")
        return
    show_list(["kind", "subject", "text", "index"], [[*_cells(one.item), "yes" if one.searched else "no"] for one in items], as_json=False)


@training.command()
def search(
    text: Annotated[str, typer.Argument(help="A question, or some words.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many items of each kind.")] = 5,
    role: As = "admin",
    attributes: Attribute = None,
    as_json: Json = False,
) -> None:
    """Show the training items that help with a question, nearest first.

    Example: datamind training search "revenue by country" --as analyst
    """
    from dataclasses import replace

    from app.adapters.embedded.stack import Part
    from app.cli.listing import show_list
    from app.cli.session import session
    from app.errors import Severity, UserError
    from app.service.present import to_json
    from app.service.training import retrieve

    with session((Part.STORE,), role=role, attributes=attributes or (), local_layer=False) as found:
        items = retrieve(found.deps, found.deps.serving.view(found.caller.principal), text, limit)
    if items.problems:
        raise UserError(*(replace(problem, severity=Severity.ERROR) for problem in items.problems))
    if as_json:
        sys.stdout.write(to_json(items).decode() + "\n")
        return
    show_list(
        ["kind", "subject", "text"], [_cells(item) for item in (*items.documentation, *items.ddl, *items.question_sql)], as_json=False
    )


@training.command()
def refresh(
    full: Annotated[bool, typer.Option("--full", help="Make every vector anew, also where it is there.")] = False, as_json: Json = False
) -> None:
    """Bring the index in step with the published layer, as every sync does.

    Example: datamind training refresh --full
    """
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.cli.show import note, show_problems
    from app.service.present import to_json
    from app.service.training import train_published

    with session((Part.STORE,), local_layer=False) as found:
        trained, problems = train_published(found.deps, full=full)
    show_problems(problems)
    if as_json:
        sys.stdout.write(to_json({"training": trained, "problems": problems}).decode() + "\n")
        return
    note(f"training items: {trained.added} added, {trained.removed} removed, {trained.kept} kept")


def _cells(item: TrainingItem) -> list[str]:
    """Kind, subject, and the first line of what an item says."""
    return [str(item.kind), item.subject, (item.question or item.content).partition("\n")[0]]
