"""`datamind audit verify|list`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Json

if TYPE_CHECKING:
    from app.service.audit_verify import Verified

Since = Annotated[str, typer.Option("--since", help="A moment (2026-11-21, 2026-11-21T10:00:00Z) or a record's number: from there on.")]

audit = typer.Typer(help="Read the audit trail, and find out whether it is whole.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(audit, name="audit")


@audit.command()
def verify(since: Since = "", as_json: Json = False) -> None:
    """Find records of the audit trail that were altered, deleted, moved or cut off; exits with 1 where there are any.

    Example: datamind audit verify --since 2026-11-01
    """
    from app.adapters.embedded.stack import Part
    from app.cli.count_bar import count_bar
    from app.cli.session import session
    from app.service.audit_verify import verified_body
    from app.service.audit_verify import verify as verified
    from app.service.present import to_json

    with session((Part.STORE,)) as found, count_bar("reading the audit trail") as tell:
        outcome = verified(found.deps.trail, found.settings.project_id, since, tell)
    if as_json:
        sys.stdout.write(to_json(verified_body(outcome)).decode() + "\n")
    else:
        _show(outcome)
    if not outcome.whole:
        raise typer.Exit(1)


@audit.command("list")
def list_records(
    since: Annotated[str, typer.Option("--since", help="From this moment on (UTC where it names no zone).")] = "",
    until: Annotated[str, typer.Option("--until", help="Before this moment.")] = "",
    user: Annotated[str, typer.Option("--user", help="Of the user of that id.")] = "",
    event: Annotated[str, typer.Option("--event", help="Of that type, such as query.execute.")] = "",
    status: Annotated[str, typer.Option("--status", help="With that outcome, such as refused.")] = "",
    component: Annotated[str, typer.Option("--component", help="Of that part.")] = "",
    correlation: Annotated[str, typer.Option("--correlation", help="Of that request.")] = "",
    query: Annotated[str, typer.Option("--query", help="Of the query of that id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """List records of the audit trail, newest first. Reading them is recorded.

    Example: datamind audit list --event access.refuse --since 2026-11-21
    """
    from app.adapters.embedded.stack import Part
    from app.cli.session import session
    from app.cli.tables import show_table
    from app.ports.audit import AuditFilter
    from app.service.audit_log import read, record_body
    from app.service.audit_verify import moment_of
    from app.service.present import to_json

    first, last = (moment_of(text) if text else None for text in (since, until))
    wanted = AuditFilter(first, last, user, event, status, component, correlation, query)
    with session((Part.STORE,)) as found:
        records = read(found.deps, found.caller, wanted, limit=limit)
    if as_json:
        sys.stdout.write(to_json([record_body(one) for one in records]).decode() + "\n")
        return
    show_table(
        ["number", "at (UTC)", "event", "status", "user", "from", "details"],
        [
            [
                str(one.sequence or ""),
                f"{one.at:%Y-%m-%d %H:%M:%S}",
                one.event_type,
                one.status,
                one.email or one.user_id,
                one.ip_address,
                one.details,
            ]
            for one in records
        ],
        numeric={0},
    )


def _show(outcome: Verified) -> None:
    """What was found: the verdict last."""
    from app.cli.show import note, show_problems
    from app.errors import Problem
    from app.service.audit_verify import told

    for line in told(outcome):
        note(line)
    show_problems([Problem("DM8080", fault.message) for fault in outcome.faults])
    if outcome.faults_found > len(outcome.faults):
        note(f"and {outcome.faults_found - len(outcome.faults):,} more")
    sys.stdout.write("the audit trail is whole\n" if outcome.whole else "the audit trail is NOT whole\n")
