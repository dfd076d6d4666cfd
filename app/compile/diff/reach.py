"""What metrics can be grouped and filtered by, before and after: names that are out of reach now, are in reach now, or lead elsewhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from app.compile.diff.matching import Matched
from app.compile.diff.side import Side
from app.errors import UserError
from app.model.metrics import Metric
from app.sql.joins.graph import METRIC_TIME

Starts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachChange:
    """What changed for these metrics (names of the new side), which start from the same semantic models; no `starts` where these are others now."""

    metrics: tuple[str, ...]
    starts: Starts
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    """Names with the way that they led before, and the way that they lead now."""


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
            [(entity.name, entity.type, entity.expr) for entity in model.entities],
            [(dimension.name, dimension.validity) for dimension in model.dimensions],
        )
        for model in side.ontology.semantic_models
    ]


def _ways(side: Side, starts: Starts) -> dict[str, tuple[str, str, str]]:
    """The names that all of the starts share, with where they lead: owner, element, and the way there."""
    maps = [side.joins.items(start) for start in starts if start in side.joins.semantic_models]
    if not maps:
        return {}
    shared = set(maps[0]).intersection(*maps[1:])
    found = {}
    for name in shared:
        reached = [ways[name] for ways in maps]
        owner = ", ".join(sorted({side.called("semantic_model", one.owner.name) for one in reached}))
        way = "; ".join(
            sorted({" → ".join(f"{side.element(hop.semantic_model, hop.entity)} → {side.called('semantic_model', hop.semantic_model)}"
                               for hop in one.hops) for one in reached})
        )  # fmt: skip
        found[name] = (owner, side.element(reached[0].owner.name, reached[0].element.name), way)
    found[METRIC_TIME] = ("", METRIC_TIME, "")
    return found


def _compare(
    old: Side, new: Side, left: Starts, right: Starts, told: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str, str], ...]] | None:
    before, after = _ways(old, left), _ways(new, right)
    lost = tuple(sorted(name for name in before.keys() - after.keys() if f"{before[name][0]}.{before[name][1]}" not in told))
    gained = tuple(sorted(name for name in after.keys() - before.keys() if f"{after[name][0]}.{after[name][1]}" not in told))
    moved = tuple(
        (name, _way(before[name]), _way(after[name])) for name in sorted(before.keys() & after.keys()) if before[name] != after[name]
    )
    return (lost, gained, moved) if lost or gained or moved else None


def _way(found: tuple[str, str, str]) -> str:
    owner, element, way = found
    return f"{owner}.{element}" + (f" by {way}" if way else "")
