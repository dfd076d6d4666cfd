"""Corrections as training items: the question with the SQL of its approved query, over a layer or over what may be seen of it."""

from __future__ import annotations

from app.compile.emit.training import CORRECTION, correction_item
from app.errors import UserError
from app.language.corrections import Approved
from app.model.corrections import CorrectionState
from app.model.ontology import Layer, Ontology
from app.model.records import TrainingItem
from app.pipeline.known_values import knows
from app.pipeline.turn import ServedLayer
from app.plan.build import build
from app.plan.render import render
from app.service.compile import DIALECTS
from app.service.deps import Deps
from app.service.held_corrections import approved
from app.sql.joins import JoinGraph


def items_of(deps: Deps, layer: Layer) -> tuple[TrainingItem, ...]:
    """Those that answer now, over the whole layer; one that it can't plan is left out, and so is SQL, which stands on no metric. Raises what the store raises."""
    served = deps.corrections.store.in_state(deps.project_id, CorrectionState.SERVED)
    joins = JoinGraph.of(layer.ontology) if served else None
    pairs = [pair for one in served if (pair := approved(one)) is not None]
    made = [_item(pair, layer, layer.ontology, joins) for pair in pairs] if joins is not None else []
    return tuple(item for item in made if item is not None)


def item_as_seen(deps: Deps, subject: str, served: ServedLayer) -> TrainingItem | None:
    """The item of a correction as the view writes it; None where it does not answer, stands on what the view does not see, or compares with values that it is not
    shown."""
    one = deps.corrections.store.get(subject.removeprefix(CORRECTION), deps.project_id)
    pair = approved(one) if one is not None and one.state is CorrectionState.SERVED else None
    if pair is None or (pair.query is not None and not knows(pair.query, "", served)):
        return None
    return _item(pair, served.layer, served.visible, served.joins)


def _item(pair: Approved, layer: Layer, seen: Ontology, joins: JoinGraph) -> TrainingItem | None:
    if pair.query is None or not layer.placements:
        return None
    placement = layer.placements[0]
    try:
        sql = render(build(pair.query, seen, joins), DIALECTS[placement.engine], placement, limit=None).text
    except UserError:
        return None
    return correction_item(pair.id, pair.question, sql)
