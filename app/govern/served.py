"""Which schemas of an engine governed statements may read from: those of models that somebody may see something of."""

from __future__ import annotations

from app.govern.access import admits_nothing
from app.model.ontology import Ontology
from app.model.physical import Model, Placement


def served_schemas(ontology: Ontology, placement: Placement | None) -> frozenset[str]:
    """The schemas (databases on ClickHouse) in which the placement has models that are not closed to everybody. `ontology` holds the policies of the store too."""
    if placement is None:
        return frozenset()
    found = ((model, placement.relation(model.name)) for model in ontology.models)
    return frozenset(relation.schema for model, relation in found if relation is not None and not _closed(model, ontology.default_access))


def _closed(model: Model, default_access: str) -> bool:
    """Whether nobody sees a row of it, whoever asks: by the default, by a filter that is false for all, or since every filter that opens it is false."""
    if not model.is_governed and default_access != "allow":
        return True
    general = [policy for policy in model.row_policies if not policy.has_exempt]
    if any(admits_nothing(policy.predicate) for policy in general if not policy.permissive and policy.is_general):
        return True
    opening = [policy for policy in model.row_policies if policy.permissive]
    return bool(opening) and all(admits_nothing(policy.predicate) and policy in general for policy in opening)
