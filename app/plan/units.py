"""Of which grain the clock of a timeline is: as fine as is asked for or as offsets and windows count, never coarser than the metric's own default.

Offsets by whole months, quarters or years (or by periods of a custom granularity) go from period to period where nothing finer is asked for: the
month before March is all of February, although no day of February is a month before the 31st.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.model.expr import Field
from app.model.query import GroupBy
from app.model.types import Grain
from app.plan.leaves import Leaf, agg_time
from app.plan.spines import base_grain
from app.plan.times import PART_GRAIN
from app.sql.joins import JoinGraph

_CALENDAR = (Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def unit_of(leaf: Leaf, keys: tuple[GroupBy, ...], filtered: tuple[Field, ...], graph: JoinGraph) -> str:
    """The grain of the leaf's timeline by its name, "" where it needs none."""
    spans = leaf.span is not None and bool(keys or filtered)
    if not leaf.offsets and not spans:
        return ""
    items: tuple[GroupBy | Field, ...] = (*keys, *filtered)
    named = [item.grain for item in items if item.grain]
    parts = [PART_GRAIN[item.date_part] for item in items if item.date_part]
    windows = [offset.window for offset in leaf.offsets if offset.window is not None]
    if leaf.span is None and not parts:
        whole = _whole_periods(leaf, named, graph)
        if whole:
            return whole
    dimension = agg_time(leaf, graph)
    kept = (dimension.grain if dimension is not None else None) or Grain.DAY
    counted = [window.grain for window in windows]
    if leaf.span is not None and leaf.span.window is not None:
        counted.append(leaf.span.window.grain)
    counted += [grain for grain in (leaf.span.grain_to_date if leaf.span else "", *(offset.to_grain for offset in leaf.offsets)) if grain]
    grains = [base_grain(graph, grain) for grain in (*named, *counted)] + [
        Grain.DAY if part.order > Grain.DAY.order else part for part in parts
    ]
    return max(shared_grain((leaf.grain, *grains)), kept, key=lambda g: g.order).value


def _whole_periods(leaf: Leaf, named: list[str], graph: JoinGraph) -> str:
    """The grain by whose periods offsets lead from one to another, "" where days are counted.

    A window may count finer periods than are asked for; what was at the start of a grain is asked by that grain or by one within it, else it is
    a matter of days.
    """
    counted = {offset.window.grain for offset in leaf.offsets if offset.window is not None}
    starts = {offset.to_grain for offset in leaf.offsets if offset.window is None}
    if not starts and len(counted) == 1 and counted == set(named) and counted <= graph.custom_grains.keys():
        return counted.pop()
    if any(grain in graph.custom_grains for grain in (*named, *counted, *starts)):
        return ""
    finest = min(map(Grain, named), key=lambda g: g.order)
    if any(Grain(start).order < finest.order for start in starts):
        return ""
    unit = min((finest, *map(Grain, counted)), key=lambda g: g.order)
    return unit.value if unit in _CALENDAR else ""


def shared_grain(grains: Iterable[Grain]) -> Grain:
    """The coarsest grain whose periods lie within one period of each of the grains: the finest of them, or days where weeks meet months."""
    found = set(grains)
    finest = min(found, key=lambda g: g.order)
    return Grain.DAY if finest is Grain.WEEK and found & set(_CALENDAR) else finest
