"""The sync that runs by the clock: it does nothing while the project's artifacts stay as they were."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import UserError
from app.service.deps import Deps
from app.service.sync import sync


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a scheduled sync did: `status` is unchanged, current, published or refused; `content` is what to give as `seen` next time."""

    status: str
    content: str
    layer_version: str = ""
    problem_code: str = ""


def sync_changed(deps: Deps, seen: str, *, correlation_id: str = "") -> SyncOutcome:
    """Sync unless the artifacts are those of `seen`. A project with errors is refused once, not once a minute.

    Raises what the store raises: such a sync is to be tried again.
    """
    content = deps.project.fingerprint()
    if content and content == seen:
        return SyncOutcome("unchanged", content)
    try:
        report = sync(deps, by="worker", correlation_id=correlation_id)
    except UserError as error:
        return SyncOutcome("refused", content, problem_code=error.problem.code)
    return SyncOutcome("published" if report.published else "current", content, report.layer_version)
