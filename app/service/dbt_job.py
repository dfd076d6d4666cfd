"""A run of dbt as a job of a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.errors import Problem, UserError
from app.model.jobs import EventKind, Job, JobKind
from app.service.asker import admin_of
from app.service.audit import Caller
from app.service.dbt_commands import DbtRequest
from app.service.dbt_runs import request_run, run_dbt
from app.service.deps import Deps
from app.service.jobs import Tell, request_by
from app.service.publishing import Doer
from app.service.time_limit import ended_after

RUN_SECONDS = 3.5 * 3600
"""How long a run may take in a worker; less than any task may, so that dbt is stopped and told of, in place of a worker that is killed."""


def request_dbt(deps: Deps, caller: Caller, wanted: DbtRequest) -> Job:
    """Have a worker run dbt. Raises UserError DM7011 where the caller is no admin, DM8062 for a request that means nothing."""
    checked = request_run(caller, wanted)
    return request_by(deps, Doer.of(caller), JobKind.DBT, msgspec.to_builtins(checked))


def run_dbt_job(deps: Deps, job: Job, tell: Tell) -> Mapping[str, Any]:
    """Handle a job of kind dbt; raises as `run_dbt` does, UserError DM7011 where who asked for it is no admin any more, DM8067 where it takes too long, and
    DM8069 where dbt itself failed.

    A run whose nodes or tests fail is a result: the job did what it was asked for.
    """
    wanted = msgspec.json.decode(job.arguments, type=DbtRequest)
    with ended_after(RUN_SECONDS) as limit:
        try:
            report = run_dbt(deps, admin_of(deps, job), wanted, lambda line: tell(EventKind.LINE, {"line": line}), cancel=limit)
        except UserError as error:
            if not limit.cancelled:
                raise
            message = f"`dbt {wanted.command}` has not ended within {RUN_SECONDS / 3600:g} hours, and was stopped"
            hint = "select less at a time, or run it with `datamind dbt`, which has no limit; what was built before stays built"
            raise UserError(Problem("DM8067", message, hint=hint)) from error
    if report.status == "broken":
        said = Problem("DM8069", f"dbt itself failed on the target {report.target}, before its nodes could", hint="its output says why")
        raise UserError(said, *report.problems)
    return dict(msgspec.to_builtins(report))
