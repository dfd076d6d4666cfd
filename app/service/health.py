"""Whether the parts answer, and in which mode the service works."""

from __future__ import annotations

from app.errors import DataMindError
from app.model.base import Node
from app.ports import Health
from app.service.deps import Deps


class Component(Node, frozen=True):
    """One part: `status` is up, down, degraded or off (not configured); `ms` is how long the asking took."""

    status: str
    ms: float = 0.0
    detail: str = ""


class HealthReport(Node, frozen=True):
    """`operational_mode`: CONFIGURATION (the store does not answer or no layer is published, so nothing can be answered), LIMITED_AI (a
    language model is configured and away: the grounded interpreter answers), else FULL_OPERATIONAL; a source that is down is flagged in
    `sources` and lowers `health_score`, the share of configured parts that answer (0..1)."""

    operational_mode: str
    health_score: float
    components: dict[str, Component]
    sources: dict[str, Component]


def health(deps: Deps) -> HealthReport:
    """Ask every part."""
    sources = {name: _component(engine.health()) for name, engine in sorted(deps.engines.items())}
    up = [name for name, part in sources.items() if part.status == "up"]
    store = _component(deps.layers.health())
    database = "down" if store.status != "up" or not up else "up" if len(up) == len(sources) else "degraded"
    components = {
        "database": Component(database, store.ms, store.detail or ", ".join(sorted(set(sources) - set(up)))),
        "llm": _llm(deps),
        "redis": _component(deps.bus.health()),
        "vector_db": Component("off", detail="training items are kept in the store; no vector search yet"),
        "dbt": _dbt(deps),
    }
    counted = [part.status for part in components.values() if part.status != "off"]
    score = sum({"up": 1.0, "degraded": 0.5}.get(status, 0.0) for status in counted) / len(counted)
    return HealthReport(_mode(components, store.status == "up"), round(score, 3), components, sources)


def ready(deps: Deps) -> tuple[bool, str]:
    """Whether the gateway can answer at all: the store, a layer and at least one engine. With the reason where not."""
    if not deps.layers.health().up:
        return False, "the store does not answer"
    try:
        deps.serving.layer()
    except DataMindError as error:
        return False, error.problem.message
    if not any(engine.health().up for engine in deps.engines.values()):
        return False, "no warehouse engine answers"
    return True, ""


def _mode(components: dict[str, Component], store_up: bool) -> str:
    """The operational mode, worst first."""
    if not store_up or components["dbt"].status == "down":
        return "CONFIGURATION"
    return "LIMITED_AI" if components["llm"].status == "down" else "FULL_OPERATIONAL"


def _component(found: Health) -> Component:
    """A port's health as a component."""
    return Component("up" if found.up else "down", round(found.ms, 3), found.detail)


def _llm(deps: Deps) -> Component:
    """No language model is served by this version; the grounded interpreter answers."""
    if deps.llm_provider in ("none", ""):
        return Component("off", detail="the grounded interpreter answers")
    return Component("down", detail=f"the provider {deps.llm_provider} is not served by this version; the grounded interpreter answers")


def _dbt(deps: Deps) -> Component:
    """Whether a layer is published and current."""
    try:
        layer = deps.serving.layer()
    except DataMindError as error:
        return Component("down", detail=error.problem.message)
    if deps.serving.stale_reason:
        return Component("degraded", detail=f"serving layer {layer.version}: {deps.serving.stale_reason}")
    return Component("up", detail=f"layer {layer.version}")
