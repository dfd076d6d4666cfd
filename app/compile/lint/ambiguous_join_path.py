"""DM2703."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.model.metrics import measure_inputs
from app.model.semantics import EntityType, SemanticModel
from app.sql.joins.reached import ONE_ROW, Hop

_MANY = 5


class AmbiguousJoinPath(Rule):
    """Two ways to one thing, which may give different rows.

    Where orders lead to a region by their customer and by their store, `region__name` means neither: a query has to say the whole way, and people who
    do not know of both take the wrong one. Two semantic models with one primary entity and dimensions of one name are as ambiguous. For example
    entities `customer` and `store` of `orders`, whose semantic models both have the entity `region`.
    """

    code = "DM2703"

    def check(self, project: Linted) -> Iterator[Finding]:
        """From each semantic model of this project that metrics stand on; and each entity that leads to one name in two semantic models."""
        measured = {given.semantic_model for metric in project.ontology.metrics for given in measure_inputs(metric.params)}
        declared = {model.name: model for model, _ in project.semantic_models if is_own(model.file)}
        for name in sorted(measured & set(declared)):
            yield from _diamonds(project, declared[name])
        yield from _twins(declared)


def _diamonds(project: Linted, start: SemanticModel) -> Iterator[Finding]:
    """Semantic models that several ways of joins lead to."""
    ways: dict[str, set[tuple[Hop, ...]]] = defaultdict(set)
    for reached in project.joins.items(start.name).values():
        if reached.hops:
            ways[reached.owner.name].add(reached.hops)
    for target in sorted(ways):
        shortest = min(map(len, ways[target]))
        nearest = sorted("__".join(hop.entity for hop in hops) for hops in ways[target] if len(hops) == shortest)
        if shortest > 1 and len(nearest) > 1:
            listed = " and ".join(f"`{way}`" for way in nearest[:_MANY])
            yield Finding(
                f"from `{start.name}`, several ways lead to `{target}`: {listed}",
                Place(f"semantic_model.{start.name}", start.file),
                "say the whole way in queries and filters, or join it once only",
                start.name,
                (f"semantic_model.{start.name}",),
            )


def _twins(declared: dict[str, SemanticModel]) -> Iterator[Finding]:
    """Entities that lead to dimensions of one name in several semantic models, for those that join by them."""
    providers: dict[str, list[SemanticModel]] = defaultdict(list)
    joining: set[str] = set()
    for model in declared.values():
        for entity in model.entities:
            if entity.type in ONE_ROW:
                providers[entity.name].append(model)
            elif entity.type is EntityType.FOREIGN:
                joining.add(entity.name)
    for entity_name in sorted(joining & {name for name, models in providers.items() if len(models) > 1}):
        holders: dict[str, list[str]] = defaultdict(list)
        for model in providers[entity_name]:
            for dimension in model.dimensions:
                holders[dimension.name].append(model.name)
        shared = sorted(name for name, held in holders.items() if len(held) > 1)
        if shared:
            owners = sorted({owner for name in shared for owner in holders[name]})
            names = ", ".join(f"`{entity_name}__{name}`" for name in shared[:_MANY]) + (" …" if len(shared) > _MANY else "")
            last = declared[owners[-1]]
            yield Finding(
                f"{names} may be of {' or '.join(f'`{owner}`' for owner in owners)}, which both have one row for each `{entity_name}`",
                Place(f"entity.{last.name}.{entity_name}", last.file),
                "rename the dimensions in one of them, or give it another entity",
                entity_name,
            )
