"""Levels of hierarchies: a group-by item followed by the next finer one, or replaced by the next coarser one.

Time needs no hierarchy of its own: years hold quarters, these months, these days; weeks hold days and lie in years alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from app.errors import Problem, UserError
from app.model.ontology import Hierarchy
from app.model.query import GroupBy, SemanticQuery
from app.model.types import Grain
from app.plan.problems import at
from app.sql.joins import JoinGraph

_FINER = {
    Grain.YEAR: Grain.QUARTER,
    Grain.QUARTER: Grain.MONTH,
    Grain.MONTH: Grain.DAY,
    Grain.WEEK: Grain.DAY,
    Grain.DAY: Grain.HOUR,
    Grain.HOUR: Grain.MINUTE,
    Grain.MINUTE: Grain.SECOND,
}
_COARSER = {Grain.SECOND: Grain.MINUTE, Grain.MINUTE: Grain.HOUR, Grain.HOUR: Grain.DAY, Grain.DAY: Grain.MONTH} | {
    Grain.MONTH: Grain.QUARTER,
    Grain.QUARTER: Grain.YEAR,
}


def drilled(query: SemanticQuery, hierarchies: Sequence[Hierarchy], joins: JoinGraph) -> SemanticQuery:
    """The query with the levels that it asks for.

    Raises UserError DM3136 for an item that the query is not grouped by, that no hierarchy has, or that has no level there.
    """
    if not query.drill_down and not query.roll_up:
        return query
    levels = _Levels(hierarchies, joins, query)
    items = list(query.group_by)
    for number, name in enumerate(query.roll_up):
        with at(f"roll_up[{number}]"):
            items = _rolled_up(items, _position(items, name), levels)
    for number, name in enumerate(query.drill_down):
        with at(f"drill_down[{number}]"):
            items = _drilled_down(items, _position(items, name), levels)
    return msgspec.structs.replace(query, group_by=tuple(dict.fromkeys(items)), drill_down=(), roll_up=())


def _position(items: Sequence[GroupBy], name: str) -> int:
    """Which of the items is meant: by its column, its name without grain, or the end of it."""
    wanted = name.lower()
    for number, item in enumerate(items):
        stem = "__".join((*item.path, item.name))
        if wanted in (item.column, stem) or item.column.endswith(f"__{wanted}") or stem.endswith(f"__{wanted}"):
            return number
    known = ", ".join(item.column for item in items)
    raise UserError(
        Problem("DM3136", f"the query is not grouped by `{name}`", hint=f"the items are {known}" if known else "group by it first")
    )


def _drilled_down(items: list[GroupBy], number: int, levels: _Levels) -> list[GroupBy]:
    item = items[number]
    if _is_plain_time(item):
        finer = _FINER.get(Grain(item.grain))
        if finer is None:
            raise UserError(Problem("DM3136", f"`{item.column}` has no finer level"))
        return [*items[:number], msgspec.structs.replace(item, grain=finer.value), *items[number + 1 :]]
    found = levels.of(item)
    if found.level + 1 == len(found.hierarchy.levels):
        raise UserError(Problem("DM3136", f"`{item.column}` is the finest level of `{found.hierarchy.name}`"))
    return [*items[: number + 1], levels.item(found, found.level + 1), *items[number + 1 :]]


def _rolled_up(items: list[GroupBy], number: int, levels: _Levels) -> list[GroupBy]:
    item = items[number]
    rest = [*items[:number], *items[number + 1 :]]
    if _is_plain_time(item):
        if item.grain == Grain.YEAR:
            return rest
        coarser = _COARSER.get(Grain(item.grain))
        if coarser is None:
            raise UserError(Problem("DM3136", f"`{item.column}` has no coarser level", hint="weeks lie in no month"))
        made = msgspec.structs.replace(item, grain=coarser.value)
    else:
        found = levels.of(item)
        if found.level == 0:
            return rest
        made = levels.item(found, found.level - 1)
    return rest if made in rest else [*items[:number], made, *items[number + 1 :]]


def _is_plain_time(item: GroupBy) -> bool:
    return item.grain in set(Grain) and not item.date_part


@dataclass(frozen=True, slots=True)
class _Found:
    """A level of a hierarchy, and the links that lead to its semantic model in the name of an item."""

    hierarchy: Hierarchy
    level: int
    links: str
    name: str


class _Levels:
    """The levels of the layer's hierarchies, as one query's items name them: links to the semantic model, its entity, and then what lies there or further on."""

    def __init__(self, hierarchies: Sequence[Hierarchy], joins: JoinGraph, query: SemanticQuery) -> None:
        self._hierarchies, self._joins = hierarchies, joins
        found = (given.semantic_model for metric in query.asked_metrics for given in joins.grouped_inputs(metric))
        self._starts = tuple(dict.fromkeys(found)) or tuple(joins.semantic_models)

    def of(self, item: GroupBy) -> _Found:
        """The level that an item is. Raises UserError DM3136 where it is none, or one of several hierarchies."""
        found = [
            _Found(hierarchy, level, item.column.removesuffix(name), name)
            for hierarchy in self._hierarchies
            for level in range(len(hierarchy.levels))
            for name in self._names(hierarchy, level)
            if item.column == name or (item.column.endswith(f"__{name}") and self._is_whole(hierarchy, name))
        ]
        if not found:
            hint = "hierarchies stand in `meta.datamind.hierarchies` of semantic models"
            raise UserError(Problem("DM3136", f"`{item.column}` is a level of no hierarchy", hint=hint))
        longest = max(len(one.name) for one in found)
        nearest = {one.hierarchy.name: one for one in found if len(one.name) == longest}
        if len(nearest) > 1:
            names = ", ".join(f"`{name}`" for name in nearest)
            raise UserError(
                Problem("DM3136", f"`{item.column}` is a level of several hierarchies: {names}", hint="name the level to group by")
            )
        return next(iter(nearest.values()))

    def item(self, found: _Found, level: int) -> GroupBy:
        """Another level of the hierarchy as a group-by item, by the name that means something to the query's metrics."""
        made = [self._joins.group_by(found.links + name) for name in self._names(found.hierarchy, level)]
        reached = (one for one in made if all(self._joins.find(start, one.name, one.path) is not None for start in self._starts))
        return next(reached, made[0])

    def _is_whole(self, hierarchy: Hierarchy, name: str) -> bool:
        """Whether a name begins with the entity of its semantic model, so that links may lead to it."""
        primary = self._joins.semantic_models[hierarchy.semantic_model].primary
        return bool(primary) and (name == primary or name.startswith(f"{primary}__"))

    def _names(self, hierarchy: Hierarchy, level: int) -> tuple[str, ...]:
        """A level by way of its semantic model's entity, and as that model itself names it."""
        name, primary = hierarchy.levels[level], self._joins.semantic_models[hierarchy.semantic_model].primary
        own = not primary or name == primary or name.startswith(f"{primary}__")
        return (name,) if own else (f"{primary}__{name}", name)
