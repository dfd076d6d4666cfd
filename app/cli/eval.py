"""`datamind eval`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import As, Attribute, Json, ProfilesDir, ProjectDir, Source, Target, Vars

_THRESHOLDS = "Thresholds"


class Show(StrEnum):
    """Which questions are listed."""

    WRONG = "wrong"
    ALL = "all"
    NONE = "none"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval")(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Golden questions, one JSON object a line.")],
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
    postgres_url: Annotated[
        str, typer.Option("--postgres-url", help="The warehouse is this PostgreSQL; DATAMIND_POSTGRES_URL keeps its password out of sight.")
    ] = "",
    clickhouse_url: Annotated[
        str,
        typer.Option("--clickhouse-url", help="The warehouse is this ClickHouse; DATAMIND_CLICKHOUSE_URL keeps its password out of sight."),
    ] = "",
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Write each answer to this file as it comes, one JSON object a line.")
    ] = None,
    show: Annotated[Show, typer.Option("--show", help="Which questions are listed with what became of them.")] = Show.WRONG,
    accuracy: Annotated[
        float | None,
        typer.Option(
            "--min-accuracy", min=0, max=1, help="Exit with 1 where less of the answerable is right.", rich_help_panel=_THRESHOLDS
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--min-precision", min=0, max=1, help="Exit with 1 where less of the given answers is right.", rich_help_panel=_THRESHOLDS
        ),
    ] = None,
    clarified: Annotated[
        float | None,
        typer.Option(
            "--min-clarified", min=0, max=1, help="Exit with 1 where less of the ambiguous is asked back.", rich_help_panel=_THRESHOLDS
        ),
    ] = None,
    refused: Annotated[
        float | None,
        typer.Option(
            "--min-refused", min=0, max=1, help="Exit with 1 where less of the unanswerable is refused.", rich_help_panel=_THRESHOLDS
        ),
    ] = None,
    calibration: Annotated[
        float | None,
        typer.Option(
            "--max-calibration-error",
            min=0,
            max=1,
            help="Exit with 1 where confidence and the part that is right differ by more.",
            rich_help_panel=_THRESHOLDS,
        ),
    ] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(
            "--provider", help="A language model, PROVIDER or PROVIDER:MODEL, beside the grounded interpreter; give it again for more."
        ),
    ] = None,
    source: Source = "",
    role: As = "admin",
    attributes: Attribute = None,
    as_json: Json = False,
) -> None:
    """Ask golden questions of a project, and count how many are answered rightly, asked back and refused as they should be.

    With --provider the same questions are asked by the grounded interpreter alone and with each language model, and what they come to is put side by side.

    Example: datamind eval questions.jsonl --project . --min-accuracy 0.85
    """
    from app.cli.evaluating import Asked, made, write
    from app.service.evaluation.thresholds import Thresholds

    if provider and answers is not None:
        raise typer.BadParameter("choose one of --provider and --answers", param_hint="--answers")
    thresholds = Thresholds(accuracy, precision, clarified, refused, calibration)
    asked = Asked(file, postgres_url, clickhouse_url, answers, source, role, tuple(attributes or ()))
    if provider:
        from app.cli.evaluating_providers import compared, write_compared

        ways = compared(asked, provider, thresholds, project_dir, profiles_dir, target, variables)
        write_compared(ways, as_json=as_json, listed=show is not Show.NONE)
        if any(way.missed for way in ways):
            raise typer.Exit(1)
        return
    report = made(asked, thresholds, project_dir, profiles_dir, target, variables)
    write(report, show, as_json=as_json)
    if report.missed:
        raise typer.Exit(1)
