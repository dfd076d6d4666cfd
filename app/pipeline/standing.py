"""What failed tests, stale sources and broken builds mean for a turn: words beside the answer, or no answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.govern.standing import Doubt, doubts
from app.govern.told import Sight, refused, told
from app.pipeline.turn import StageDeps, Turn


def stands_on(turn: Turn, deps: StageDeps) -> Turn:
    """The turn with what speaks against what its governed SQL reads among its problems. Raises UserError DM3098 where that blocks the answer."""
    if turn.governed is None:
        raise TypeError("a turn whose standing is asked for holds governed SQL")
    models = turn.governed.models
    found = _doubts(turn, models, turn.engine, deps)
    if not found:
        return turn
    served = turn.served
    sight = Sight(served.layer.ontology, served.visible, served.access)
    if any(doubt.blocks for doubt in found):
        written = turn.plan is None  # SQL that was written runs in the dialect of its engine alone
        raise refused(found, turn.engine, () if written else _sound(turn, models, deps), sight)
    return turn.with_(problems=(*turn.problems, *told(found, sight)))


def blocked_on(turn: Turn, models: Collection[str], deps: StageDeps) -> frozenset[str]:
    """The engines on which an answer from these models is blocked."""
    return frozenset(engine for engine in deps.engines if any(doubt.blocks for doubt in _doubts(turn, models, engine, deps)))


def _sound(turn: Turn, models: Collection[str], deps: StageDeps) -> tuple[str, ...]:
    """The engines that answer, hold the models and are not blocked."""
    blocked = blocked_on(turn, models, deps)
    placements = (turn.served.layer.placement(engine) for engine in sorted(set(deps.available()) - blocked))
    return tuple(placement.engine for placement in placements if placement is not None and all(placement.relation(one) for one in models))


def _doubts(turn: Turn, models: Iterable[str], engine: str, deps: StageDeps) -> tuple[Doubt, ...]:
    layer = turn.served.layer
    return doubts(layer.ontology, models, layer.placement(engine), deps.quality().doubtful.get(engine, {}))
