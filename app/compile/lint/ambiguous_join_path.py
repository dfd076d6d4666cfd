"""DM2703."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted, is_own
from app.compile.lint.rule import Rule
from app.compile.report import Place
from app.model.metrics import measure_inputs
from app.model.semantics import EntityType, SemanticModel
from app.sql.joins.links import ONE_ROW

_MANY, _MODELS = 5, 3
"""So many ways to a semantic model, and so many semantic models, are named."""


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
        for name in sorted(measured & _branching(declared)):
            yield from _diamonds(project, declared[name])
        yield from _twins(project, declared)


def _branching(models: dict[str, SemanticModel]) -> set[str]:
    """The semantic models from which two ways may lead to one: those with two entities to go on by, and those that lead to such."""
    leads: dict[str, set[str]] = defaultdict(set)
    for model in models.values():
        for entity in model.entities:
            if entity.type in ONE_ROW:
                leads[entity.name].add(model.name)
    onward = {m.name: [leads[e.name] - {m.name} for e in m.entities if leads.get(e.name, set()) - {m.name}] for m in models.values()}
    found = {name for name, ways in onward.items() if len(ways) > 1}
    while True:
        more = {name for name, ways in onward.items() if any(target in found for way in ways for target in way)} - found
        if not more:
            return found
        found |= more


def _diamonds(project: Linted, start: SemanticModel) -> Iterator[Finding]:
    """Semantic models that several ways lead to, of which a short name says none: once for each start."""
    said: list[str] = []
    for target, ways in sorted(project.joins.reach(start.name).ways.items()):
        longer = [way for way in ways if len(way.hops) > 1]
        element = next((name for name in project.joins.elements[target] if name != longer[0].links[-1]), "") if len(longer) > 1 else ""
        if element and project.joins.find(start.name, f"{longer[0].links[-1]}__{element}") is None:
            said.append(f"`{target}` ({_listed(['__'.join(way.links) for way in longer])})")
    if said:
        more = f" and {len(said) - _MODELS} more" if len(said) > _MODELS else ""
        yield Finding(
            f"from `{start.name}`, several ways lead to {', '.join(said[:_MODELS])}{more}",
            Place(f"semantic_model.{start.name}", start.file),
            "say the way in queries and filters, or name the usual one in `meta.datamind.default_paths`",
            start.name,
        )


def _twins(project: Linted, declared: dict[str, SemanticModel]) -> Iterator[Finding]:
    """Entities that lead to dimensions of one name in several semantic models, for those that join by them."""
    providers: dict[str, list[SemanticModel]] = defaultdict(list)
    joining: dict[str, list[str]] = defaultdict(list)
    for model in declared.values():
        for entity in model.entities:
            if entity.type in ONE_ROW:
                providers[entity.name].append(model)
            elif entity.type is EntityType.FOREIGN:
                joining[entity.name].append(model.name)
    for entity_name in sorted(joining):
        holders: dict[str, list[str]] = defaultdict(list)
        for model in providers[entity_name]:
            for dimension in model.dimensions:
                holders[dimension.name].append(model.name)
        shared = sorted(name for name, held in holders.items() if len(held) > 1)
        wrong = [n for n in shared if all(project.joins.find(start, f"{entity_name}__{n}") is None for start in joining[entity_name])]
        if wrong:
            owners = sorted({owner for name in wrong for owner in holders[name]})
            last = declared[owners[-1]]
            yield Finding(
                f"{_listed([f'{entity_name}__{name}' for name in wrong])} may be of {' or '.join(f'`{owner}`' for owner in owners)}: each has"
                f" one row for each `{entity_name}`",
                Place(f"entity.{last.name}.{entity_name}", last.file),
                "rename the dimensions in one of them, or give it another entity",
                entity_name,
            )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_MANY]) + (" …" if len(names) > _MANY else "")
