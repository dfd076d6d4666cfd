"""What language models used, for admins, and how their providers stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import Problem, UserError
from app.model.model_usage import ModelState, UsageLine
from app.ports.model_usage import ModelUsage, ModelWatch
from app.service.audit import Caller
from app.service.rights import require_admin

LONGEST = 366
"""Days that may be asked for at once."""
DEFAULT = 30


@dataclass(frozen=True, slots=True)
class ModelDeps:
    """The account, and the providers, None where no language model is set."""

    usage: ModelUsage
    watch: ModelWatch | None = None


def usage(
    deps: ModelDeps | None, caller: Caller, today: dt.date, *, since: dt.date | None = None, until: dt.date | None = None
) -> Sequence[UsageLine]:
    """What the caller's project used by day, person and model, newest day first: of the 30 days up to today where nothing else is said.

    Raises UserError DM7011 (no admin), DM7031 where `since` is after `until` or more than 366 days before it.
    """
    require_admin(caller)
    last = until or today
    first = since or max(last, dt.date.min + dt.timedelta(DEFAULT)) - dt.timedelta(DEFAULT - 1)
    if not 0 <= (last - first).days < LONGEST:
        raise UserError(Problem("DM7031", f"`since` lies at most {LONGEST - 1} days before `until`", hint="ask for a year at a time"))
    return deps.usage.lines(caller.principal.project_id, first, last) if deps is not None else []


def told(state: ModelState) -> str:
    """How a provider stands, for people: without address and key."""
    name = f"{state.provider} {state.model}".strip()
    if state.unreached:
        return f"{name}: {state.unreached}"
    last = f", its last fault is {state.last_fault} of {state.last_fault_at:%Y-%m-%d %H:%M} UTC" if state.last_fault_at else ""
    return f"{name}: {'left alone for a while' if state.breaker == 'open' else 'can be reached'}{last}"


def usable(state: ModelState) -> bool:
    """Whether a call would be made, as far as is known."""
    return not state.unreached and state.breaker != "open"
