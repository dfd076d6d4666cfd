"""Finds what was only renamed, from what stands on nothing to what stands on it: semantic models and their parts, then metrics.

A thing is renamed where one went and one came that mean the same: by its definition, whatever people are told of it. Models and columns are no
part of this: that two columns have one type does not say that they hold the same.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from app.compile.diff.matching import Matched, match
from app.compile.diff.normalise import normalised
from app.compile.diff.side import Renames, Side
from app.model.metrics import Metric
from app.model.ontology import SavedQuery
from app.model.semantics import Dimension, Entity, Measure, SemanticModel


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of two semantic models that are one, matched."""

    old: SemanticModel
    new: SemanticModel
    entities: Matched[Entity]
    dimensions: Matched[Dimension]
    measures: Matched[Measure]


@dataclass(frozen=True, slots=True)
class Pairing:
    """What of the old layer is what of the new one, renamed or not."""

    semantic_models: Matched[SemanticModel]
    parts: tuple[Parts, ...]
    metrics: Matched[Metric]
    saved_queries: Matched[SavedQuery]


def pair(old: Side, new: Side) -> Pairing:
    """Match everything with a meaning; what was renamed is entered into `old.renames`."""
    semantic_models = match(old.ontology.semantic_models, new.ontology.semantic_models, _name, _semantic_model)
    for before, after in semantic_models.renamed:
        old.renames["semantic_model", before.name] = after.name
    parts = tuple(_parts(*both, old, new) for both in (*semantic_models.same, *semantic_models.renamed))
    return Pairing(semantic_models, parts, _metrics(old, new), _saved_queries(old, new))


def _name(item: Any) -> str:
    name: str = item.name
    return name


def _parts(before: SemanticModel, after: SemanticModel, old: Side, new: Side) -> Parts:
    entities = match(before.entities, after.entities, _name, _entity)
    dimensions = match(before.dimensions, after.dimensions, _name, _dimension)
    elements = [(one.name, other.name) for one, other in entities.renamed] + [(one.name, other.name) for one, other in dimensions.renamed]
    for left, right in elements:
        old.renames["element", before.name, left] = right
    measures = match(
        before.measures,
        after.measures,
        _name,
        lambda measure: repr(old.measure_definition(before, measure)),
        lambda measure: repr(new.measure_definition(after, measure)),
    )
    return Parts(before, after, entities, dimensions, measures)


def _metrics(old: Side, new: Side) -> Matched[Metric]:
    """Metrics, again and again until no renaming of one explains that of another."""
    rounds = len(old.ontology.metrics)
    while True:
        rounds -= 1
        matched = match(old.ontology.metrics, new.ontology.metrics, _name, old.metric, new.metric)
        found: Renames = {("metric", before.name): after.name for before, after in matched.renamed}
        if found.items() <= old.renames.items() or rounds <= 0:
            return matched
        old.renames.update(found)


def _saved_queries(old: Side, new: Side) -> Matched[SavedQuery]:
    def meaning(side: Side) -> Any:
        return lambda saved: repr(
            (*(side.saved_names(saved, name) for name in ("metrics", "group_by", "order_by")), side.saved_filter(saved), saved.limit)
        )

    return match(old.ontology.saved_queries, new.ontology.saved_queries, _name, meaning(old), meaning(new))


def _semantic_model(item: SemanticModel) -> Hashable:
    """All of it but its name and what people are told."""
    return repr(
        (
            item.model,
            item.primary,
            item.agg_time_dimension,
            item.default_paths,
            *[[(part.name, meaning(part)) for part in parts] for parts, meaning in _parts_of(item)],
        )
    )


def _parts_of(item: SemanticModel) -> tuple[tuple[tuple[Any, ...], Any], ...]:
    return ((item.entities, _entity), (item.dimensions, _dimension), (item.measures, _measure))


def _entity(item: Entity) -> Hashable:
    return repr((item.type, normalised(item.expr)))


def _dimension(item: Dimension) -> Hashable:
    return repr((item.type, normalised(item.expr), item.grain, item.is_partition, item.validity, item.unit))


def _measure(item: Measure) -> Hashable:
    numbers = (item.agg, item.percentile, item.discrete, item.approximate, item.non_additive)
    return repr((*numbers, normalised(item.expr), item.agg_time_dimension))
