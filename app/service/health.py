"""Whether the parts answer, and in which mode the service works."""

from __future__ import annotations

import time

from app.errors import DataMindError, UserError
from app.model.base import Node
from app.ports import Health
from app.service.deps import Deps
from app.service.model_gate import shut_out
from app.service.model_usage import told, usable


class Component(Node, frozen=True):
    """One part: `status` is up, down, degraded or off (not configured); `ms` is how long the asking took."""

    status: str
    ms: float = 0.0
    detail: str = ""


class HealthReport(Node, frozen=True):
    """`operational_mode`: CONFIGURATION (the store does not answer, its policies are not known or no layer is published, so nothing can be answered), LIMITED_AI (a
    language model is configured and away: the grounded interpreter answers), else FULL_OPERATIONAL; a source that is down, or read by an
    account that may do more than read (degraded), is flagged in `sources` and lowers `health_score`, the share of configured parts that answer (0..1)."""

    operational_mode: str
    health_score: float
    components: dict[str, Component]
    sources: dict[str, Component]


def health(deps: Deps) -> HealthReport:
    """Ask every part."""
    sources = {name: _source(deps, name) for name in sorted(deps.engines)}
    up = [name for name, part in sources.items() if part.status == "up"]
    store = _component(deps.layers.health())
    answering = any(part.status != "down" for part in sources.values())
    database = "down" if store.status != "up" or not answering else "up" if len(up) == len(sources) else "degraded"
    components = {
        "database": Component(database, store.ms, store.detail or ", ".join(sorted(set(sources) - set(up)))),
        "llm": _llm(deps),
        "redis": _component(deps.bus.health()),
        "vector_db": _vectors(deps),
        "dbt": _dbt(deps),
        "policies": _policies(deps),
        "audit": _audit(deps),
    }
    counted = [part.status for part in components.values() if part.status != "off"]
    score = sum({"up": 1.0, "degraded": 0.5}.get(status, 0.0) for status in counted) / len(counted)
    return HealthReport(_mode(components, store.status == "up"), round(score, 3), components, sources)


def ready(deps: Deps) -> tuple[bool, str]:
    """Whether the gateway can answer at all: the store, its policies, a layer and at least one engine. With the reason where not."""
    if not deps.layers.health().up:
        return False, "the store does not answer"
    try:
        deps.serving.governed()
    except DataMindError as error:
        return False, error.problem.message
    if not any(engine.health().up for engine in deps.engines.values()):
        return False, "no warehouse engine answers"
    return True, ""


def _mode(components: dict[str, Component], store_up: bool) -> str:
    """The operational mode, worst first."""
    if not store_up or "down" in (components["dbt"].status, components["policies"].status):
        return "CONFIGURATION"
    return "LIMITED_AI" if components["llm"].status == "down" else "FULL_OPERATIONAL"


def _component(found: Health) -> Component:
    """A port's health as a component."""
    return Component("up" if found.up else "down", round(found.ms, 3), found.detail)


def _source(deps: Deps, name: str) -> Component:
    """An engine; degraded where its account may do more than read what is served. What that is, is no news for everybody who asks for health."""
    found = _component(deps.engines[name].health())
    if found.status != "up" or deps.accounts.problem(name, deps.serving) is None:
        return found
    return Component("degraded", found.ms, "DM5011: its account may do more than it needs; `datamind debug` says what")


def _policies(deps: Deps) -> Component:
    """Whether the store's policies are those of now, and hold as they are written. Which don't is for admins: `datamind policy check` tells."""
    try:
        held, stale = deps.serving.policies()
        wrong = deps.serving.governed()[2] if held and not stale else ()
    except UserError:
        wrong = ()  # no layer is published: that is told of `dbt`
    except DataMindError as error:
        return Component("down", detail=error.problem.message)
    if held is None:
        return Component("off", detail="the layer's own policies count alone")
    if stale:
        return Component("degraded", detail=f"those read last count on for a while: {stale}")
    if wrong:
        return Component("degraded", detail=f"places where they do not fit the layer: {len(wrong)}; `datamind policy check` tells which")
    return Component("up", detail=f"{len(held)} in the store")


def _audit(deps: Deps) -> Component:
    """Whether checkpoints of the audit trail reach their second place; records are kept with the store, or nothing is done."""
    found = deps.audit.health()
    return Component("up" if found.up else "degraded", detail=found.detail)


def _llm(deps: Deps) -> Component:
    """Whether language models draft: down where none of them can be had or may, degraded where the first can't. Without one the grounded interpreter answers alone."""
    if deps.llm_provider in ("none", ""):
        return Component("off", detail="the grounded interpreter answers")
    watch = deps.models.watch if deps.models is not None else None
    if watch is None:
        return Component("down", detail=f"the provider {deps.llm_provider} is not served here; the grounded interpreter answers")
    start = time.perf_counter()
    states = watch.states(ask=True)
    ms = round((time.perf_counter() - start) * 1000, 3)
    shut = [shut_out(deps, (state.provider, state.model, state.address)) if deps.gates is not None else None for state in states]
    had = [usable(state) and why is None for state, why in zip(states, shut, strict=True)]
    details = [told(state) if why is None else f"{told(state)}; {why.message}" for state, why in zip(states, shut, strict=True)]
    return Component("up" if had[0] else "degraded" if any(had) else "down", ms, "; ".join(details))


def _vectors(deps: Deps) -> Component:
    """Whether training items can be searched."""
    absent = deps.retriever.absent
    return (
        Component("off", detail=f"{absent}; training items are stored, and not searched") if absent else _component(deps.retriever.health())
    )


def _dbt(deps: Deps) -> Component:
    """Whether a layer is published and current."""
    try:
        layer = deps.serving.layer()
    except DataMindError as error:
        return Component("down", detail=error.problem.message)
    if deps.serving.stale_reason:
        return Component("degraded", detail=f"serving layer {layer.version}: {deps.serving.stale_reason}")
    return Component("up", detail=f"layer {layer.version}")
