"""Filters that are asked of rows at their own time, where the periods at which they are looked at have another.

A running total is the metric over rows so far: a filter on `metric_time` chooses rows, as it does for the metric itself, and not the periods alone.
"""

from __future__ import annotations

import msgspec

from app.model.expr import Binary, Expr, Field
from app.model.query import TimeRange
from app.model.types import Grain
from app.plan.ranges import first_moment
from app.plan.rows import RowsBuilder
from app.sql.expressions.walk import replace_leaves
from app.sql.joins.graph import METRIC_TIME

_OWN, _RAW = ("\0own",), ("\0own", "raw")


def at_own_time(where: Expr | None) -> Expr | None:
    """The filter with every name meant of the rows themselves."""

    def own(leaf: Expr) -> Expr:
        return msgspec.structs.replace(leaf, kind="metric", group_by=_OWN) if isinstance(leaf, Field) and leaf.kind != "metric" else leaf

    return None if where is None else replace_leaves(where, own)


def since(time: TimeRange) -> Expr | None:
    """That rows lie in the range from its start on, whatever periods they are looked at in; None where it has no start."""
    first = first_moment(time)
    return Binary(">=", Field(METRIC_TIME, "metric", grain=Grain.DAY.value, group_by=_RAW), first) if first is not None else None


def is_own(field: Field) -> bool:
    """Whether the field is a name that `at_own_time` or `since` has marked."""
    return field.group_by in (_OWN, _RAW)


def own_value(rows: RowsBuilder, field: Field) -> Expr:
    """What a marked name is over the columns of these rows."""
    if field.group_by == _RAW:
        return rows.own_time()
    plain = msgspec.structs.replace(field, kind="dimension", group_by=())
    reached = None if field.name == METRIC_TIME and not field.path else rows.graph.resolve(rows.base.name, field.name, field.path)
    if reached is None or (reached.time is not None and not reached.hops and reached.time is rows.agg_time):
        own = rows.own_time()
        return own if rows.agg_time is None else rows.times.at(own, rows.agg_time, plain)
    return rows.reference(plain)
