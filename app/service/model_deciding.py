"""What admins see of language models before the project, and decide: let in with its differences, or shut out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from app.errors import Problem, UserError
from app.model.audit.catalogue import EventType
from app.model.corrections import Difference
from app.model.model_gates import DRAFTING, GateState, ModelGate
from app.ports.language_models import LanguageModel, key_of
from app.service.audit import Caller, noted
from app.service.deps import Deps
from app.service.model_gate import configured, gate_of, is_of_another_layer, standing_now, state_of, tell
from app.service.model_replay import ask_for, heard_of, unheard, with_acceptance, without_acceptance
from app.service.publishing import kept_reason
from app.service.rights import require_admin

COMPONENT = "models"
_MOST_TRIES = 20
"""A model that is asked meanwhile changes after each question."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A model with what is known of it: `order` is its place among those that are set, from 1, and 0 where it is not set any more; `drafts` whether it is asked."""

    gate: ModelGate
    order: int
    drafts: bool
    differences: tuple[Difference, ...] = ()


def list_models(deps: Deps, caller: Caller) -> Sequence[Standing]:
    """The models that are set, in their order, then those that were. Raises UserError DM7011."""
    require_admin(caller)
    with noted(deps.audit, deps.clock, caller, EventType.FEEDBACK_READ, COMPONENT, tag="models", door=caller.door):
        kept = deps.gates.store.all(deps.project_id) if deps.gates is not None else ()
        now = deps.clock.now()
        found = [gate_of(kept, key_of(one)) or _new(deps, one, now) for one in configured(deps)]
        gone = [gate for gate in kept if gate not in found]
        return [*(standing(deps, gate, order) for order, gate in enumerate(found, 1)), *(standing(deps, gate, 0) for gate in gone)]


def standing(deps: Deps, gate: ModelGate, order: int | None = None) -> Standing:
    """A model with what belongs to it, as it stands over the layer that is served."""
    if order is None:
        order = next((at for at, one in enumerate(configured(deps), 1) if gate_of([gate], key_of(one)) is not None), 0)
    differences = tuple(one.difference for one in heard_of(gate) if one.difference is not None)
    shown = replace(gate, state=standing_now(deps, gate))
    drafts = order > 0 and (deps.gates is None or shown.state in DRAFTING)
    return Standing(shown, order, drafts, differences)


def _new(deps: Deps, model: LanguageModel, now: dt.datetime) -> ModelGate:
    return ModelGate("", deps.project_id, model.provider, model.model, now, state_of(deps, key_of(model)), address=model.address)


def accept(deps: Deps, caller: Caller, gate_id: str, reason: str) -> Standing:
    """Let a model draft although it reads approved questions otherwise. What was approved since it was asked goes to it first.

    Raises UserError DM7011, DM8024 (no reason), DM6097 (no such model), DM6098 (it is neither held nor shut out, or was not asked everything yet over the layer that
    is served).
    """
    require_admin(caller)
    reason = kept_reason(reason)
    gate = _find(deps, gate_id)
    if gate.state not in (GateState.HELD, GateState.REJECTED):
        raise _not_so(gate)
    left, elsewhere = unheard(deps, gate), is_of_another_layer(deps, gate)
    if left or elsewhere:
        _ask_again(deps, caller, gate, reason)
        what = f"{len(left)} of the approved questions" if left else "the approved questions over the layer that is served now"
        message = f"{gate.provider} {gate.model} was not asked {what} yet"
        raise UserError(Problem("DM6098", message, hint="it is asked now: look at it again in a minute"))
    return _decided(deps, caller, gate, GateState.ACCEPTED, reason, EventType.MODEL_ACCEPT)


def _ask_again(deps: Deps, caller: Caller, gate: ModelGate, reason: str) -> None:
    """The model waits as a new one does. That an admin wanted it is recorded, and lets nothing in yet: what was decided before is no more."""
    again = replace(gate, state=GateState.PENDING, fault="", tries=0, decided_by="", decided_at=None, reason="")
    with noted(deps.audit, deps.clock, caller, EventType.MODEL_ACCEPT, COMPONENT, **_told(caller, gate, GateState.PENDING, reason)):
        if deps.gates is None or not deps.gates.store.change(again, before=gate):
            raise _not_so(gate, "was asked or decided meanwhile")
    tell(deps)
    ask_for(deps, again, anew=True)


def reject(deps: Deps, caller: Caller, gate_id: str, reason: str) -> Standing:
    """Shut a model out, whatever it made of the approved questions; the settings stay as they are. Raises as `accept`."""
    require_admin(caller)
    reason = kept_reason(reason)
    gate = _find(deps, gate_id)
    if gate.state is GateState.REJECTED:
        raise _not_so(gate)
    return _decided(deps, caller, gate, GateState.REJECTED, reason, EventType.MODEL_REJECT)


def _decided(deps: Deps, caller: Caller, gate: ModelGate, state: GateState, reason: str, event: EventType) -> Standing:
    with noted(deps.audit, deps.clock, caller, event, COMPONENT, **_told(caller, gate, state, reason)):
        decision = {"state": state, "decided_by": caller.principal.user_id, "decided_at": deps.clock.now(), "reason": reason}
        after = _changed(deps, gate, decision)
    tell(deps)
    return standing(deps, after)


def _told(caller: Caller, gate: ModelGate, state: GateState, reason: str) -> dict[str, str]:
    """For the audit trail: what becomes of a model, and why."""
    return {
        "provider": gate.provider,
        "model": gate.model,
        "address": gate.address,
        "state": state.value,
        "door": caller.door,
        "reason": reason,
    }


def _changed(deps: Deps, gate: ModelGate, decision: Mapping[str, Any]) -> ModelGate:
    """The gate as it was decided. A worker that asks the model meanwhile is no reason to let it in; what it heard until then is kept."""
    rejects, now = decision["state"] is GateState.REJECTED, gate
    for _ in range(_MOST_TRIES if rejects else 1):
        after = replace(now, heard=without_acceptance(now) if rejects else with_acceptance(now), **decision)
        if deps.gates is not None and deps.gates.store.change(after, before=now):
            return after
        now = _find(deps, gate.id)
        if now.state is not gate.state:
            break
    raise _not_so(gate, "was decided meanwhile")


def _find(deps: Deps, gate_id: str) -> ModelGate:
    found = deps.gates.store.get(gate_id, deps.project_id) if deps.gates is not None else None
    if found is None:
        raise UserError(Problem("DM6097", "there is no language model of that id", hint="`GET /api/v1/models` lists them"))
    return found


def _not_so(gate: ModelGate, why: str = "") -> UserError:
    told = why or f"is {gate.state}"
    return UserError(Problem("DM6098", f"{gate.provider} {gate.model} {told}", hint="look at it again: `GET /api/v1/models`"))
