"""The ends of periods: where the last day stands for a longer period, running totals over all time are looked at on these days alone.

What there was on any day is there on all days that follow, so no group is missed; over a window a group may be gone by the period's last day.
"""

from __future__ import annotations

from app.model.plan import Aggregate, Aggregated
from app.model.types import Aggregation
from app.plan.along import Along
from app.plan.draft import Draft
from app.plan.leaves import Asked, Leaf, is_separable, timed
from app.plan.timeline import Ends, Span
from app.sql.expressions.infer import infer


def are_enough(draft: Draft, asked: Asked, leaf: Leaf) -> bool:
    """Whether the ends of the periods that are asked for tell all of a leaf that is looked at by shorter ones."""
    keys = timed(asked.keys, leaf, draft.graph)
    if leaf.span != Span() or leaf.offsets or leaf.non_additive is not None or (keys and (leaf.on_spine or leaf.period_agg != "last")):
        return False
    return is_separable(leaf, draft.graph)


def period_ends(draft: Draft, asked: Asked, leaf: Leaf, unit: str) -> Ends:
    """The step with the last `unit` of each period, made once for all leaves that need it."""
    own = timed(asked.keys, leaf, draft.graph)

    def make() -> Ends:
        along = Along(draft, leaf, unit)
        now, last = along.timeline.clock, draft.column(f"last_{unit}")
        kind = infer(now, along.scans.type_of)
        keys, where = tuple(along.key(item) for item in own), along.within(asked)
        end = Aggregated(last, Aggregation.MAX, now, kind, kind)
        return Ends(draft.add(Aggregate(draft.name("period_ends"), along.scans.finish(where), keys, (end,))), last)

    return draft.once(("ends", own, leaf.where, asked.time, leaf.agg_time, unit), make)
