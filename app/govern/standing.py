"""On what an answer stands, and what dbt's last runs on its engine say of that: failed tests, stale sources, tables that could not be built."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.model.ontology import Ontology
from app.model.physical import Model, Placement
from app.model.quality import NodeResult

Doubtful = Mapping[str, tuple[NodeResult, ...]]
"""Results that did not pass, by the unique id of the node that they say something of."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A result that did not pass, of a node on which an answer stands. It `blocks` the answer where it is a failure, and the node or one between it and the
    answer says so."""

    result: NodeResult
    blocks: bool


def doubts(ontology: Ontology, models: Iterable[str], placement: Placement | None, doubtful: Doubtful) -> tuple[Doubt, ...]:
    """What speaks against an answer that reads these models: the results of each, and of all that they are built from by dbt's `depends_on`.

    Names that the engine keeps in one relation are one node under several names. Blocking ones come first, then failures, then by name.
    """
    if not doubtful:
        return ()
    found: dict[str, Doubt] = {}
    for unique_id, blocks in reached(ontology, models, placement).items():
        for result in doubtful.get(unique_id, ()):
            held = found.get(result.unique_id)
            found[result.unique_id] = Doubt(result, result.status.is_failure and (blocks or bool(held and held.blocks)))
    return tuple(sorted(found.values(), key=lambda one: (not one.blocks, not one.result.status.is_failure, one.result.name)))


def reached(ontology: Ontology, models: Iterable[str], placement: Placement | None) -> dict[str, bool]:
    """The unique ids of the models and of all that they stand on; each with whether it, or a node on some way to it, blocks."""
    twins = _twins(placement)
    found: dict[str, bool] = {}
    rest = [(name, False) for name in models]
    while rest:
        name, above = rest.pop()
        model = ontology.model(name)
        if model is None:
            continue
        blocks = above or _says(model, ontology) == "block"
        if found.get(model.unique_id, False) >= blocks and model.unique_id in found:
            continue
        found[model.unique_id] = blocks
        rest += [(twin, blocks) for twin in twins.get(name, ()) if twin != name]
        rest += [(parent.name, blocks) for one in model.depends_on if (parent := ontology.of_dbt(one)) is not None]
    return found


def _says(model: Model, ontology: Ontology) -> str:
    return model.on_failure or ontology.on_failure


def _twins(placement: Placement | None) -> Mapping[str, Sequence[str]]:
    """Of each name the names that the engine keeps in its relation, where there are several."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for name, relation in placement.relations if placement is not None else ():
        groups[relation.database.lower(), relation.schema.lower(), relation.name.lower()].append(name)
    return {name: names for names in groups.values() if len(names) > 1 for name in names}
