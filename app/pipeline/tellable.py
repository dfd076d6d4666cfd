"""What a language model may be told of for one caller, and the names that none is told."""

from __future__ import annotations

import msgspec

from app.language.drafting.vocabulary import Vocabulary, hidden_names, vocabulary
from app.model.ontology import Ontology
from app.pipeline.turn import ServedLayer


def told_names(served: ServedLayer) -> Vocabulary:
    """All the names that a model may be told for this caller, with what is said of each."""
    return served.remembered(("vocabulary",), lambda: vocabulary(tellable(served), served.layer.ontology))


def hidden_from(served: ServedLayer) -> frozenset[str]:
    """The names that no model is told for this caller."""
    return served.remembered(("hidden names",), lambda: hidden_names(tellable(served), served.layer.ontology))


def tellable(served: ServedLayer) -> Ontology:
    """What a model is told of: of the visible layer what does not stand on a model of which the caller sees no row. Such names are in listings, and nothing
    can come of them here."""
    seen = served.visible
    shut = {model.name for model in seen.models if served.access.of(model.name).closed}
    if not shut:
        return seen
    closed = {one.name for one in seen.semantic_models if one.model in shut}
    metrics = tuple(one for one in seen.metrics if closed.isdisjoint(given.semantic_model for given in served.joins.inputs(one.name)))
    names = {one.name for one in metrics}
    return msgspec.structs.replace(
        seen,
        models=tuple(one for one in seen.models if one.name not in shut),
        semantic_models=tuple(one for one in seen.semantic_models if one.name not in closed),
        metrics=metrics,
        saved_queries=tuple(one for one in seen.saved_queries if names.issuperset(one.metrics)),
        segments=tuple(one for one in seen.segments if one.semantic_model not in closed),
        hierarchies=tuple(one for one in seen.hierarchies if one.semantic_model not in closed),
    )
