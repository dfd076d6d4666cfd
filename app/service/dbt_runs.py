"""Running dbt: one run at a time for each target, checked before and read back after, recorded in the audit trail."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
from msgspec.structs import replace

from app.compile.selection.nodes import read_nodes
from app.errors import DataMindError, Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.base import Node
from app.model.ids import new_id
from app.model.quality import NodeResult, ResultStatus
from app.model.records import DbtRunRecord
from app.ports import Cancel, DbtTarget
from app.service import audit
from app.service.audit import Caller
from app.service.dbt_commands import DbtRequest, arguments, check_selection, checked
from app.service.deps import Deps
from app.service.present import fields
from app.service.quality import readings, record
from app.service.renew import PARSE_SECONDS
from app.service.rights import require_admin

Tell = Callable[[str], None]
"""Gets what dbt says, a line at a time, without credentials."""

_WAIT_SECONDS = 0.5
UNPARSED = "DM2370"
"""dbt can't parse the project."""


class DbtReport(Node, frozen=True):
    """How a run ended: `status` is succeeded, failed (nodes or tests) or broken (dbt itself, or a command that it did not take); `counts` are the results by status,
    `not_passed` those that did not pass. `recorded` says that answers now know of them: the target is the one from which the engine answers."""

    id: str
    command: str
    target: str
    engine: str
    status: str
    seconds: float
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    not_passed: tuple[NodeResult, ...] = ()
    recorded: bool = False
    problems: tuple[Problem, ...] = ()


def request_run(caller: Caller, request: DbtRequest) -> DbtRequest:
    """The request as a queue may take it: of an admin, and with nothing in it that dbt would read as an option. Raises UserError DM7011, DM8062 or DM8064."""
    require_admin(caller)
    return checked(request)


def run_dbt(
    deps: Deps, caller: Caller, request: DbtRequest, tell: Tell = lambda _line: None, *, cancel: Cancel | None = None, wait: bool = False
) -> DbtReport:
    """Run a command on its target, and read what it found back.

    With variables of its own it has a target path of its own, and nothing of it is recorded. A run whose nodes or tests fail is a report.

    Raises UserError DM7011 (no admin), DM8062 to DM8064 (a request that means nothing, or holds a secret), DM8061 (dbt runs on the target already; with `wait`
    it is waited for), DM8065 (it is parsed for minutes), DM8066 (cancelled), DM10xx and DM20xx for the profile and dbt itself, DM8010 where no audit can
    be kept.
    """
    wanted = request_run(caller, request)
    target = deps.dbt.target(wanted.target)
    if wanted.variables:  # what is compiled and tested under them is not what is served
        target = dataclasses.replace(target, served=False, apart=True)
    stop = cancel or Cancel()
    run = DbtRunRecord(
        new_id("dbt"),
        deps.project_id,
        target.name,
        wanted.command,
        caller.principal.email,
        deps.clock.now(),
        wanted.selection,
    )
    with _alone(deps, run, stop, tell, wait=wait) as run:
        _audit(deps, caller, run, "begin")
        try:
            report = _run(deps, wanted, target, run, tell, stop)
        except BaseException as error:
            problem = error.problem.code if isinstance(error, DataMindError) else "DM9001"
            _end(deps, caller, run, "cancelled" if stop.cancelled else "broken", problem)
            raise
        _end(deps, caller, run, report.status)
        return report


def list_runs(deps: Deps, *, before: str = "", limit: int = 50) -> Sequence[DbtRunRecord]:
    """At most `limit` runs, newest first, before the id `before`."""
    return deps.dbt_runs.page(deps.project_id, before, limit)


def run_body(run: DbtRunRecord) -> dict[str, Any]:
    """A run as every door writes it in JSON."""
    return fields(run, "project_id")


@contextmanager
def _alone(deps: Deps, run: DbtRunRecord, cancel: Cancel, tell: Tell, *, wait: bool) -> Iterator[DbtRunRecord]:
    """The run, once the target is its own; it begins then. A sync that parses there is waited for in any case."""
    told, patience = "", time.monotonic() + PARSE_SECONDS
    with ExitStack() as held:
        while True:
            begun = replace(run, started_at=deps.clock.now())
            try:
                held.enter_context(deps.dbt_runs.alone(begun))
                break
            except UserError as error:
                parses = error.problem.code == "DM8065" and time.monotonic() < patience
                if not parses and not (wait and error.problem.code in ("DM8061", "DM8065")):
                    raise
                if error.problem.message != told:
                    told = error.problem.message
                    tell(f"{told}; waiting for it")
            if cancel.cancelled:
                raise UserError(Problem("DM8066", "the run of dbt was cancelled before it began"))
            time.sleep(_WAIT_SECONDS)
        yield begun


def _run(deps: Deps, request: DbtRequest, target: DbtTarget, run: DbtRunRecord, tell: Tell, cancel: Cancel) -> DbtReport:
    problems: tuple[Problem, ...] = ()
    if request.selects:
        try:
            deps.dbt.parse(target, request.variables, cancel)  # so that the selection is held against the project as it is now
        except UserError as error:
            if error.problem.code != UNPARSED:
                raise
            return DbtReport(run.id, run.command, target.name, target.engine, "broken", 0.0, problems=error.problems)
        problems = check_selection(request, read_nodes(deps.dbt.artifacts(target).manifest), deps.dbt.selectors())
    outcome = deps.dbt.run(target, arguments(request), request.variables, tell, cancel)
    found, noticed = _read_back(deps, target, run.started_at)
    status = "succeeded" if outcome.success else "broken" if outcome.broken else "failed"
    return DbtReport(
        run.id,
        run.command,
        target.name,
        target.engine,
        status,
        outcome.seconds,
        dict(Counter(one.status.value for one in found)),
        tuple(one for one in found if one.status is not ResultStatus.PASS),
        target.served,
        (*problems, *noticed),
    )


def _read_back(deps: Deps, target: DbtTarget, since: dt.datetime) -> tuple[tuple[NodeResult, ...], tuple[Problem, ...]]:
    """What the run found. It is recorded where the engine answers from the target."""
    try:
        artifacts = deps.dbt.artifacts(target)
    except UserError as error:  # dbt did not come as far as a manifest
        return (), error.problems
    found, problems = readings([artifacts])
    if target.served:
        record(deps.quality, deps.project_id, [artifacts])
    results = found[target.engine].results if target.engine in found else ()
    return tuple(one for one in results if one.at >= since), problems


def _end(deps: Deps, caller: Caller, run: DbtRunRecord, status: str, problem: str = "") -> None:
    deps.dbt_runs.end(replace(run, status=status, ended_at=deps.clock.now()))
    _audit(deps, caller, run, status, problem)


def _audit(deps: Deps, caller: Caller, run: DbtRunRecord, status: str, problem: str = "") -> None:
    audit.record(
        deps.audit,
        deps.clock,
        event_type=EventType.DBT_RUN,
        user_id=caller.principal.user_id,
        email=caller.principal.email,
        project_id=deps.project_id,
        component="dbt",
        status=status,
        correlation_id=caller.correlation_id,
        ip_address=caller.ip_address,
        run_id=run.id,
        command=run.command,
        target=run.target,
        selection=run.selection,
        problem=problem,
    )
