"""`datamind versions list|show|diff|rollback|approve|reject`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import Json, Reason

if TYPE_CHECKING:
    from app.model.versions import Publication
    from app.service.publishing import Doer, Published
    from app.service.versions import Shown

Name = Annotated[
    str, typer.Argument(help="A version: its number, 7 or more digits of its hash, or a candidate's id; else the current one.")
]
CandidateId = Annotated[str, typer.Argument(help="The candidate's id (cnd_…), as `versions list` shows it.")]

versions = typer.Typer(help="Look at the versions of the layer, go back to one, and decide on those that wait.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(versions, name="versions")


@versions.command("list")
def list_all(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most this many, the newest first.")] = 20,
    before: Annotated[int, typer.Option("--before", min=0, help="Only those with smaller numbers.")] = 0,
    as_json: Json = False,
) -> None:
    """List what was published, newest first, and what waits for an admin.

    Example: datamind versions list --limit 5
    """
    from app.cli.show import note
    from app.service.present import to_json
    from app.service.version_body import candidate_body, publication_body
    from app.service.versions import list_versions, waiting

    with _opened() as found:
        published = list_versions(found.deps, before=before, limit=limit)
        open_ones = waiting(found.deps)
        current = found.deps.layers.current(found.deps.project_id)
    if as_json:
        body = {"versions": [publication_body(one) for one in published], "waiting": [candidate_body(one) for one in open_ones]}
        sys.stdout.write(to_json(body).decode() + "\n")
        return
    _table(published, current)
    for one in open_ones:
        note(
            f"waits for an admin: {one.id}, layer {one.version} ({', '.join(one.causes)}), compiled {_time(one.compiled_at)} by {one.compiled_by}"
        )


@versions.command()
def show(name: Name = "", as_json: Json = False) -> None:
    """Show a version and what it changed.

    Example: datamind versions show 7
    """
    from app.service.versions import show as shown

    with _opened() as found:
        _show(shown(found.deps, name), as_json)


@versions.command()
def diff(
    old: Annotated[str, typer.Argument(help="The version to compare with: number or hash.")],
    new: Name = "",
    as_json: Json = False,
) -> None:
    """Show what differs between two versions, the second being the current one where none is named.

    Example: datamind versions diff 6 7
    """
    from app.service.versions import diff as compared

    with _opened() as found:
        _show(compared(found.deps, old, new), as_json)


@versions.command()
def rollback(
    name: Annotated[str, typer.Argument(help="The version to go back to: number or hash; else the one before the current.")] = "",
    reason: Reason = "",
    accept_looser: Annotated[
        bool, typer.Option("--accept-looser", help="Do it also where people may then see more than now: policies and PII marks of before.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Serve an earlier version again; syncs leave it so until the project is changed.

    Example: datamind versions rollback 6 --reason "revenue counted refunds"
    """
    from app.service.versions import rollback as roll_back

    with _opened() as found:
        _tell(roll_back(found.deps, _doer(found, reason), name, accept_looser=accept_looser), as_json)


@versions.command()
def approve(candidate_id: CandidateId, reason: Reason = "", as_json: Json = False) -> None:
    """Publish a layer that waits for an admin.

    Example: datamind versions approve cnd_0192… --reason "agreed with the finance team"
    """
    from app.service.versions import approve as publish

    with _opened() as found:
        _tell(publish(found.deps, _doer(found, reason), candidate_id), as_json)


@versions.command()
def reject(candidate_id: CandidateId, reason: Reason = "", as_json: Json = False) -> None:
    """Say no to a layer that waits for an admin.

    Example: datamind versions reject cnd_0192… --reason "the mask stays"
    """
    from app.cli.show import note
    from app.service.present import to_json
    from app.service.version_body import candidate_body
    from app.service.versions import reject as say_no

    with _opened() as found:
        said = say_no(found.deps, _doer(found, reason), candidate_id)
    if as_json:
        sys.stdout.write(to_json(candidate_body(said)).decode() + "\n")
    else:
        note(f"candidate {said.id} is rejected; the served layer stays")


def _opened() -> Any:
    from app.adapters.embedded.stack import Part
    from app.cli.session import session

    return session((Part.STORE, Part.REDIS))


def _doer(found: Any, reason: str) -> Doer:
    from app.service.publishing import Doer

    return Doer("cli", found.caller.correlation_id, reason=reason)


def _table(published: Any, current: Publication | None) -> None:
    from app.cli.listing import show_list

    head = ["number", "version", "published", "by", "origin", "commit", "changes", "reason", "current"]
    rows = [
        [
            one.number,
            one.version,
            _time(one.published_at),
            one.published_by,
            f"{one.origin} to {one.restores}" if one.restores else str(one.origin),
            one.git_commit[:10],
            one.worst,
            one.reason,
            current is not None and one.number == current.number,
        ]
        for one in published
    ]
    show_list(head, rows, as_json=False)


def _show(found: Shown, as_json: bool) -> None:
    from app.cli.formats.diff_text import counted, report_lines
    from app.cli.manners import manners
    from app.cli.show import note
    from app.service.present import to_json
    from app.service.version_body import shown_body, title

    if as_json:
        sys.stdout.write(to_json(shown_body(found)).decode() + "\n")
        return
    lines = list(report_lines(found.report, colours=manners().colours(sys.stdout))) if found.report is not None else []
    sys.stdout.writelines(f"{line}\n" for line in [title(found.version), *lines])
    if found.since is not None and found.report is not None:
        sys.stdout.write(f"version {found.since.number} → {found.version.version}: {counted(found.report)}\n")
        for line in found.report.notes:
            note(line)


def _tell(made: Published, as_json: bool) -> None:
    from app.cli.show import note, show_problems
    from app.service.present import to_json
    from app.service.version_body import published_body

    published = made.version
    if as_json:
        sys.stdout.write(to_json(published_body(made)).decode() + "\n")
    else:
        show_problems(made.problems)
        back = f", which is version {published.restores} again" if published.restores else ""
        note(f"layer {published.version} is served as version {published.number}{back}")


def _time(when: Any) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"
