"""Default paths: which of several ways to an entity is meant where a name does not say (`meta.datamind.default_paths` of a semantic model)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.model.semantics import SemanticModel
from app.sql.joins.links import Link
from app.sql.joins.reached import Hop
from app.sql.joins.ways import Way

Paths = Mapping[str, tuple[str, ...]]


class Defaults:
    """The default paths of a layer, by semantic model and entity: the links from the model to the entity, which is the last of them; none where the path
    is there and the caller may not see it."""

    __slots__ = ("_paths",)

    def __init__(self, semantic_models: Mapping[str, SemanticModel]) -> None:
        self._paths: dict[str, Paths] = {name: dict(m.default_paths) for name, m in semantic_models.items() if m.default_paths}

    def __bool__(self) -> bool:
        return bool(self._paths)

    def is_lost(self, start: str, hops: Sequence[Hop]) -> bool:
        """Whether a way passes an entity whose default path is not seen: which way was meant can't be told then."""
        models = (start, *(hop.semantic_model for hop in hops))
        return any(
            self._paths.get(model, {}).get(hop.entity) == () for at, model in enumerate(models) if model in self._paths for hop in hops[at:]
        )

    def obeyed(self, way: Way, link: Link) -> bool:
        """Whether a way that goes on by a join keeps to the default path of every model on it that names one for the join's entity."""
        walked = (*way.links, link.entity)
        for at in way.back():
            path = self._paths.get(at.target.name, {}).get(link.entity)
            since = walked[len(at.hops) :]
            if path is not None and link.entity not in since[:-1] and since != path:
                return False
        return True
