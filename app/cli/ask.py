"""`datamind ask`."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.options import As, Attribute, Csv, Explain, Json, Output, ProfilesDir, ProjectDir, Source, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ask)


def ask(
    question: Annotated[str, typer.Argument(help='A question in words, such as "revenue by country last quarter".')],
    follow_up: Annotated[
        bool, typer.Option("--follow-up", help="Go on from the last question that was answered here, on this machine.")
    ] = False,
    source: Source = "",
    explain: Explain = "",
    role: As = "admin",
    attributes: Attribute = None,
    csv: Csv = "",
    output: Output = None,
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
    from app.cli.going_on import asked_before, conversation_here
    from app.cli.output_file import check_output
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.service.ask import ask as answer
    from app.service.conversations import keep_alone, keep_on

    check_output(output, explain)
    stage = stage_named(explain)
    with session(role=role, attributes=attributes or (), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        previous, remarks = asked_before(found) if follow_up else (None, ())
        turn = answer(found.deps, found.caller, question, previous=previous, remarks=remarks, source=source, until=stage)
        (keep_on if follow_up else keep_alone)(found.deps, found.caller, turn, conversation_here(found))
        finish(found, turn, explain=stage, as_json=as_json, csv=csv, output=output)
