"""Waiting for a job at the terminal: its steps as a bar, its output line by line."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import typer

from app.cli.show import note
from app.cli.step_bar import step_bar
from app.cli.terminal import clean
from app.model.jobs import EventKind, JobEvent, JobKind
from app.service.deps import Deps
from app.service.in_step import STEPS
from app.service.jobs import events_after, find, raise_for

LOOK_SECONDS = 0.2


def follow_job(deps: Deps, job_id: str) -> None:
    """Show what happens in the job until it ends. Raises what ended it where it did not succeed, UserError DM8030 where there is no such job; exits with 1
    where nodes or tests of a dbt run failed."""
    after = 0
    with step_bar("job", STEPS) as tell:
        while True:
            found, ended = events_after(deps, job_id, after)
            for event in found:
                after = event.seq
                _show(event, tell)
            if ended:
                break
            time.sleep(LOOK_SECONDS)
    job = find(deps, job_id)
    raise_for(job)
    status = msgspec.json.decode(job.result or "{}").get("status", "") if job.kind is JobKind.DBT else ""
    note(f"job {job.id} {job.state}{f'; the run of dbt {status}' if status else ''}")
    if status == "failed":
        raise typer.Exit(1)


def _show(event: JobEvent, tell: Callable[[str], None]) -> None:
    data = msgspec.json.decode(event.data)
    if event.kind is EventKind.STEP:
        tell(data["step"])
    elif event.kind is EventKind.LINE:
        note(clean(data["line"]))
    elif event.kind is EventKind.STATE and data["attempt"] > 1:
        note(f"try {data['attempt']}: {data['state']}")
