"""Who asked for a job, as they are when it is done."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.model.jobs import Job
from app.service.audit import Caller
from app.service.auth import principal_of
from app.service.deps import Deps

DOOR = "worker"


def admin_of(deps: Deps, job: Job) -> Caller:
    """The admin who asked for the job, and is one still. Raises UserError DM7011."""
    user = deps.people.users.by_id(job.requested_by)
    if user is None or user.disabled or user.project_id != job.project_id or not (person := principal_of(user)).is_admin:
        raise UserError(Problem("DM7011", "who asked for this is no admin any more"))
    return Caller(person, DOOR, job.correlation_id)
