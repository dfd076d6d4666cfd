"""Which columns hold personal data because they are derived from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.compile.lineage.project import ProjectLineage
from app.model.lineage import ModelLineage, Reason, Role
from app.model.physical import Model

Spot = tuple[str, str]
"""A column: its model's name, and its own in lower case."""
NO_CLASS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Guess:
    """A model of whose columns it can't be seen from what they are derived; those inherit by name. `columns` are the ones, () for all of them."""

    model: str
    reason: Reason
    detail: str = ""
    columns: tuple[str, ...] = ()


@dataclass(slots=True)
class Spread:
    """The classes of columns that have no word of their own, by spot, and where they are guessed."""

    classes: dict[Spot, frozenset[str]] = field(default_factory=dict)
    guesses: list[Guess] = field(default_factory=list)


def spread(models: Sequence[Model], lineage: ProjectLineage, shared: Iterable[Sequence[str]] = ()) -> Spread:
    """Follow the values of classified columns downstream. `shared` are names of one relation each: what one of them holds, all do.

    A column inherits every class of the columns whose values go into it (see `Role.VALUE`: to be counted carries nothing). It does not where it has a class of
    its own or is declassified, and what is built from it then inherits that. What can't be seen is inherited by name, from every column upstream.
    Only models downstream of a classified column are read.
    """
    if not any(column.pii for model in models for column in model.columns):
        return Spread()
    return _Walk(models, lineage, shared).run()


class _Walk:
    """One walk over the models."""

    def __init__(self, models: Sequence[Model], lineage: ProjectLineage, shared: Iterable[Sequence[str]]) -> None:
        self._columns = {model.name: dict.fromkeys(column.name.lower() for column in model.columns) for model in models}
        self._names = {model.unique_id: model.name for model in models}
        self._above = {m.name: tuple(self._names[one] for one in m.depends_on if one in self._names) for m in models}
        self._twins = {name: tuple(other for other in group if other != name) for group in shared for name in group}
        self._lineage = lineage
        self._own: dict[Spot, frozenset[str]] = {}
        for model in models:
            for column in model.columns:
                if column.pii or column.declassified:
                    self._own[model.name, column.name.lower()] = frozenset(column.pii_classes)
        self._touched: frozenset[str] = frozenset()
        self._found = Spread()

    def run(self) -> Spread:
        """All of them. Where models are built from each other in a circle (a snapshot's own rows, say) it is gone round until nothing is added."""
        start = {model for (model, _), classes in self._own.items() if classes}
        order = self._downstream(start)
        self._touched = frozenset(order)
        before = -1
        while before != (before := sum(map(len, self._found.classes.values()))):
            self._found.guesses.clear()
            for name in order:
                self._model(name)
        return self._found

    def _downstream(self, start: Iterable[str]) -> list[str]:
        """The models themselves and all that are built from them, each after what it is built from where that is possible."""
        below: Mapping[str, list[str]] = defaultdict(list)
        for name, above in self._above.items():
            for one in above:
                below[one].append(name)
        for name, others in self._twins.items():
            below[name].extend(others)
        order: list[str] = []
        met: set[str] = set()
        for first in sorted(start):
            stack = [] if first in met else [(first, iter(below[first]))]
            met.add(first)
            while stack:  # no recursion: chains of models may be long
                name, rest = stack[-1]
                following = next((one for one in rest if one not in met), None)
                if following is None:
                    order.append(name)
                    stack.pop()
                else:
                    met.add(following)
                    stack.append((following, iter(below[following])))
        return order[::-1]

    def _model(self, name: str) -> None:
        """The classes of the model's columns, listed or not."""
        listed, lineage = self._columns[name], self._lineage.of(name)
        known = dict.fromkeys(column.name.lower() for column in lineage.columns) if lineage is not None else {}
        guessed: list[str] = []
        why: tuple[Reason, str] | None = None
        for column in (*listed, *(one for one in known if one not in listed)):
            if (name, column) in self._own:
                continue
            found, unseen = self._derived(name, column, lineage)
            for twin in self._twins.get(name, ()):
                found |= self._of((twin, column))
            if found:
                self._found.classes[name, column] = found
            if unseen is not None:
                why = why or unseen
                guessed.append(column)
        if self._touched.isdisjoint(self._above[name]):
            return
        if lineage is not None and lineage.reason is not None:
            self._found.guesses.append(Guess(name, lineage.reason, lineage.detail))
        elif why is not None:
            self._found.guesses.append(Guess(name, *why, tuple(guessed)))

    def _derived(self, name: str, column: str, lineage: ModelLineage | None) -> tuple[frozenset[str], tuple[Reason, str] | None]:
        """The classes of a column by what it is derived from, and why that can't be seen if it can't."""
        if lineage is None:
            return NO_CLASS, None
        if lineage.reason is not None:
            return self._by_name(name, column), None
        found, unseen = NO_CLASS, None
        for edge in lineage.edges(column):
            if edge.role is not Role.VALUE:
                continue
            if edge.reason is not None:
                unseen = (edge.reason, edge.detail)
            if edge.column == "*" or (edge.reason is not None and edge.model and not edge.column):
                found |= self._any_of(edge.model)
            elif edge.column and edge.model:
                found |= self._of((edge.model, edge.column.lower()))
        return (found | self._by_name(name, column), unseen) if unseen else (found, None)

    def _by_name(self, name: str, column: str) -> frozenset[str]:
        """The classes of the column of that name in what the model is built from, as near to it as there is one."""
        found, met = NO_CLASS, {name}
        queue = list(self._above[name])
        for one in queue:  # grows while it is walked
            if one in met or one not in self._touched:
                continue
            met.add(one)
            found |= self._of((one, column))
            if not self._lists(one, column):
                queue += self._above[one]
        return found

    def _lists(self, name: str, column: str) -> bool:
        return column in self._columns[name]

    def _of(self, spot: Spot) -> frozenset[str]:
        """The classes of a column that was looked at before. One that nothing lists may be passed on by a `*`."""
        met: set[Spot] = set()
        found, queue = NO_CLASS, [spot]
        for one in queue:  # grows while it is walked
            if one in met or one[0] not in self._touched:
                continue
            met.add(one)
            held = self._own.get(one, self._found.classes.get(one))
            if held is not None:
                found |= held
            elif not self._lists(*one):
                queue += self._passed(one)
        return found

    def _passed(self, spot: Spot) -> Iterator[Spot]:
        lineage = self._lineage.of(spot[0])
        if lineage is None or spot[1] in lineage.by_name:
            return
        if lineage.reason is not None:
            yield from ((one, spot[1]) for one in self._above[spot[0]])
            return
        for edge in lineage.edges(spot[1]):
            if edge.role is Role.VALUE and edge.model:
                yield edge.model, (edge.column or spot[1]).lower()
        yield from ((one, spot[1]) for one in lineage.open)

    def _any_of(self, model: str) -> frozenset[str]:
        """The classes of all columns of a model."""
        spots = {spot for spot in (*self._own, *self._found.classes) if spot[0] == model}
        return NO_CLASS.union(*(self._of(spot) for spot in spots))
