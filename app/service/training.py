"""Training: the items of a layer go to the index by content hash; out of it comes only what the layer and the rights of who asks would write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from app.compile.emit.training import CORRECTION, example_item, item_as_seen
from app.errors import DataMindError, Problem, Severity, UserError
from app.model.audit.catalogue import EventType
from app.model.base import Node
from app.model.records import APPROVED, FLAGGED, TrainingItem, TrainingKind
from app.pipeline.turn import ServedLayer
from app.service.audit import Write, record, recorded
from app.service.compile import example_of, training_of
from app.service.correction_items import item_as_seen as item_of_correction
from app.service.correction_items import items_of
from app.service.deps import Deps

LAYERS = 8
"""Of how many layers, those trained last, items stay in the index: a query in flight and a rollback find theirs."""
BATCH = 1000
"""How many items are learnt at a time: it bounds the memory, and what an interrupted training has to do again."""
TURN_SECONDS = 120.0
"""How long a training waits for another of the same project."""


class Trained(Node, frozen=True, omit_defaults=False):
    """What a training did with the index: how many items it added and removed, and how many it kept as they were."""

    added: int = 0
    removed: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What was found for a text, nearest first. Where nothing could be searched, `problems` says why."""

    ddl: tuple[TrainingItem, ...] = ()
    documentation: tuple[TrainingItem, ...] = ()
    question_sql: tuple[TrainingItem, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def train(deps: Deps, document_hash: str, items: Sequence[TrainingItem], *, full: bool = False) -> tuple[Trained, tuple[Problem, ...]]:
    """Store the items of a layer, with those of the corrections that answer, and bring the index in step: only what it lacks is learnt, only what no kept
    layer has is forgotten.

    It may end anywhere and be run again. `full` learns every item anew. What keeps the index from being in step is a warning, DM8050: the items are
    stored then, and the next training goes on from there. Raises what the store raises.
    """
    write = _audit(deps)
    layer = deps.layers.load(document_hash)
    items = (*items, *items_of(deps, layer)) if layer is not None else items
    write(status="begin", full=full, items=len(items))
    try:
        deps.training.keep(deps.project_id, document_hash, items, LAYERS)
    except DataMindError as error:
        write(status="failed", full=full, problem=error.problem.code)
        raise
    trained, problems = _learnt(deps, full)
    write(status="failed" if problems else "succeeded", **msgspec.structs.asdict(trained), problem=problems[0].code if problems else "")
    return trained, problems


def _audit(deps: Deps) -> Write:
    """Writes events of a training."""
    return partial(
        record,
        deps.audit,
        deps.clock,
        event_type=EventType.TRAINING_CHANGE,
        user_id="system",
        project_id=deps.project_id,
        component="training",
    )


def _learnt(deps: Deps, full: bool) -> tuple[Trained, tuple[Problem, ...]]:
    """Bring the index in step; what keeps it from that is a warning."""
    try:
        with deps.locks.hold("train", deps.project_id, seconds=TURN_SECONDS) as ours:
            if not ours:
                raise UserError(Problem("DM8050", "another training has been running for minutes", hint="it goes on, or the next one does"))
            return _in_step(deps, full), ()
    except DataMindError as error:
        message = f"training items are stored, and not all of them can be searched: {error.problem.message}"
        return Trained(), (Problem("DM8050", message, Severity.WARNING, hint=error.problem.hint),)


def train_published(deps: Deps, *, full: bool = False) -> tuple[Trained, tuple[Problem, ...]]:
    """Train the published layer: after a rollback, with another embedder, or to make the index anew. Raises UserError DM8001 where there is none."""
    current = deps.layers.current(deps.project_id)
    layer = deps.layers.load(current.document_hash) if current is not None else None
    if current is None or layer is None:
        raise UserError(Problem("DM8001", "no layer is published for this project", hint="run `datamind sync`"))
    return train(deps, current.document_hash, training_of(layer), full=full)


def train_lacking(deps: Deps) -> Trained:
    """Make good what trainings of the published layer left out: the index was away, a sync ended before its training, a version was brought back.

    Where nothing lacks, that costs two lists of ids. Nothing is done where another trains, or the index is away still. Raises what the store raises.
    """
    current = deps.layers.current(deps.project_id)
    if current is None or deps.retriever.absent:
        return Trained()
    if not deps.training.has(deps.project_id, current.document_hash):
        return train_published(deps)[0]
    try:
        if deps.training.ids(deps.project_id) <= deps.retriever.ids():
            return Trained()
        with deps.locks.hold("train", deps.project_id) as ours:
            if not ours:
                return Trained()
            with recorded(_audit(deps), full=False):
                return _in_step(deps, full=False)
    except DataMindError:
        return Trained()


def retrieve(deps: Deps, served: ServedLayer, text: str, k: int = 10) -> Retrieved:
    """At most `k` items of each kind that help with a question, of those that the served view would write word for word.

    So whatever the index holds (items of other layers, of a training under way, of things that this principal may not know of), what comes out is of this
    layer and of what may be seen. Never raises for an index that is away.
    """
    try:
        found = deps.retriever.recall(text, k, lambda ids: shown(deps, served, ids))
    except DataMindError as error:
        return Retrieved(problems=(error.problem.as_warning(),))
    return Retrieved(tuple(found[TrainingKind.DDL]), tuple(found[TrainingKind.DOCUMENTATION]), tuple(found[TrainingKind.QUESTION_SQL]))


class Listed(Node, frozen=True):
    """An item of a layer, and whether it is in the index."""

    item: TrainingItem
    searched: bool


def listed(deps: Deps, served: ServedLayer) -> tuple[tuple[Listed, ...], tuple[Problem, ...]]:
    """The items of the served layer that the view may show, by kind and subject; a problem says why no index could be asked."""
    stored = deps.training.of_layer(deps.project_id, served.layer.fingerprint()) or ()
    items = shown(deps, served, [item.id for item in stored]).values()
    held = frozenset[str]()
    problems: tuple[Problem, ...] = ()
    try:
        held = deps.retriever.ids()
    except DataMindError as error:
        problems = (error.problem.as_warning(),)
    return tuple(Listed(item, item.id in held) for item in sorted(items, key=lambda item: (item.kind, item.subject, item.id))), problems


def shown(deps: Deps, served: ServedLayer, ids: Sequence[str]) -> Mapping[str, TrainingItem]:
    """Of these ids, the items as the view writes them; one that it would write otherwise, or not at all, is left out, and so is one on which an answer rests
    that is flagged, or was corrected.

    The store is asked for kind and subject only: no word of what is returned comes from it.
    """
    wrong = deps.feedback.subjects(deps.project_id, FLAGGED) | deps.feedback.subjects(deps.project_id, APPROVED)
    found = {one: item for one, item in deps.training.get(deps.project_id, ids).items() if item.subject not in wrong}
    written = {one: _as_seen(deps, item, served) for one, item in found.items()}
    return {one: item for one, item in written.items() if item is not None and item.id == one}


def _as_seen(deps: Deps, item: TrainingItem, served: ServedLayer) -> TrainingItem | None:
    """The item of the same kind and subject, written from what the view sees."""
    layer = served.layer
    if item.kind is not TrainingKind.QUESTION_SQL:
        return item_as_seen(item.kind, item.subject, layer, served.visible)
    if item.subject.startswith(CORRECTION):
        return item_of_correction(deps, item.subject, served)
    name = item.subject.removeprefix("saved_query.")
    saved = next((query for query in served.visible.saved_queries if query.name == name), None)
    if saved is None or not layer.placements:
        return None
    try:
        return example_item(example_of(saved, layer, served.visible, served.joins))
    except UserError:
        return None


def _in_step(deps: Deps, full: bool) -> Trained:
    """What the index holds is read before what it should hold: nothing that another training adds meanwhile is taken for a leftover."""
    held = deps.retriever.ids()
    needed = deps.training.ids(deps.project_id)
    lacking, leftover = sorted(needed if full else needed - held), held - needed
    for start in range(0, len(lacking), BATCH):
        deps.retriever.learn(list(deps.training.get(deps.project_id, lacking[start : start + BATCH]).values()))
    if leftover:
        deps.retriever.forget(leftover)
    deps.retriever.keep_only()
    return Trained(len(lacking), len(leftover), len(held & needed) if not full else 0)
