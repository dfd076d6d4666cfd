"""Artifacts that are older than the project's files are written anew, as `dbt parse` does."""

from __future__ import annotations

from app.errors import Problem, UserError
from app.ports import Cancel, DbtTarget
from app.service.deps import Deps
from app.service.sync import cancelled
from app.service.time_limit import ended_after

WAIT_SECONDS = 10.0
"""How long a run of dbt on the target is waited for."""
PARSE_SECONDS = 300.0
"""How long dbt may parse for one target."""
PARSES = 3
"""How often a project that is edited while it is parsed is parsed again at once."""


def renew(deps: Deps, cancel: Cancel | None = None) -> str:
    """Parse the project for each engine where files were edited since; the project's content that is in step then, so that any later edit changes it.

    Raises UserError DM8061 where dbt runs on a target, DM8008 where edits go on, DM8066 where it is cancelled, DM2370 where dbt can't parse it, DM2082 where it
    takes too long, DM1020 to DM1023 or DM2060 where dbt can't be asked.
    """
    content = deps.project.content()
    if not deps.project.edited():
        return content
    stop = cancel or Cancel()
    for _ in range(PARSES):
        before = deps.project.last_edit()
        for engine in deps.engines:
            target = deps.dbt.serving(engine)
            with deps.locks.hold("dbt", deps.project_id, target.name, seconds=WAIT_SECONDS, cancel=stop) as ours:
                if stop.cancelled:
                    raise cancelled()
                if not ours:
                    message = f"dbt runs on the target `{target.name}` already: what was edited is parsed after it"
                    raise UserError(Problem("DM8061", message, hint="try again when it has ended"))
                _parse(deps, target, stop)
        content = deps.project.content()
        if deps.project.last_edit() == before:
            return content
    raise UserError(Problem("DM8008", "the project is edited over and over while it is parsed", hint="try again once that is done"))


def _parse(deps: Deps, target: DbtTarget, cancel: Cancel) -> None:
    with ended_after(PARSE_SECONDS) as late:
        take_back = cancel.on_cancel(late.cancel)
        try:
            deps.dbt.parse(target, {}, late)
        except UserError as error:
            if cancel.cancelled or not late.cancelled:
                raise
            message = f"dbt has not parsed the project on {target.name} within {PARSE_SECONDS:.0f} seconds, and was ended"
            hint = "run `dbt parse` to see what takes so long; DATAMIND_DBT_PARSE=false leaves parsing to others"
            raise UserError(Problem("DM2082", message, hint=hint)) from error
        finally:
            take_back()
