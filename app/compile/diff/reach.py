"""What metrics can be grouped and filtered by, before and after: names that are out of reach now, are in reach now, or lead elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.compile.diff.matching import Matched
from app.compile.diff.side import Side
from app.errors import UserError
from app.model.metrics import Metric
from app.model.semantics import Entity, SemanticModel
from app.sql.expressions.walk import key_parts
from app.sql.joins.agreement import agree
from app.sql.joins.graph import METRIC_TIME
from app.sql.joins.keys import family
from app.sql.joins.reached import Reached

Starts = tuple[str, ...]
_Moved = tuple[tuple[str, str, str], ...]
_Found = tuple[Starts, Starts, _Moved, Starts, Starts, _Moved]
"""The fields of a ReachChange after `starts`."""
_Leads = dict[str, tuple[str, str, str]]
"""Names with where they lead: owner, element, and the way there."""


@dataclass(frozen=True, slots=True)
class ReachChange:
    """What changed for these metrics (names of the new side), which start from the same semantic models; no `starts` where these are others now."""

    metrics: tuple[str, ...]
    starts: Starts
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    """Names with the way that they led before, and the way that they lead now."""
    ambiguous: tuple[str, ...] = ()
    """Names without an entity before them that meant one thing and now mean several."""
    settled: tuple[str, ...] = ()
    """Such names that meant several things and now mean one."""
    elsewhere: tuple[tuple[str, str, str], ...] = ()
    """Such names that mean another element now, as `moved`."""


def reach_changes(old: Side, new: Side, metrics: Matched[Metric], told: frozenset[str]) -> tuple[ReachChange, ...]:
    """Compare what the metrics of both sides reach. Semantic models in `told` (by their new names) gained or lost elements of their own, which is
    told of these: here only what joins make of the others counts, and what of theirs came or went is left out."""
    by_starts: dict[tuple[Starts, Starts], list[str]] = defaultdict(list)
    for before, after in (*metrics.same, *metrics.renamed):
        by_starts[_starts(old, before), _starts(new, after)].append(after.name)
    same_ground = _skeleton(old) == _skeleton(new)
    found = []
    for (left, right), names in sorted(by_starts.items()):
        stays = tuple(sorted(old.called("semantic_model", start) for start in left)) == right
        if not left or not right or (same_ground and stays):
            continue
        change = _compare(old, new, left, right, told)
        if change is not None and stays:
            found.append(ReachChange(tuple(sorted(names)), right, *change))
        elif change is not None:
            found += [ReachChange((name,), (), *change) for name in sorted(names)]
    return tuple(found)


def _starts(side: Side, metric: Metric) -> Starts:
    try:
        return tuple(sorted({given.semantic_model for given in side.joins.grouped_inputs(metric.name)}))
    except UserError:
        return ()


def _skeleton(side: Side) -> object:
    """All that decides which names lead where."""
    return [
        (
            side.called("semantic_model", model.name),
            model.primary,
            model.model,
            model.default_paths,
            [(entity.name, entity.type, entity.expr, _families(side, model, entity)) for entity in model.entities],
            [(dimension.name, dimension.validity, dimension.is_partition) for dimension in model.dimensions],
            _facts(side, model),
        )
        for model in side.ontology.semantic_models
    ]


def _families(side: Side, model: SemanticModel, entity: Entity) -> list[str]:
    """What a key can be compared with, part by part."""
    return [family(part, lambda column: side.joins.column_type(model.model, column.name)) for part in key_parts(entity.expr)]


def _facts(side: Side, model: SemanticModel) -> object:
    """What is known of the model's rows and tells whether two ways are one: its key, and where its columns refer to for certain."""
    held = side.joins.models.get(model.model)
    if held is None:
        return None
    return frozenset(held.primary_key), [(c.name, c.references) for c in held.columns if c.references and c.references.certain]


def _doubtful(old: Side, new: Side, left: Starts, right: Starts) -> set[str]:
    """Names of elements of both sides that may lead elsewhere: those of semantic models in reach that have other elements or are reached otherwise. A
    name that only one side knows came, went or was changed, which is told on its own."""
    before, after = _held(old, left), _held(new, right)
    if _paths(before) != _paths(after):  # they decide what any name means
        return _elements(old) & _elements(new)
    changed = [
        found.get(name, {}) for name in before.keys() | after.keys() if before.get(name) != after.get(name) for found in (before, after)
    ]
    names = {element for held in changed for key in held if key[0] == "element" for element in key[1:]}
    return names & _elements(old) & _elements(new)


def _paths(found: Mapping[str, Mapping[tuple[str, ...], object]]) -> dict[str, object]:
    return {name: paths for name, held in found.items() if (paths := held["default_paths",])}


def _held(side: Side, starts: Starts) -> dict[str, dict[tuple[str, ...], object]]:
    """By semantic model in reach: its elements, and the ways there from each start with how many places these are."""
    found: dict[str, dict[tuple[str, ...], object]] = {}
    for start in starts:
        if start not in side.joins.semantic_models:
            continue
        reach = side.joins.reach(start)
        for name, ways in reach.ways.items():
            held = found.setdefault(side.called("semantic_model", name), {})
            if len(held) == 0:
                held.update({("element", key): element.expr for key, element in side.joins.elements[name].items()})
                held["default_paths",] = side.joins.semantic_models[name].default_paths
            places = len({id(way.place) for way in ways})
            held["ways", side.called("semantic_model", start)] = (sorted(way.links for way in ways), places, name in reach.crowded)
    return found


def _elements(side: Side) -> set[str]:
    """The names of all dimensions and entities."""
    return {name for held in side.joins.elements.values() for name in held}


def _short(side: Side, starts: Starts, names: Collection[str]) -> _Leads:
    """Those of the names without an entity before them that mean one thing from all of the starts, with where they lead."""
    if any(start not in side.joins.semantic_models for start in starts):
        return {}
    found = {}
    for name in names:
        reached = [one for start in starts if (one := side.joins.find(start, name)) is not None]
        if len(reached) == len(starts) and (len(reached) == 1 or agree(reached)):
            found[name] = _described(side, reached)
    return found


def _ways(side: Side, starts: Starts) -> _Leads:
    """The names that all of the starts share, with where they lead: owner, element, and the way there."""
    maps = [side.joins.items(start) for start in starts if start in side.joins.semantic_models]
    if not maps:
        return {}
    shared = set(maps[0]).intersection(*maps[1:])
    found = {}
    for name in shared:
        found[name] = _described(side, [ways[name] for ways in maps])
    found[METRIC_TIME] = ("", METRIC_TIME, "")
    return found


def _described(side: Side, reached: Sequence[Reached]) -> tuple[str, str, str]:
    """Owner, element, and the way there: of several starts each way."""
    owner = ", ".join(sorted({side.called("semantic_model", one.owner.name) for one in reached}))
    way = "; ".join(
        sorted({" → ".join(f"{side.element(hop.semantic_model, hop.entity)} → {side.called('semantic_model', hop.semantic_model)}"
                           for hop in one.hops) for one in reached})
    )  # fmt: skip
    return owner, side.element(reached[0].owner.name, reached[0].element.name), way


def _compare(old: Side, new: Side, left: Starts, right: Starts, told: frozenset[str]) -> _Found | None:
    before, after = _ways(old, left), _ways(new, right)
    lost = tuple(sorted(name for name in before.keys() - after.keys() if f"{before[name][0]}.{before[name][1]}" not in told))
    gained = tuple(sorted(name for name in after.keys() - before.keys() if f"{after[name][0]}.{after[name][1]}" not in told))
    moved = tuple(
        (name, _way(before[name]), _way(after[name])) for name in sorted(before.keys() & after.keys()) if before[name] != after[name]
    )
    both = _doubtful(old, new, left, right)
    ambiguous, settled, elsewhere = _alone(_short(old, left, both), _short(new, right, both), before, after, told)
    found = (lost, gained, moved, ambiguous, settled, elsewhere)
    return found if any(found) else None


def _alone(
    before: _Leads, after: _Leads, all_before: _Leads, all_after: _Leads, told: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str, str], ...]]:
    """Names of elements alone that mean nothing certain any more, that do now, and that mean another element: each of an element that is in reach on
    both sides, since what came or went is told by its longer name."""
    stays = {found[:2] for found in all_before.values()} & {found[:2] for found in all_after.values()}
    ambiguous = tuple(sorted(name for name in before.keys() - after.keys() if before[name][:2] in stays))
    settled = tuple(sorted(name for name in after.keys() - before.keys() if after[name][:2] in stays))
    elsewhere = tuple(
        (name, _way(before[name]), _way(after[name]))
        for name in sorted(before.keys() & after.keys())
        if before[name][:2] != after[name][:2] and ".".join(before[name][:2]) not in told
    )
    return ambiguous, settled, elsewhere


def _way(found: tuple[str, str, str]) -> str:
    owner, element, way = found
    return f"{owner}.{element}" + (f" by {way}" if way else "")
