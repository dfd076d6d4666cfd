"""What a query may call the tables of one engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.errors import Problem, UserError
from app.govern.access import Access
from app.model.ontology import Layer
from app.model.physical import Relation


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models that one engine keeps. `names` leads from (schema, relation), or from ("", bare name of relation, model or alias), to models."""

    engine: str
    names: Mapping[tuple[str, str], tuple[str, ...]]
    relations: Mapping[str, Relation]

    def find(self, schema: str, name: str, rights: Access) -> tuple[str, ...]:
        """The models of that name that the principal may read: what may not be read does not exist."""
        return tuple(model for model in self.names.get((schema, name), ()) if rights.of(model).readable)


def catalog(layer: Layer, engine: str) -> Catalog:
    """The engine's catalogue; kept for the last few layers. Raises UserError DM4030 where the layer was not built on that engine."""
    return _catalog(_Same(layer), engine)


class _Same:
    """A layer as a key: the same object is the same key, so that no query pays for hashing a whole layer."""

    __slots__ = ("layer",)

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def __hash__(self) -> int:
        return id(self.layer)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.layer is self.layer


@lru_cache(maxsize=8)
def _catalog(same: _Same, engine: str) -> Catalog:
    placement = same.layer.placement(engine)
    if placement is None:
        raise UserError(
            Problem("DM4030", f"the layer was not built on the engine `{engine}`", hint="build and sync it there, or ask another engine")
        )
    aliases = {model.name: model.alias or model.name for model in same.layer.ontology.models}
    names: dict[tuple[str, str], set[str]] = {}
    relations: dict[str, Relation] = {}
    for model, relation in placement.relations:
        if model in aliases:
            relations[model] = relation
            for key in ((relation.schema, relation.name), ("", relation.name), ("", model), ("", aliases[model])):
                names.setdefault(key, set()).add(model)
    return Catalog(engine, {key: tuple(sorted(models)) for key, models in names.items()}, relations)
