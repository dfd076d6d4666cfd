"""Segments and hierarchies as cubes have them."""

from __future__ import annotations

from typing import Any

from app.compile.interchange.cube.members import leaf_of
from app.compile.interchange.exporting import Exporting
from app.compile.interchange.plain import Unsayable
from app.compile.interchange.sql_text import Unspeakable, sql_of
from app.model.ontology import Hierarchy, Segment
from app.model.semantics import SemanticModel

Data = dict[str, Any]


def queried(export: Exporting, model: SemanticModel, taken: set[str]) -> Data:
    """The segments and hierarchies of a cube; what has no word there is reported."""
    segments = [_segment(export, model, s, taken) for s in export.ontology.segments if s.semantic_model == model.name]
    hierarchies = [_hierarchy(export, model, h) for h in export.ontology.hierarchies if h.semantic_model == model.name]
    found = {"segments": [s for s in segments if s], "hierarchies": [h for h in hierarchies if h]}
    return {key: members for key, members in found.items() if members}


def _segment(export: Exporting, model: SemanticModel, segment: Segment, taken: set[str]) -> Data | None:
    try:
        if segment.name in taken:
            raise Unsayable("the cube has a dimension of the name")
        export.speakable(segment.where)
        sql = sql_of(export.plain.condition(segment.where, model), leaf_of(model.name), export.dialect, true_division=True)
    except (Unsayable, Unspeakable) as error:
        export.missing.tell(f"segment `{segment.name}`", str(error), "the segment", export.where(f"semantic_model.{model.name}"))
        return None
    return {"name": segment.name, "sql": sql} | _words(segment)


def _hierarchy(export: Exporting, model: SemanticModel, hierarchy: Hierarchy) -> Data | None:
    own = {model.dunder(dimension.name): dimension.name for dimension in model.dimensions}
    if not all(level in own for level in hierarchy.levels):
        reason = "its levels are not all dimensions of one cube"
        export.missing.tell(f"hierarchy `{hierarchy.name}`", reason, "the hierarchy", export.where(f"semantic_model.{model.name}"))
        return None
    return {"name": hierarchy.name, "levels": [own[level] for level in hierarchy.levels]} | _words(hierarchy)


def _words(thing: Segment | Hierarchy) -> Data:
    held = {"title": thing.label, "description": thing.description}
    return {key: text for key, text in held.items() if text}
