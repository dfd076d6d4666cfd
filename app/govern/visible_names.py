"""Segments, hierarchies and default paths as far as a principal may know of them: those of which every name can be reached in what is seen."""

from __future__ import annotations

from msgspec.structs import replace

from app.model.expr import Field
from app.model.ontology import Hierarchy, Ontology, Segment
from app.model.semantics import SemanticModel
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME


def with_visible_names(seen: Ontology, whole: Ontology) -> Ontology:
    """What is seen of a layer, with those of its segments, hierarchies and default paths that speak of nothing else."""
    if any(model.default_paths for model in seen.semantic_models):
        joins = JoinGraph.of(replace(seen, semantic_models=tuple(replace(model, default_paths=()) for model in seen.semantic_models)))
        seen = replace(seen, semantic_models=tuple(_with_paths(model, joins) for model in seen.semantic_models))
    if not whole.segments and not whole.hierarchies:
        return seen
    joins = JoinGraph.of(seen)
    return replace(
        seen,
        segments=tuple(one for one in whole.segments if _segment_seen(one, joins)),
        hierarchies=tuple(one for one in whole.hierarchies if _hierarchy_seen(one, joins)),
    )


def _with_paths(model: SemanticModel, joins: JoinGraph) -> SemanticModel:
    """The semantic model with its default paths, those of which something is not seen without their links: then a name that one of them settles means
    nothing, and never what else is in reach. Of an entity that is not seen no name speaks."""
    entities = {entity.name for one in joins.semantic_models.values() for entity in one.entities}
    return replace(
        model,
        default_paths=tuple(
            (entity, path if set(path) <= entities and joins.follow(model.name, path) else ())
            for entity, path in model.default_paths
            if entity in entities
        ),
    )


def _segment_seen(one: Segment, joins: JoinGraph) -> bool:
    return one.semantic_model in joins.semantic_models and all(_field_seen(field, one.semantic_model, joins) for field in fields(one.where))


def _field_seen(field: Field, model: str, joins: JoinGraph) -> bool:
    if field.kind == "metric":
        items = [split_name(item, joins.custom_grains)[0] for item in field.group_by]
        starts = [given.semantic_model for given in joins.grouped_inputs(field.name)] if field.name in joins.metrics else []
        return bool(starts) and all(joins.find(start, item) is not None for start in starts for item in items)
    return field.name == METRIC_TIME or joins.find(model, field.name, field.path) is not None


def _hierarchy_seen(one: Hierarchy, joins: JoinGraph) -> bool:
    names = (split_name(level, joins.custom_grains)[0] for level in one.levels)
    return one.semantic_model in joins.semantic_models and all(joins.find(one.semantic_model, name) is not None for name in names)
