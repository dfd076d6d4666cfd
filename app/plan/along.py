"""A timeline in a step of its own: the clock's periods, with what a query says of time placed on them."""

from __future__ import annotations

from app.model.expr import Column, Expr, Field
from app.model.plan import Named
from app.model.query import GroupBy, TimeRange
from app.plan.draft import Draft
from app.plan.leaves import Asked, Leaf, agg_time, only_time
from app.plan.ranges import time_filter
from app.plan.rows import as_field
from app.plan.scans import Scans
from app.plan.timeline import Ends, Timeline
from app.plan.times import Times
from app.sql.expressions.coerce import coerced_condition
from app.sql.expressions.infer import Types, infer
from app.sql.expressions.walk import conjunction, conjuncts, replace_leaves


class Along:
    """The scans of such a step; the caller may join more to them."""

    def __init__(self, draft: Draft, leaf: Leaf, unit: str, ends: Ends | None = None) -> None:
        self.scans = Scans(draft)
        self.timeline = Timeline(self.scans, unit, ends)
        self._ends = ends
        self._times, self._graph, self._leaf = Times(self.scans), draft.graph, leaf
        self._dimension = agg_time(leaf, draft.graph)

    def at(self, item: GroupBy | Field) -> Expr:
        """The clock at the grain or date part of an item."""
        field = Field(item.name, grain=item.grain, date_part=item.date_part)
        return self.timeline.clock if self._dimension is None else self._times.at(self.timeline.clock, self._dimension, field)

    def key(self, item: GroupBy) -> Named:
        """A group-by item of time under its name; the ends of periods have it."""
        expr = self.at(item) if self._ends is None else self.scans.column(self.timeline.alias, item.column)
        return Named(item.column, expr, infer(expr, self.scans.type_of))

    def filter(self, where: Expr | None) -> Expr | None:
        """A filter that speaks of time alone."""

        def placed(node: Expr) -> Expr:
            if isinstance(node, Field):
                return self.at(node)
            return self.at(as_field(node, self._graph)) if isinstance(node, Column) else node

        return None if where is None else coerced_condition(replace_leaves(where, placed), self.scans.type_of)

    def within(self, asked: Asked) -> Expr | None:
        """What the leaf's filter says of time alone, and the query's range; the ends of periods are those within them."""
        if self._ends is not None:
            return None
        where = conjunction(*(c for c in conjuncts(self._leaf.where) if only_time(c, self._leaf, self._graph)))
        bounded = None if asked.time is None else ranged(self.timeline, self.scans.type_of, asked.time, self._leaf)
        return conjunction(self.filter(where), bounded)


def ranged(timeline: Timeline, types: Types, time: TimeRange, leaf: Leaf) -> Expr | None:
    """The query's range on a timeline. Of a cumulative metric with an offset it bounds the days to which the offset leads as well (as in MetricFlow)."""
    within = time_filter(timeline.clock, infer(timeline.clock, types), time)
    if leaf.span is None or not leaf.offsets:
        return within
    return conjunction(within, time_filter(timeline.moment, infer(timeline.moment, types), time))
