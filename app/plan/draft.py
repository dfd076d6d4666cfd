"""The plan as it grows: the steps made so far, in reading order, and names that are still free."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from app.model.plan import Step, values
from app.model.types import DataType
from app.sql.joins import JoinGraph

T = TypeVar("T")

_LONGEST = 56
"""Bytes of a name that we make; PostgreSQL cuts at 63, and a number may follow."""


class Draft:
    """One per query. `taken` are the result's columns: no step or alias bears such a name, because ClickHouse would look there first."""

    def __init__(self, graph: JoinGraph, taken: Iterable[str]) -> None:
        self.graph = graph
        self.taken = frozenset(taken)
        self._steps: dict[str, Step] = {}
        self._reserved = set(self.taken)
        self._shared: dict[Hashable, object] = {}
        self._types: dict[str, dict[str, DataType]] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, each after those that it reads."""
        return tuple(self._steps.values())

    def name(self, *wanted: str) -> str:
        """The first name that is free, reserved from now on; the last one is numbered where none is. Names are short enough for every engine."""
        wanted = tuple(map(clipped, wanted))
        found = next((name for name in wanted if name not in self._reserved), "")
        number = 2
        while not found:
            numbered = f"{wanted[-1]}_{number}"
            found = "" if numbered in self._reserved else numbered
            number += 1
        self._reserved.add(found)
        return found

    def beside_models(self, *wanted: str) -> str:
        """As `name`, for a step that is read beside models: ClickHouse takes the name of a CTE for the alias of a table in the same FROM, where one is called so."""
        return self.name(*(name for name in wanted if name not in self.graph.semantic_models), f"{wanted[-1]}_values")

    def column(self, wanted: str) -> str:
        """A name for a column of our own beside measures and group-by items: no element of the layer and no result column bears it."""
        name, number = wanted, 2
        while name in self.taken or name in self.graph.names:
            name, number = f"{wanted}_{number}", number + 1
        return name

    def add(self, step: Step) -> str:
        """Put a step after all that are there; its name."""
        self._steps[step.name] = step
        return step.name

    def step(self, name: str) -> Step:
        """The step of that name."""
        return self._steps[name]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gave the first time that `key` was asked for: steps that several need are made once."""
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]  # type: ignore[return-value]

    def type_of(self, step: str, column: str) -> DataType:
        """The type of a step's column."""
        known = self._types.get(step)
        if known is None:
            made = self._steps[step]
            known = self._types[step] = {**dict(values(made)), **{key.name: key.type for key in made.keys}}
        return known.get(column, DataType.OTHER)


def clipped(name: str) -> str:
    """The name, or where it is too long its beginning with a hash of the whole."""
    raw = name.encode()
    if len(raw) <= _LONGEST:
        return name
    tail = hashlib.sha256(raw).hexdigest()[:8]
    return f"{raw[: _LONGEST - len(tail) - 1].decode(errors='ignore')}_{tail}"
