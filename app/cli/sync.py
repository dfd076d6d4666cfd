"""`datamind sync`."""

from __future__ import annotations

import sys

import typer

from app.cli.options import Json, ProfilesDir, ProjectDir, Target, Vars


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sync)


def sync(
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Compile the project and publish the layer where its content changed.

    Example: datamind sync
    """
    from app.adapters.embedded.stack import Part
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.cli.show import note, show_problems
    from app.service.present import to_json
    from app.service.sync import sync as publish

    with session((Part.STORE, Part.REDIS), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        report = publish(found.deps, by="cli", correlation_id=found.caller.correlation_id)
    if as_json:
        sys.stdout.write(to_json(report).decode() + "\n")
        return
    show_problems(report.problems)
    state = "published" if report.published else "is current already"
    note(f"layer {report.layer_version} {state}: {report.models} models, {report.metrics} metrics")
