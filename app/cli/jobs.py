"""`datamind jobs list|show|follow|replay`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.model.jobs import Job

JobId = Annotated[str, typer.Argument(help="The job's id (job_…), as `jobs list` shows it.")]

jobs = typer.Typer(help="Look at what the workers do, and replay what was given up.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(jobs, name="jobs")


@jobs.command("list")
def list_all(
    state: Annotated[str, typer.Option("--state", help="Only those in this state: queued, running, succeeded, refused or dead.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most this many, the newest first.")] = 20,
    as_json: Json = False,
) -> None:
    """List the jobs, newest first; those that failed in every try are `dead`.

    Example: datamind jobs list --state dead
    """
    from app.model.jobs import JobState
    from app.service.jobs import list_jobs

    if state and state not in set(JobState):
        raise typer.BadParameter(f"`{state}` is none of {', '.join(JobState)}", param_hint="--state")
    with _opened() as found:
        shown = list_jobs(found.deps, states=(JobState(state),) if state else (), limit=limit)
    _show(shown, as_json)


@jobs.command()
def show(job_id: JobId, as_json: Json = False) -> None:
    """Show a job with what became of it.

    Example: datamind jobs show job_0192…
    """
    from app.service.jobs import find

    with _opened() as found:
        job = find(found.deps, job_id)
    _show([job], as_json)
    if not as_json:
        _tell_problems(job)


@jobs.command()
def follow(job_id: JobId) -> None:
    """Wait for a job, and show what happens in it; exits with 1 where it does not succeed.

    Example: datamind jobs follow job_0192…
    """
    from app.cli.follow import follow_job

    with _opened() as found:
        follow_job(found.deps, job_id)


@jobs.command()
def replay(job_id: JobId, as_json: Json = False) -> None:
    """Give a dead job all its tries again.

    Example: datamind jobs replay job_0192…
    """
    from app.service.jobs import replay as again
    from app.service.publishing import Doer

    with _opened() as found:
        job = again(found.deps, Doer("cli", found.caller.correlation_id), job_id)
    _show([job], as_json)


def _opened() -> Any:
    from app.adapters.embedded.stack import Part
    from app.cli.session import session

    return session((Part.STORE, Part.REDIS))


def _show(found: Sequence[Job], as_json: bool) -> None:
    """Jobs as a table, or as an array with all that is known of each."""
    from app.cli.listing import Cell, show_list
    from app.service.job_body import job_body
    from app.service.jobs import problems_of
    from app.service.present import to_json

    if as_json:
        sys.stdout.write(to_json([job_body(job) for job in found]).decode() + "\n")
        return
    head = ["id", "kind", "state", "trigger", "by", "created", "tries", "problem"]
    rows: list[list[Cell]] = [
        [
            job.id,
            str(job.kind),
            str(job.state),
            job.trigger,
            job.requested_by,
            f"{job.created_at:%Y-%m-%d %H:%M:%S}",
            job.attempts,
            next((problem.code for problem in problems_of(job)), ""),
        ]
        for job in found
    ]
    show_list(head, rows, as_json=False)


def _tell_problems(job: Job) -> None:
    from app.cli.show import show_problems
    from app.service.jobs import problems_of

    show_problems(problems_of(job))
