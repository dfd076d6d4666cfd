"""Where joins lead, told by columns and not by names: two ways of which each join compares the same columns of the same models are one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.model.expr import Column, Expr
from app.model.physical import Model
from app.model.semantics import Dimension, SemanticModel
from app.model.types import Grain
from app.sql.joins.links import Link

Known = tuple[object, ...]


class Place:
    """A dbt model as joined from `before`, where `own` of that one equals its `key` and `more` holds; the first place of a way is where it starts.

    `Places` makes one for each there is, so places are compared by identity.
    """

    __slots__ = ("before", "key", "model", "more", "own")

    def __init__(
        self, model: str, before: Place | None = None, own: tuple[Expr, ...] = (), key: tuple[Expr, ...] = (), more: Known = ()
    ) -> None:
        self.model, self.before, self.own, self.key, self.more = model, before, own, key, more


class Places:
    """All places that were asked for. Threads share it."""

    __slots__ = ("_known", "_models")

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = models
        self._known: dict[Known, Place] = {}

    def start(self, model: SemanticModel) -> Place:
        """The rows of a semantic model themselves."""
        return self._place((model.model,), lambda: Place(model.model))

    def after(self, place: Place, link: Link, passed: Callable[[], Sequence[SemanticModel]]) -> Place:
        """Where a join leads; `passed` gives the semantic models on the way, the start first.

        A model through which the same column only passes is left out where a `relationships` test or foreign key makes certain that it has a row
        for each value: `order → customer → profile` by the customer's id is `order → profile`. A model that joins itself by its key is where it was.
        """
        more: Known = (*link.validity, *_partitions(link.target, passed))
        at, own = place, link.own
        while not more and at.before is not None and own == at.key and not at.more and self._always(at, link):
            at, own = at.before, at.own
        if not more and link.target.model == at.model and own == link.key and self._is_key(at.model, own):
            return at
        return self._place((id(at), own, link.target.model, link.key, more), lambda: Place(link.target.model, at, own, link.key, more))

    def _place(self, known: Known, make: Callable[[], Place]) -> Place:
        found = self._known.get(known)
        return self._known.setdefault(known, make()) if found is None else found

    def _always(self, place: Place, link: Link) -> bool:
        """Whether there is a row at the place wherever it is passed by its key: each value that comes there, or each that is found after it."""
        before = place.before
        return before is not None and (
            self._refers(before.model, place.own, place.model, place.key)
            or self._refers(link.target.model, link.key, place.model, place.key)
        )

    def _refers(self, model: str, own: tuple[Expr, ...], other: str, key: tuple[Expr, ...]) -> bool:
        """Whether a test or constraint makes certain that each value of a column is one of another."""
        held = self._models.get(model)
        if held is None or len(own) != 1 or len(key) != 1 or not isinstance(own[0], Column) or not isinstance(key[0], Column):
            return False
        column = held.column(own[0].name)
        found = column.references if column is not None else None
        return found is not None and found.certain and (found.model, found.column.lower()) == (other, key[0].name.lower())

    def _is_key(self, model: str, own: tuple[Expr, ...]) -> bool:
        """Whether tests or constraints say that these columns tell the model's rows apart, and are never null."""
        held = self._models.get(model)
        names = {part.name for part in own if isinstance(part, Column)}
        return held is not None and len(names) == len(own) and bool(names) and names == set(held.primary_key)


def _partitions(target: SemanticModel, passed: Callable[[], Sequence[SemanticModel]]) -> list[object]:
    """By what else a join is made: partition dimensions of the target that a model on the way has too, the nearest first."""
    own = [dimension for dimension in target.dimensions if dimension.is_partition]
    found: list[object] = []
    for dimension in own:
        for position, model in reversed(list(enumerate(passed()))):
            held = next((d for d in model.dimensions if d.is_partition and d.name == dimension.name), None)
            if held is not None:
                found.append((position, held.expr, dimension.expr, dimension.type, _grain(held, dimension)))
                break
    return found


def _grain(one: Dimension, other: Dimension) -> Grain:
    """The coarser of two."""
    return max(one.grain or Grain.DAY, other.grain or Grain.DAY, key=lambda grain: grain.order)
