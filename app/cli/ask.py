"""`datamind ask`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import As, Attribute, Csv, Explain, Json, ProfilesDir, ProjectDir, Source, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ask)


def ask(
    question: Annotated[str, typer.Argument(help='A question in words, such as "revenue by country last quarter".')],
    source: Source = "",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    csv: Csv = "",
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Ask a question in words.

    Example: datamind ask "revenue by sales channel last quarter"
    """
    from app.cli.answering import finish, stage_named
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.service.ask import ask as answer

    stage = stage_named(explain)
    with session(role=role, attributes=attributes or (), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        finish(found, answer(found.deps, found.caller, question, source=source, until=stage), explain=stage, as_json=as_json, csv=csv)
