"""Which schemas of an engine governed statements may read from: those of models that somebody may see something of."""

from __future__ import annotations

from app.govern.access import closed_to_everybody
from app.model.ontology import Ontology
from app.model.physical import Placement


def served_schemas(ontology: Ontology, placement: Placement | None) -> frozenset[str]:
    """The schemas (databases on ClickHouse) in which the placement has models that are not closed to everybody. `ontology` holds the policies of the store too."""
    if placement is None:
        return frozenset()
    found = ((model, placement.relation(model.name)) for model in ontology.models)
    return frozenset(
        relation.schema for model, relation in found if relation is not None and not closed_to_everybody(model, ontology.default_access)
    )
