"""Of which grain the clock of a leaf's timeline is, as the query and the leaf's filter ask for time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.model.expr import Field
from app.model.query import GroupBy
from app.model.types import Grain
from app.plan.leaves import Leaf, agg_time, is_separable
from app.plan.times import STANDARD_GRAINS
from app.sql.clock import Clock, clock_unit
from app.sql.joins import JoinGraph


def unit_of(leaf: Leaf, keys: tuple[GroupBy, ...], filtered: tuple[Field, ...], graph: JoinGraph) -> str:
    """The grain of the leaf's timeline by its name, "" where it needs none."""
    spans = leaf.span is not None and bool(keys or filtered)
    if not leaf.offsets and not spans:
        return ""
    return clock_unit(_clock(leaf, filtered, graph), _grains(keys), graph.custom_grains)


def moved_unit(leaf: Leaf, keys: tuple[GroupBy, ...], filtered: tuple[Field, ...], graph: JoinGraph) -> str:
    """The whole months, quarters or years by which offsets move a running total, "" where they move days.

    What it came to in the month before March is what it came to by the 29th of February, and no day of March is a month after the 30th of January.
    """
    if leaf.span is None or leaf.on_spine or not leaf.offsets or any(offset.window is None for offset in leaf.offsets):
        return ""
    if any(key.date_part for key in keys) or any(field.date_part for field in filtered) or not is_separable(leaf, graph):
        return ""
    unit = clock_unit(_clock(replace(leaf, span=None), filtered, graph), _grains(keys), graph.custom_grains)
    if unit not in STANDARD_GRAINS or Grain(unit).order < Grain.MONTH.order or unit == unit_of(leaf, keys, filtered, graph):
        return ""
    return unit if leaf.period_agg != "average" or unit in {key.grain for key in keys} else ""


def _clock(leaf: Leaf, filtered: tuple[Field, ...], graph: JoinGraph) -> Clock:
    """What decides on the leaf's clock besides what is asked."""
    dimension = agg_time(leaf, graph)
    kept = (dimension.grain if dimension is not None else None) or Grain.DAY
    windows = [move.window.grain for move in (*leaf.offsets, leaf.span) if move is not None and move.window is not None]
    starts = [leaf.span.grain_to_date if leaf.span is not None else "", *(offset.to_grain for offset in leaf.offsets)]
    return Clock(leaf.grain, kept, leaf.span is not None, frozenset(windows), frozenset(filter(None, starts)), _grains(filtered))


def _grains(items: Iterable[GroupBy | Field]) -> frozenset[str]:
    """The grains by which items ask for time; a date part is one of days."""
    return frozenset(Grain.DAY.value if item.date_part else item.grain for item in items if item.date_part or item.grain)
