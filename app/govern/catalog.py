"""What a query may call the tables of one engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from app.errors import Problem, UserError
from app.govern.access import Access, ModelAccess
from app.govern.same import Same
from app.model.ontology import Layer
from app.model.physical import Placement, Relation


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models that one engine keeps. `names` leads from (schema, relation), or from ("", bare name of relation, model or alias), to models; `absent` tells
    the columns that a model has on another engine only."""

    engine: str
    names: Mapping[tuple[str, str], tuple[str, ...]]
    relations: Mapping[str, Relation]
    absent: Mapping[str, frozenset[str]]

    def rule(self, model: str, rights: Access) -> ModelAccess:
        """What the principal sees of the model on this engine."""
        rule, absent = rights.of(model), self.absent.get(model)
        return _present(Same(rule), absent) if absent else rule

    def find(self, schema: str, name: str, rights: Access) -> tuple[str, ...]:
        """The models of that name that the principal may query: what may not be read does not exist."""
        return tuple(model for model in self.names.get((schema, name), ()) if rights.of(model).queryable)


def catalog(layer: Layer, engine: str) -> Catalog:
    """The engine's catalogue; kept for the last few layers. Raises UserError DM4030 where the layer was not built on that engine."""
    return _catalog(Same(layer), engine)


@lru_cache(maxsize=2048)
def _present(rule: Same[ModelAccess], absent: frozenset[str]) -> ModelAccess:
    return replace(rule.it, columns=tuple(column for column in rule.it.columns if column not in absent))


@lru_cache(maxsize=8)
def _catalog(same: Same[Layer], engine: str) -> Catalog:
    layer = same.it
    placement = layer.placement(engine)
    if placement is None:
        raise UserError(
            Problem("DM4030", f"the layer was not built on the engine `{engine}`", hint="build and sync it there, or ask another engine")
        )
    aliases = {model.name: model.alias or model.name for model in layer.ontology.models}
    names: dict[tuple[str, str], set[str]] = {}
    relations: dict[str, Relation] = {}
    for model, relation in placement.relations:
        if model in aliases:
            relations[model] = relation
            for key in ((relation.schema, relation.name), ("", relation.name), ("", model), ("", aliases[model])):
                names.setdefault(key, set()).add(model)
    return Catalog(engine, {key: tuple(sorted(models)) for key, models in names.items()}, relations, _absent(layer, placement))


def _absent(layer: Layer, placement: Placement) -> Mapping[str, frozenset[str]]:
    """The columns that the catalog of another engine has and this one's, which was read too, has not: a star must not ask for them."""
    here = _columns(placement)
    found: dict[str, set[str]] = {}
    for other in layer.placements:
        for model, columns in _columns(other).items():
            if model in here:
                found.setdefault(model, set()).update(columns - here[model])
    return {model: frozenset(columns) for model, columns in found.items() if columns}


def _columns(placement: Placement) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for model, column, _ in placement.column_types:
        found.setdefault(model, set()).add(column)
    return found
