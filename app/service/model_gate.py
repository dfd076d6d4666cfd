"""Which of the language models that are set may draft for the project, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import DataMindError, Problem, Severity
from app.model.model_gates import ANY_ADDRESS, DRAFTING, GateState, ModelGate
from app.ports import LanguageModel
from app.ports.language_models import ModelKey, key_of
from app.ports.model_usage import ModelWatch
from app.service.deps import Deps
from app.service.held_gates import CHANNEL

_WHY = {
    GateState.PENDING: "waits until it was asked the approved questions over the layer of now",
    GateState.HELD: "reads approved questions otherwise, and waits for an admin",
    GateState.REJECTED: "was shut out by an admin",
}


def configured(deps: Deps) -> Sequence[LanguageModel]:
    """The models that are set, one by one, in the order in which they are asked; each once."""
    if deps.model is None:
        return ()
    watch = _watch(deps)
    each = watch.each() if watch is not None else (deps.model,)
    return tuple({key_of(one): one for one in each}.values())


def let_in(deps: Deps, version: str = "") -> tuple[LanguageModel | None, Problem | None]:
    """The models that may draft as one over the layer of that version, "" for the one that is served, or None with the reason where none may. Where no gate is, as
    when models are measured, all may."""
    if deps.model is None or deps.gates is None:
        return deps.model, None
    found = ((key_of(one), shut_out(deps, key_of(one), version)) for one in configured(deps))
    why = {key: reason for key, reason in found if reason is not None}
    if not why:
        return deps.model, None
    watch = _watch(deps)
    left = watch.without(why) if watch is not None else None
    return (left, None) if left is not None else (None, next(iter(why.values())))


def shut_out(deps: Deps, key: ModelKey, version: str = "") -> Problem | None:
    """DM6096, why that model is not asked; None where it may draft."""
    name = " ".join(key[:2]).strip()
    try:
        state = state_of(deps, key, version)
    except DataMindError:
        return _told(f"whether the language model {name} may be asked is not known, since the store does not answer")
    return None if state in DRAFTING else _told(f"the language model {name} {_WHY[state]}")


def state_of(deps: Deps, key: ModelKey, version: str = "") -> GateState:
    """How that model stands; where nothing is approved there is nothing to hold it to. Raises what the store raises where it was never known."""
    known = deps.gates.held() if deps.gates is not None else ()
    return standing_now(deps, gate_of(known, key), version)


def gate_of(known: Sequence[ModelGate], key: ModelKey) -> ModelGate | None:
    """What is kept of that model, None where nothing is."""
    by_key = {(one.provider, one.model, one.address): one for one in known}
    return by_key.get(key) or by_key.get((*key[:2], ANY_ADDRESS))


def standing_now(deps: Deps, gate: ModelGate | None, version: str = "") -> GateState:
    """How a model stands over the layer of that version, or the one that is served: one that drafted over another waits as a new one does. Another layer may give names
    another meaning for it, and until that is known the project's own words answer, which a layer is held to before it is published. Raises as `Serving.layer`."""
    if gate is not None and not (gate.state is GateState.PENDING or (gate.state in DRAFTING and is_of_another_layer(deps, gate, version))):
        return gate.state
    if deps.corrections.held().pairs:
        return GateState.PENDING
    return gate.state if gate is not None and gate.state in DRAFTING else GateState.PASSED


def is_of_another_layer(deps: Deps, gate: ModelGate, version: str = "") -> bool:
    """Whether what is known of it was asked over another layer than the one of that version, or the one that is served. Raises as `Serving.layer`."""
    return gate.layer_version != (version or deps.serving.layer().version)


def tell(deps: Deps) -> None:
    """Which models may draft has changed: this process asks at its next question, the others are told."""
    expire(deps)
    deps.bus.publish(CHANNEL, deps.project_id)


def expire(deps: Deps) -> None:
    """Ask which models may draft at the next question."""
    if deps.gates is not None:
        deps.gates.held.expire()


def _watch(deps: Deps) -> ModelWatch | None:
    """The models one by one, where they are those that draft."""
    watch = deps.models.watch if deps.models is not None else None
    drafting: object = deps.model
    return watch if watch is drafting else None


def _told(message: str) -> Problem:
    return Problem("DM6096", message, Severity.NOTE, hint="the project's own words read the question; nothing is wrong with it")
