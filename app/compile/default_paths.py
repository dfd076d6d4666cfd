"""Default paths of semantic models (`meta.datamind.default_paths`): read, and held to the joins that there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from app.compile.dbt.semantic import SemanticModelNode
from app.compile.meta import KEY
from app.compile.policies.schema import Malformed
from app.compile.report import Place, Report
from app.compile.semantic_meta import read_part
from app.model.ontology import Ontology
from app.model.physical import Model
from app.model.semantics import SemanticModel
from app.sql.joins import JoinGraph

DEFAULT_PATHS = "default_paths"
_AT = f"config/meta/{KEY}/{DEFAULT_PATHS}"
_LISTED = 5


def read_default_paths(node: SemanticModelNode, place: Place, report: Report) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The paths as written, each with its entity at the end, by entity; none where they are malformed (DM2333)."""
    try:
        read = read_part(node, DEFAULT_PATHS).default_paths
    except Malformed as error:
        report.error(
            "DM2333",
            f"the default paths of semantic model `{node.name}` are left out: {error}",
            place.at(_AT),
            "write `location: customer` or `location: [customer, location]`",
        )
        return ()
    paths = []
    for entity, written in sorted(read.items()):
        links = [written] if isinstance(written, str) else written
        lower = tuple(link.lower() for link in links)
        paths.append((entity.lower(), lower if lower[-1:] == (entity.lower(),) else (*lower, entity.lower())))
    return tuple(paths)


def with_sound_paths(semantic_models: Sequence[SemanticModel], models: Iterable[Model], report: Report) -> tuple[SemanticModel, ...]:
    """The semantic models with the default paths that are there and decide something: DM2333 no such path, DM2334 no other."""
    if not any(model.default_paths for model in semantic_models):
        return tuple(semantic_models)
    bare = tuple(replace(model, default_paths=()) for model in semantic_models)
    graph = JoinGraph.of(Ontology("", models=tuple(models), semantic_models=bare))
    return tuple(
        replace(model, default_paths=tuple(found for found in model.default_paths if _is_sound(model, *found, graph, report)))
        if model.default_paths
        else model
        for model in semantic_models
    )


def _is_sound(model: SemanticModel, entity: str, path: tuple[str, ...], graph: JoinGraph, report: Report) -> bool:
    place = Place(f"semantic_model.{model.name}", model.file, f"{_AT}/{entity}")
    said = f"the default path of semantic model `{model.name}` to `{entity}`"
    reach = graph.reach(model.name)
    targets = {way.target.name for way in graph.follow(model.name, path)}
    if not targets:
        known = sorted({"__".join(way.links) for ways in reach.ways.values() for way in ways if way.links[-1:] == (entity,)})
        listed = f"ways there are {', '.join(f'`{way}`' for way in known[:_LISTED])}" if known else "no joins lead to it at all"
        report.error("DM2333", f"{said} is left out: no joins lead by {' → '.join(f'`{link}`' for link in path)}", place, listed)
        return False
    if all(len(reach.ways.get(target, ())) < 2 and target not in reach.crowded for target in targets):
        report.warning("DM2334", f"{said} is ignored: there is no other way", place, "leave it out")
        return False
    return True
