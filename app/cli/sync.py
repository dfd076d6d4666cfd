"""`datamind sync`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Json, ProfilesDir, ProjectDir, Reason, Target, Vars

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.service.sync import SyncReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(sync)


def sync(
    force: Annotated[bool, typer.Option("--force", help="Publish also what breaks consumers, or was rolled back; wants --reason.")] = False,
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing: say what would change, and what would be refused.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: parse and publish again whenever the project is edited.")] = False,
    as_json: Json = False,
    project_dir: ProjectDir = None,
    profiles_dir: ProfilesDir = None,
    target: Target = "",
    variables: Vars = "",
) -> None:
    """Parse what was edited, compile the project, and publish the layer where its content changed.

    Example: datamind sync
    """
    from app.adapters.embedded.stack import Part
    from app.cli.project import settings_under
    from app.cli.session import session
    from app.cli.step_bar import step_bar
    from app.service.in_step import STEPS, in_step
    from app.service.present import to_json
    from app.service.publishing import Doer
    from app.service.version_body import sync_body

    if force and not reason.strip():
        raise typer.BadParameter("it wants a reason, which is kept: --reason …", param_hint="--force")
    with session((Part.STORE, Part.REDIS), settings=settings_under(project_dir, profiles_dir, target, variables)) as found:
        doer = Doer("cli", found.caller.correlation_id, force, reason)

        def once(seen: Callable[[str], None] = lambda _content: None) -> None:
            with step_bar("sync", STEPS[1:]) as tell:
                report = in_step(found.deps, doer, dry_run=dry_run, tell=tell, seen=seen)
            if as_json:
                sys.stdout.write(to_json(sync_body(report)).decode() + "\n")
                sys.stdout.flush()
            else:
                show_sync(report, dry_run=dry_run)

        if watch:
            from app.cli.watch import watch as go_on

            go_on(found.deps, once)
        once()


def show_sync(report: SyncReport, *, dry_run: bool = False) -> None:
    """What a sync found and did, for people."""
    from app.cli.formats.diff_text import counted, report_lines
    from app.cli.manners import manners
    from app.cli.show import note, show_problems

    show_problems(report.problems)
    if dry_run and report.report is not None:
        sys.stdout.writelines(f"{line}\n" for line in report_lines(report.report, colours=manners().colours(sys.stdout)))
    changed = f"; since the version before: {counted(report.report)}" if report.report is not None else ""
    show_problems(report.refused)
    anew = (
        "would not be published"
        if report.refused
        else "would be published"
        if report.report is None or report.report.changes
        else "is current already"
    )
    state = f"published as version {report.number}" if report.published else anew if dry_run else "is current already"
    if report.training.added or report.training.removed:
        note(f"training items: {report.training.added} added, {report.training.removed} removed, {report.training.kept} kept")
    note(
        f"layer {report.layer_version} {state}: {report.models} models, {report.metrics} metrics{changed if report.published or dry_run else ''}"
    )
