"""Segments and hierarchies, which `meta.datamind` of semantic models names; what a query could not use is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from app.compile.dbt.semantic import SemanticModelNode, WhereFilter, WhereFilters
from app.compile.expressions import Expressions
from app.compile.policies.schema import HierarchyMeta, Malformed, SegmentMeta, SemanticModelMeta
from app.compile.report import Place, Report
from app.compile.semantic_meta import place_of, read_part
from app.compile.semantic_models import yaml_file
from app.errors import Problem, Severity, UserError
from app.model.ontology import Hierarchy, Ontology, Segment
from app.sql.expressions.fields import split_name
from app.sql.expressions.walk import fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

T = TypeVar("T", Segment, Hierarchy)


def with_segments(ontology: Ontology, nodes: Iterable[SemanticModelNode], parse: Expressions, root: str) -> Ontology:
    """The Ontology with the segments and hierarchies of its semantic models, by name. Reports DM2631 to DM2633 for those that are left out."""
    segments: dict[str, Segment] = {}
    hierarchies: dict[str, Hierarchy] = {}
    joins: JoinGraph | None = None
    for node in sorted(nodes, key=lambda n: (n.name, n.unique_id)):
        above = Place(f"semantic_model.{node.name}", yaml_file(node, root))
        written = (_read(node, "segments", above, parse.report).segments, _read(node, "hierarchies", above, parse.report).hierarchies)
        if not any(written) or ontology.semantic_model(node.name) is None:
            continue
        joins = joins or JoinGraph.of(ontology)
        for at, segment in enumerate(written[0]):
            place = place_of(above, f"segments/{at}")
            _add(segments, _segment(segment, node.name, place, parse, joins), "segments", place, parse.report)
        for at, hierarchy in enumerate(written[1]):
            place = place_of(above, f"hierarchies/{at}")
            _add(hierarchies, _hierarchy(hierarchy, node.name, place, parse.report, joins), "hierarchies", place, parse.report)
    if joins is None:
        return ontology
    return msgspec.structs.replace(
        ontology,
        segments=tuple(segments[name] for name in sorted(segments)),
        hierarchies=tuple(hierarchies[name] for name in sorted(hierarchies)),
    )


def _read(node: SemanticModelNode, part: str, above: Place, report: Report) -> SemanticModelMeta:
    """What a semantic model says of segments, or of hierarchies; what is malformed is reported, and nothing is taken of it."""
    try:
        return read_part(node, part)
    except Malformed as error:
        code = "DM2631" if part == "segments" else "DM2633"
        report.error(code, f"the {part} of semantic model `{node.name}` are left out: {error}", place_of(above, part))
        return SemanticModelMeta()


def _add(found: dict[str, T], one: T | None, kind: str, place: Place, report: Report) -> None:
    """Take what could be used, once for each name."""
    if one is None:
        return
    if one.name in found:
        report.error("DM2632", f"two {kind} are called `{one.name}`; the second is left out", place.at("name"), "rename one")
    else:
        found[one.name] = one


def _segment(written: SegmentMeta, model: str, place: Place, parse: Expressions, joins: JoinGraph) -> Segment | None:
    texts = [written.where] if isinstance(written.where, str) else written.where
    where, good = parse.filter(WhereFilters([WhereFilter(text) for text in texts]), place.at("where"), f"segment `{written.name}`")
    if where is None or not good:
        return None
    for field in fields(where):
        try:
            if field.kind == "metric":
                joins.inputs(field.name)
            elif field.name != METRIC_TIME:
                joins.resolve(model, field.name, field.path)
        except UserError as error:
            spot = parse.report.named(place.at("where"), field)
            parse.report.add(_left_out("DM2631", f"segment `{written.name}`", error.problem), spot)
            return None
    return Segment(written.name, model, where, written.label, written.description, place.file)


def _hierarchy(written: HierarchyMeta, model: str, place: Place, report: Report, joins: JoinGraph) -> Hierarchy | None:
    levels: list[str] = []
    for at, text in enumerate(written.levels):
        try:
            level = _level(text.lower(), model, joins)
        except UserError as error:
            report.add(_left_out("DM2633", f"hierarchy `{written.name}`", error.problem), place.at(f"levels/{at}"))
            return None
        if level in levels:
            problem = Problem("DM2633", f"`{text}` is a level twice")
            report.add(_left_out("DM2633", f"hierarchy `{written.name}`", problem), place.at(f"levels/{at}"))
            return None
        levels.append(level)
    return Hierarchy(written.name, model, tuple(levels), written.label, written.description, place.file)


def _level(text: str, model: str, joins: JoinGraph) -> str:
    """A level as queries name it, with its grain where it has one. A dimension of the semantic model may go by its own name."""
    stem, grain, part = split_name(text, joins.custom_grains)
    own = joins.semantic_models[model].dunder(stem)
    reached = joins.find(model, own) if "__" not in stem else None
    found = reached or joins.resolve(model, stem)
    suffix = f"__{grain}" if grain else f"__extract_{part}" if part else ""
    return found.name + suffix


def _left_out(code: str, subject: str, problem: Problem) -> Problem:
    return Problem(code, f"{subject}: {problem.message}; it is left out", Severity.ERROR, hint=problem.hint)
